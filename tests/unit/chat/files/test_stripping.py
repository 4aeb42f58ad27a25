"""What a camera writes besides the picture is gone, and the picture is as it was."""

import io

import pytest
from chat.files.stripping import Broken, stripped
from PIL import Image, ImageSequence

from tests.unit.chat.files.pictures import DEVICE, PLACE, opened, picture

FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]


@pytest.mark.parametrize("format", FORMATS)
def test_no_place_and_no_device_is_left_and_every_pixel_is(format: str) -> None:
    data = picture(format)
    assert PLACE in data
    clean = stripped(f"image/{format.lower()}", data)
    assert PLACE not in clean
    assert DEVICE not in clean
    assert opened(clean).convert("RGB").tobytes() == opened(data).convert("RGB").tobytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_which_way_is_up_stays(format: str, orientation: int) -> None:
    # A lossless WebP has no VP8X before there is EXIF, and `picture` writes some.
    clean = stripped(f"image/{format.lower()}", picture(format, orientation=orientation), orientation)
    assert opened(clean).getexif()[0x0112] == orientation
    assert PLACE not in clean


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_hidden_behind_a_picture_goes(format: str) -> None:
    """Telephones put a film there, or a second picture."""
    data = picture(format) + b"ftyp a film, taken at " + PLACE
    assert PLACE not in stripped(f"image/{format.lower()}", data)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_a_film_goes_on_moving(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    made = io.BytesIO()
    frames[0].save(made, format, save_all=True, append_images=frames[1:], duration=50, loop=0)
    clean = opened(stripped(f"image/{format.lower()}", made.getvalue()))
    shown = [frame.convert("RGB").getpixel((4, 4)) for frame in ImageSequence.Iterator(clean)]
    assert len(shown) == 3
    assert clean.info["loop"] == 0
    assert len(set(shown)) == 3


def test_a_colour_profile_stays_in_a_jpeg_of_many_scans() -> None:
    data = picture("JPEG", (300, 200), progressive=True, icc_profile=b"a profile of colours" * 10)
    clean = opened(stripped("image/jpeg", data))
    assert clean.info["icc_profile"] == b"a profile of colours" * 10
    assert clean.tobytes() == opened(data).tobytes()


@pytest.mark.parametrize("format", FORMATS)
def test_what_ends_in_the_middle_is_broken(format: str) -> None:
    """Wherever that is, and nothing is read for ever."""
    data = picture(format)
    for end in range(13, len(data) - 1, 7):
        try:
            stripped(f"image/{format.lower()}", data[:end])
        except Broken:
            continue
        assert format == "WEBP", end  # it may end after a chunk
