"""Pictures as cameras and programs write them, with what they say besides."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

PLACE, DEVICE = b"48.8584 N, 2.2945 E", b"A Camera 3000"


def picture(format: str, size: tuple[int, int] = (40, 20), orientation: int = 1, **more: Any) -> bytes:
    """A picture that is red on the left and blue on the right, with a place and a device in it."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0110] = DEVICE.decode()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[29] = PLACE.decode()
    made = io.BytesIO()
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", PLACE.decode())
        text.add_itxt("XML:com.adobe.xmp", PLACE.decode())
        more["pnginfo"] = text
    if format == "GIF":
        image.save(made, "GIF", comment=PLACE + DEVICE, **more)
        return made.getvalue()
    if format == "JPEG":
        more["comment"] = PLACE
    image.save(made, format, exif=exif, **more)
    return made.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of grey pixels, with whatever is in place of its compressed rows."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    about = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", about)
    return head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
