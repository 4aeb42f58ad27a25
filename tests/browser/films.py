"""A film and a sound to play, made here: a WebM (RFC 9559) of equal pictures, and a WAV of silence."""

import base64
import struct

from tests.browser.files import Given

# A key frame of 64 by 48 pixels of one colour in VP8, as libvpx encodes it.
PICTURE = base64.b64decode("UAMAnQEqQAAwAABHCIWFiIWEiAICAnWqA/gCBwjVZ5mPN9IA/vKpf/z8zu3F/Vb/8c2+ObfHNv+NXA==")
PICTURES_PER_SECOND = 5
SAMPLES_PER_SECOND = 8000


def sound(name: str, seconds: int) -> Given:
    """Silence."""
    samples = b"\x80" * SAMPLES_PER_SECOND * seconds
    about = (1, 1, SAMPLES_PER_SECOND, SAMPLES_PER_SECOND, 1, 8)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, *about)
    wav = head + struct.pack("<4sI", b"data", len(samples)) + samples
    return {"name": name, "mimeType": "audio/wav", "buffer": wav}


def film(name: str, seconds: int, gap: int = 0) -> Given:
    """A film whose second half comes after `gap` bytes of nothing: who goes there asks for a part of it."""
    milliseconds = seconds * 1000
    versions = ((0x4287, 4), (0x4285, 2), (0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8))
    head = _element(0x1A45DFA3, _element(0x4282, b"webm"), *(_number(id, each) for id, each in versions))
    about = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000),  # all times are in milliseconds
        _element(0x4489, struct.pack(">d", milliseconds)),
        _element(0x4D80, b"tests"),
        _element(0x5741, b"tests"),
    )
    size = _element(0xE0, _number(0xB0, 64), _number(0xBA, 48))
    track = _element(
        0xAE, _number(0xD7, 1), _number(0x73C5, 1), _number(0x83, 1), _element(0x86, b"V_VP8"), size
    )
    tracks = _element(0x1654AE6B, track)
    half = milliseconds // 2
    first, second = _cluster(0, half), _cluster(half, milliseconds)
    between = _element(0xEC, bytes(gap))
    start = len(about + tracks + _cues(0, 0, 0))
    cues = _cues(half, start, start + len(first + between))
    webm = head + _element(0x18538067, about, tracks, cues, first, between, second)
    return {"name": name, "mimeType": "video/webm", "buffer": webm}


def _cues(half: int, first: int, second: int) -> bytes:
    """Where the two halves are, in bytes from the segment's beginning."""
    places = ((0, first), (half, second))
    points = (
        _element(0xBB, _number(0xB3, time), _element(0xB7, _number(0xF7, 1), _number(0xF1, place)))
        for time, place in places
    )
    return _element(0x1C53BB6B, *points)


def _cluster(start: int, end: int) -> bytes:
    times = range(0, end - start, 1000 // PICTURES_PER_SECOND)
    pictures = (_element(0xA3, struct.pack(">BhB", 0x81, time, 0x80), PICTURE) for time in times)
    return _element(0x1F43B675, _number(0xE7, start), *pictures)


def _number(id: int, value: int) -> bytes:
    return _element(id, struct.pack(">Q", value))


def _element(id: int, *content: bytes) -> bytes:
    """An element of EBML (RFC 8794), with a length of eight bytes."""
    within = b"".join(content)
    return id.to_bytes((id.bit_length() + 7) // 8) + struct.pack(">Q", len(within) | 1 << 56) + within
