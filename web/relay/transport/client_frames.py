"""What came over a WebSocket and was not taken yet, cut into frames (RFC 6455, section 5.2).

A client's frames are nearly all alike: a text, whole, masked. The text of such a frame is taken out here, in
0.9 µs; by the parser of `websockets` it is 2.2. All other frames are the parser's, each in one piece. So the
parser keeps nothing of a frame, and each may be given to it or not.
"""

from __future__ import annotations

from typing import NamedTuple

from websockets.speedups import apply_mask

WHOLE_TEXT = 0x81
"""First byte of a frame that is a whole text."""
MASKED = 0x80
"""In the second byte, with the length."""


class ClientFrame(NamedTuple):
    """A frame, from `begin` to `end` of `data`. `payload`: where its payload begins. `whole`: whether all of
    it is there."""

    data: bytes | bytearray
    begin: int
    payload: int
    end: int
    whole: bool

    @property
    def raw(self) -> bytes:
        """The frame as it came."""
        return bytes(self.data[self.begin : self.end])

    @property
    def text(self) -> str | None:
        """The text of the usual frame; None of any other, and of text that is not UTF-8."""
        data, begin, payload, end, whole = self
        if not whole or data[begin] != WHOLE_TEXT or not data[begin + 1] & MASKED:
            return None
        try:
            return apply_mask(data[payload:end], data[payload - 4 : payload]).decode()
        except UnicodeDecodeError:
            return None


class ClientFrames:
    """The bytes that came over one connection, and which of them were taken."""

    __slots__ = ("_data", "_most", "_taken")

    def __init__(self, most: int) -> None:
        """`most`: bytes that a frame's payload may have."""
        self._most = most
        self._data: bytes | bytearray = b""
        self._taken = 0

    def __len__(self) -> int:
        """Return how many bytes were not taken."""
        return len(self._data) - self._taken

    def add(self, data: bytes) -> None:
        """Add what came."""
        if not self._data:
            self._data = data
            return
        if self._taken or isinstance(self._data, bytes):
            # A bytearray is not copied for each piece in which a frame comes.
            self._data, self._taken = bytearray(self._data[self._taken :]), 0
        self._data += data

    def clear(self) -> None:
        """Forget what was not taken."""
        self._data, self._taken = b"", 0

    def next(self) -> ClientFrame | None:
        """Return the next frame, if it came whole, without taking it. One that is too large is returned as
        far as it came, since its beginning says so already."""
        data, begin = self._data, self._taken
        came = len(data) - begin
        if came < 2:
            return None
        size, payload = data[begin + 1] & 0x7F, begin + 2
        if size > 125:
            extended = 2 if size == 126 else 8
            if came < 2 + extended:
                return None
            size = int.from_bytes(data[payload : payload + extended], "big")
            payload += extended
        if data[begin + 1] & MASKED:
            payload += 4
        if size > self._most:
            return ClientFrame(data, begin, payload, len(data), whole=False)
        end = payload + size
        return ClientFrame(data, begin, payload, end, whole=True) if end <= len(data) else None

    def take(self) -> ClientFrame | None:
        """Return the next frame as `next` does, and take it. Nothing is kept of the last."""
        frame = self.next()
        if frame is not None:
            self._taken = frame.end
            if frame.end == len(self._data):
                self.clear()
        return frame
