"""Images are looked at by a process of their own, which has limits."""

import zlib
from collections.abc import AsyncIterator

import pytest
from chat.domain.refusals import Refused
from chat.files.images import Images, Made

from tests.unit.chat.files.pictures import DEVICE, PLACE, opened, picture, png


async def make(kind: str, data: bytes) -> tuple[Made, bytes]:
    """What is made of an image, and what is kept of it."""
    kept = b""

    async def keep(image: AsyncIterator[bytes]) -> int:
        nonlocal kept
        async for chunk in image:
            kept += chunk
        return len(kept)

    async def source() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 65536):
            yield data[at : at + 65536]

    return await Images().make(kind, source(), keep), kept


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_an_image_has_a_size_and_a_thumbnail_and_no_place(format: str) -> None:
    made, kept = await make(f"image/{format.lower()}", picture(format, (1600, 900)))
    assert (made.width, made.height, made.size) == (1600, 900, len(kept))
    assert opened(made.thumbnail).size == (720, 405)
    for data in (kept, made.thumbnail):
        assert PLACE not in data
        assert DEVICE not in data


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
async def test_an_image_that_was_taken_sideways_is_shown_upright(format: str) -> None:
    """6: what is left in the file belongs on top."""
    made, kept = await make(f"image/{format.lower()}", picture(format, (1000, 500), orientation=6))
    assert (made.width, made.height) == (500, 1000)
    thumbnail = opened(made.thumbnail).convert("RGB")
    assert thumbnail.size == (360, 720)
    top, bottom = thumbnail.getpixel((180, 20)), thumbnail.getpixel((180, 700))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 50 > top[2]
    assert bottom[2] > 200 > 50 > bottom[0]
    assert opened(kept).getexif()[0x0112] == 6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(60_000, 60_000, zlib.compress(b"\0" * 1000)), "image_pixels"),
        (png(4000, 4000, zlib.compress(b"\0" * 1000)), "image_broken"),
        (picture("PNG")[:200], "image_broken"),
        (b"\x89PNG\r\n\x1a\n<svg onload=alert(1)>", "image_broken"),
    ],
)
async def test_a_bomb_and_what_is_no_image_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        await make("image/png", data)
    assert refused.value.values["reason"] == reason


async def test_the_largest_image_that_is_taken_has_room() -> None:
    made, _ = await make("image/png", png(8000, 6500, zlib.compress(b"\0" * (8001 * 6500), 1)))
    assert (made.width, made.height) == (8000, 6500)
