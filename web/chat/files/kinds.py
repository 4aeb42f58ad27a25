"""The kinds of files: found by how their content begins, never by their names.

A file of a kind that is not listed here is some bytes to the chat: it is only ever downloaded. So is a page,
a script or a drawing in SVG, whatever it is called.
"""

from collections.abc import Collection

HEAD = 4096
"""Bytes by which a kind is found."""
BYTES = "application/octet-stream"
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""Kinds of which the metadata is removed, and a thumbnail is made."""
SHOWN = (
    *IMAGES,
    "audio/mpeg",
    "audio/ogg",
    "audio/flac",
    "audio/wav",
    "audio/mp4",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
)
"""Kinds that a browser shows or plays where they are. Nothing in them runs."""
BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"fLaC": "audio/flac",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"\xff\xf2": "audio/mpeg",
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
}


def kind_of(head: bytes) -> str:
    """Return the kind of a file that begins with these bytes, of which there should be HEAD."""
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], BYTES)
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head else "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else BYTES
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    return BYTES


def is_allowed(kind: str, allowed: Collection[str]) -> bool:
    """Return whether a kind is among those that are allowed, such as `application/pdf` or `image/*`. All are
    if there are none."""
    return not allowed or kind in allowed or f"{kind.partition('/')[0]}/*" in allowed


def _of_brand(brand: bytes) -> str:
    """Return the kind of a file of ISO/IEC 14496-12. Its images, HEIC and AVIF, are some bytes."""
    if brand == b"qt  ":
        return "video/quicktime"
    if brand[:3] in (b"M4A", b"M4B"):
        return "audio/mp4"
    if brand[:3] in (b"iso", b"mp4", b"avc", b"M4V", b"das", b"3gp"):
        return "video/mp4"
    return BYTES
