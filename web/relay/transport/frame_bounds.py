"""Where a WebSocket's frames begin and end (RFC 6455, section 5.2), and the text of the usual one.

A client's frames are nearly all alike: a text, whole, masked. The text of such a frame is taken out here, at
a tenth of what the parser of `websockets` takes. All other frames are the parser's, each in one piece.
"""

from __future__ import annotations

from typing import NamedTuple

from websockets.speedups import apply_mask

WHOLE_TEXT = 0x81
"""First byte of a frame that is a whole text."""
MASKED = 0x80
"""In the second byte, with the length."""


class Bounds(NamedTuple):
    """Where a frame's payload begins, and where the frame ends, in what came. `size`: bytes of its
    payload."""

    payload: int
    end: int
    size: int


def bounds_of(data: bytes | bytearray, begin: int) -> Bounds | None:
    """Return the bounds of the frame that begins at `begin`. It may end behind what came. None if too little
    of it came to tell."""
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
    return Bounds(payload, payload + size, size)


def text_of(data: bytes | bytearray, begin: int, bounds: Bounds) -> str | None:
    """Return the text of a frame that came whole. None if it is not the usual frame, or not UTF-8."""
    if data[begin] != WHOLE_TEXT or not data[begin + 1] & MASKED:
        return None
    payload, end, _ = bounds
    try:
        return apply_mask(data[payload:end], data[payload - 4 : payload]).decode()
    except UnicodeDecodeError:
        return None
