"""Frames: outgoing Engine.IO packets, each encoded once as the WebSocket frame that every recipient gets.

A server does not mask its frames (RFC 6455, section 5.1), so their bytes are the same for all.
"""

from __future__ import annotations

from engineio import packet as engine
from socketio import packet as socketio

from relay.delivery.buffers import Piece

_EVENT = f"{engine.MESSAGE}{socketio.EVENT}".encode()


class Frame(Piece):
    """A packet as a WebSocket frame; what polling sends is a part of the same bytes. `volatile`: may be
    skipped for clients whose send buffer is above the soft limit. `skip`: sids of members that do not get
    it."""

    __slots__ = ("_begin", "skip", "volatile")

    def __init__(self, payload: bytes, *, volatile: bool = False, skip: frozenset[str] = frozenset()) -> None:
        super().__init__(text_frame(payload))
        self._begin = len(self.data) - len(payload)
        self.volatile = volatile
        self.skip = skip

    @classmethod
    def of(cls, packet: engine.Packet) -> Frame:
        """Return the frame of an Engine.IO packet."""
        return cls(packet.encode().encode())

    @classmethod
    def event(
        cls,
        encoded: bytes,
        namespace: str = "/",
        *,
        volatile: bool = False,
        skip: frozenset[str] = frozenset(),
    ) -> Frame:
        """Return the frame of an event that needs no answer. `encoded`: a JSON array of its name and its
        arguments."""
        if namespace != "/":
            encoded = b"%b,%b" % (namespace.encode(), encoded)
        return cls(_EVENT + encoded, volatile=volatile, skip=skip)

    @property
    def packet(self) -> bytes:
        """The packet itself, as polling sends it."""
        return self.data[self._begin :]


class Batch(Piece):
    """Frames that are written to a session at once."""

    __slots__ = ("_required", "frames")

    def __init__(self, frames: list[Frame]) -> None:
        self.frames = frames
        super().__init__(frames[0].data if len(frames) == 1 else b"".join([frame.data for frame in frames]))
        self._required: Batch | None = None

    @property
    def required(self) -> Batch:
        """The batch without its volatile frames."""
        if self._required is None:
            required = [frame for frame in self.frames if not frame.volatile]
            self._required = self if len(required) == len(self.frames) else Batch(required)
        return self._required


def text_frame(payload: bytes) -> bytes:
    """Return `payload`, UTF-8, as one unmasked WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1, "big") + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
