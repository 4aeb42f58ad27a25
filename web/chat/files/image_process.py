"""The process in which images are decoded: one for each image, with limits on memory, time and pixels.

It reads a whole image from its standard input. Its answer is one line of JSON: `{width, height, thumbnail}`,
the size as it is seen and the bytes of the thumbnail, and then the thumbnail and the image without its
metadata; or `{"refused": reason}`. It imports nothing of the chat but stripping.py, and of Pillow no other
decoders than those of the four kinds. A decoder that is tricked by an image has a process without files,
network addresses and secrets that would be of use.
"""

import io
import json
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from chat.files.stripping import stripped

MEMORY = 448 << 20
"""Bytes of addresses, the program's own 100 MiB among them."""
SECONDS = 20
"""Of processor time."""
PIXELS = 50 << 20
"""Of an image: more than telephones' cameras make, 8192 × 6400."""
SIDE = 720
"""Pixels of a thumbnail's longer side, at most: twice what the page shows."""
QUALITY = 78
PROFILE = 4096
"""Bytes of a colour profile that a thumbnail keeps."""
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes an image upright, by its orientation. From 5 on width and height change places."""
READERS: dict[str, Callable[[io.BytesIO], Image.Image]] = {
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/png": PngImagePlugin.PngImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
}


class NotTaken(Exception):
    """The reason why an image is not taken."""


def made(kind: str, data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Return an image's size as it is seen, its thumbnail, and the image without its metadata. Raises
    NotTaken."""
    Image.MAX_IMAGE_PIXELS = None  # counted below
    try:
        with READERS[kind](io.BytesIO(data)) as image:
            if image.width * image.height > PIXELS:
                raise NotTaken("pixels")
            turned = image.getexif().get(ORIENTATION, 1)
            orientation = turned if isinstance(turned, int) and 1 <= turned <= 8 else 1
            clean = stripped(kind, data, orientation)
            size = image.size[::-1] if orientation > 4 else image.size
            profile = image.info.get("icc_profile") or b""
            if kind == "image/jpeg":
                image.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = _small(image)
            upright = small.transpose(TURNS[orientation]) if orientation in TURNS else small
            thumbnail = io.BytesIO()
            kept = profile if len(profile) <= PROFILE else b""
            upright.save(thumbnail, "WEBP", quality=QUALITY, icc_profile=kept, exif=b"", xmp=b"")
    except NotTaken:
        raise
    except MemoryError:
        raise NotTaken("pixels") from None
    except Exception:
        # Whatever a decoder says of what somebody sent: it is no image that can be shown.
        raise NotTaken("broken") from None
    return {"width": size[0], "height": size[1]}, thumbnail.getvalue(), clean


def _small(image: Image.Image) -> Image.Image:
    """Return the image with as many pixels as a thumbnail has at most, in colours that WebP has. Where that
    can be, it is made smaller before anything else, since a copy of it may not have room."""
    colours = "RGBA" if image.has_transparency_data else "RGB"
    small = image if image.mode in ("L", "RGB", "RGBA") else image.convert(colours)
    small.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return small.convert(colours)


def limit() -> None:
    """Take from this process what it may not have."""
    # Where the container has no memory left, this process is what the kernel ends, and no worker.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def main() -> None:
    limit()
    data = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        size, thumbnail, clean = made(sys.argv[1], data)
    except NotTaken as refused:
        out.write(json.dumps({"refused": str(refused)}).encode() + b"\n")
    else:
        out.write(json.dumps({**size, "thumbnail": len(thumbnail)}).encode() + b"\n")
        out.write(thumbnail)
        out.write(clean)
    out.flush()


if __name__ == "__main__":
    main()
