"""Metadata: taken out of images, without decoding them. What is seen stays as it was, bit by bit.

What a camera writes besides the picture tells where it was taken, and by whose device. Only what is needed to
show the picture stays: its size, its colours, which way is up, and what moves in it. What follows the end of
an image goes too: some phones put a second picture or a film there, with metadata of their own.

Runs in the images' own process (image_process.py), and imports nothing but the standard library.
"""

import struct
from collections.abc import Iterator

JPEG_KEPT = {0xE0, 0xE2, 0xEE}
"""Of the application's segments: JFIF, the colour profile, and Adobe's, which says what the colours mean."""
PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP"),
    *(b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
WEBP_METADATA = 0x08 | 0x04
"""The flags of VP8X that say that there is EXIF or XMP."""
LOOP = b"NETSCAPE2.0", b"ANIMEXTS1.0"
"""GIF's extensions that say how often a film is shown."""


class Broken(Exception):
    """It is not what its beginning says, or it ends in the middle."""


def stripped(kind: str, data: bytes, orientation: int = 1) -> bytes:
    """Return an image without its metadata. `orientation`: as EXIF has it, 1 to 8; written into a JPEG, PNG
    or WebP again if it is not 1. Raises Broken."""
    make = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp, "image/gif": _gif}[kind]
    try:
        return b"".join(make(data, orientation if 1 < orientation < 9 else 0))
    except (IndexError, struct.error):
        raise Broken from None


def exif(orientation: int) -> bytes:
    """Return EXIF that says which way is up, and nothing else (TIFF 6.0: a directory of one entry)."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def _jpeg(data: bytes, orientation: int) -> Iterator[bytes]:
    yield data[:2]
    if orientation:
        body = b"Exif\0\0" + exif(orientation)
        yield b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Broken
        marker = data[at + 1]
        if marker == 0xFF:  # a byte that fills
            at += 1
            continue
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise Broken
        metadata = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not metadata or (marker in JPEG_KEPT and _is_known(data, at)):
            yield data[at:end]
        at = end
        if marker == 0xDA:
            at = _end_of_scan(data, end)
            yield data[end:at]


def _is_known(data: bytes, at: int) -> bool:
    """Return whether an application's segment is of those that belong to the picture, and no other that has
    its marker, such as the pictures behind the first one (MPF)."""
    return data[at + 4 : at + 16].startswith((b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"))


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker is that is none of the compressed data's own."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise Broken
        if data[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _png(data: bytes, orientation: int) -> Iterator[bytes]:
    yield data[:8]
    at = 8
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise Broken
        if name in PNG_KEPT:
            yield data[at:end]
        if name == b"IHDR" and orientation:
            from zlib import crc32

            body = b"eXIf" + exif(orientation)
            yield struct.pack(">I", len(body) - 4) + body + struct.pack(">I", crc32(body))
        if name == b"IEND":
            return
        at = end


def _webp(data: bytes, orientation: int) -> Iterator[bytes]:
    (size,) = struct.unpack_from("<I", data, 4)
    stop = min(len(data), 8 + size)
    chunks = []
    at = 12
    while at + 8 <= stop:
        name = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + length
        if end > len(data):
            raise Broken
        if name == b"VP8X":
            flags = data[at + 8] & ~WEBP_METADATA | (0x08 if orientation else 0)
            chunks.append(data[at : at + 8] + bytes([flags]) + data[at + 9 : end])
        elif name in WEBP_KEPT:
            chunks.append(data[at:end] + b"\0" * (length % 2))
        at = end + length % 2
    if not chunks:
        raise Broken
    if orientation and chunks[0].startswith(b"VP8X"):
        body = exif(orientation)
        chunks.append(b"EXIF" + struct.pack("<I", len(body)) + body)
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, chunks))) + b"WEBP"
    yield from chunks


def _gif(data: bytes, orientation: int) -> Iterator[bytes]:
    """GIF has no orientation."""
    at = 13 + _colours(data[10])
    yield data[:at]
    while True:
        block = data[at]
        if block == 0x3B:
            yield b";"
            return
        if block == 0x2C:
            end = _blocks(data, at + 11 + _colours(data[at + 9]))
            keep = True
        elif block == 0x21:
            end = _blocks(data, at + 2)
            keep = data[at + 1] == 0xF9 or (data[at + 1] == 0xFF and data[at + 3 : at + 14] in LOOP)
        else:
            raise Broken
        if keep:
            yield data[at:end]
        at = end


def _colours(flags: int) -> int:
    """Return the bytes of a table of colours, by the flags that announce it."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Return where a chain of blocks ends that begins here."""
    while length := data[at]:
        at += 1 + length
    return at + 1
