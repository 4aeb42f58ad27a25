"""Frames: outgoing Engine.IO packets, each encoded once as the WebSocket frame that every recipient gets.

A server does not mask its frames (RFC 6455, section 5.1), so their bytes are the same for all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from engineio import packet as engine
from socketio import packet as socketio

from relay.delivery.binary import Attached, encode_event
from relay.delivery.buffers import Piece

_EVENT = f"{engine.MESSAGE}{socketio.EVENT}".encode()
_BINARY_EVENT = f"{engine.MESSAGE}{socketio.BINARY_EVENT}".encode()
_ACK = f"{engine.MESSAGE}{socketio.ACK}".encode()
_BINARY_ACK = f"{engine.MESSAGE}{socketio.BINARY_ACK}".encode()

TEXT, BINARY = b"\x81", b"\x82"
"""First byte of a WebSocket frame that is a whole message."""
SEPARATOR = b"\x1e"
"""Stands between two packets in an answer to a poll."""


class Frame(Piece):
    """A packet as a WebSocket frame; what polling sends is a part of the same bytes. `volatile`: may be
    skipped for clients whose send buffer is above the soft limit. `skip`: sids of members that do not get
    it."""

    __slots__ = ("_begin", "skip", "volatile")

    packets = 1
    """How many Engine.IO packets it is."""

    def __init__(self, payload: bytes, *, volatile: bool = False, skip: frozenset[str] = frozenset()) -> None:
        super().__init__(websocket_frame(payload))
        self._begin = len(self.data) - len(payload)
        self.volatile = volatile
        self.skip = skip

    @classmethod
    def of(cls, packet: engine.Packet) -> Frame:
        """Return the frame of an Engine.IO packet."""
        if packet.binary:
            return FrameWithAttachments(b"", [packet.data])
        payload = packet.encode().encode()
        if isinstance(packet.data, Attached):
            return FrameWithAttachments(payload, packet.data.attachments)
        return cls(payload)

    @classmethod
    def event(
        cls,
        encoded: bytes,
        namespace: str = "/",
        attachments: Sequence[bytes] = (),
        *,
        volatile: bool = False,
        skip: frozenset[str] = frozenset(),
    ) -> Frame:
        """Return the frame of an event that needs no answer. `encoded`: a JSON array of its name and its
        arguments, with placeholders for `attachments`."""
        if namespace != "/":
            encoded = b"%b,%b" % (namespace.encode(), encoded)
        if not attachments:
            return cls(_EVENT + encoded, volatile=volatile, skip=skip)
        payload = b"%b%d-%b" % (_BINARY_EVENT, len(attachments), encoded)
        return FrameWithAttachments(payload, attachments, volatile=volatile, skip=skip)

    @classmethod
    def ack(cls, id: int, arguments: Sequence[Any], namespace: str = "/") -> Frame:
        """Return the frame of the answer to an event. `arguments` may hold bytes. Raises as encode_event
        does."""
        encoded, attachments = encode_event(arguments)
        place = b"" if namespace == "/" else namespace.encode() + b","
        if not attachments:
            return cls(b"%b%b%d%b" % (_ACK, place, id, encoded))
        payload = b"%b%d-%b%d%b" % (_BINARY_ACK, len(attachments), place, id, encoded)
        return FrameWithAttachments(payload, attachments)

    @property
    def packet(self) -> bytes:
        """The packet itself, as polling sends it."""
        return self.data[self._begin :]


class FrameWithAttachments(Frame):
    """A packet and its attachments: a text frame, and a binary frame for each attachment. They are one piece,
    so that nothing gets in between. What polling sends is encoded for each answer."""

    __slots__ = ("_attachments", "_end")

    def __init__(
        self,
        payload: bytes,
        attachments: Sequence[bytes],
        *,
        volatile: bool = False,
        skip: frozenset[str] = frozenset(),
    ) -> None:
        """`payload`: empty for a binary message of Engine.IO by itself."""
        super().__init__(payload, volatile=volatile, skip=skip)
        frames = [self.data] if payload else []
        self._end = end = len(self.data) if payload else 0
        self._attachments = []
        for attachment in attachments:
            frames.append(websocket_frame(attachment, BINARY))
            end += len(frames[-1])
            self._attachments.append(slice(end - len(attachment), end))
        self.data = b"".join(frames)

    @property
    def packets(self) -> int:  # type: ignore[override]
        """How many Engine.IO packets it is."""
        return len(self._attachments) + (self._end > 0)

    @property
    def packet(self) -> bytes:
        """The packet and its attachments, as polling sends them: a third larger."""
        text = [self.data[self._begin : self._end]] if self._end else []
        return SEPARATOR.join([*text, *(b"b" + b64encode(self.data[part]) for part in self._attachments)])


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


def websocket_frame(payload: bytes, first: bytes = TEXT) -> bytes:
    """Return `payload`, UTF-8 if it is a text, as one unmasked WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return first + size.to_bytes(1, "big") + payload
    if size < 65536:
        return first + b"\x7e" + size.to_bytes(2, "big") + payload
    return first + b"\x7f" + size.to_bytes(8, "big") + payload
