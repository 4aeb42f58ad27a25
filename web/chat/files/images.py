"""Images: each is looked at by a process of its own; see image_process.py."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from chat.domain.refusals import Refused

MAX_BYTES = 40 << 20
"""Of an image. Its process has all of it in memory."""
PATIENCE = 60
"""Seconds for all: reading the image, looking at it, and keeping what is made of it."""
CHUNK = 64 * 1024
MODULES = str(Path(__file__).parents[2])

Keep = Callable[[AsyncIterator[bytes]], Awaitable[int]]
"""Keeps what comes, and returns how many bytes that were."""


class Made(NamedTuple):
    """What was made of an image: its size as it is seen, in pixels; how many bytes were kept of it; and its
    thumbnail, a WebP."""

    width: int
    height: int
    size: int
    thumbnail: bytes


class Images:
    """One image at a time of a worker's: two would be half of its memory."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def make(self, kind: str, image: AsyncIterator[bytes], keep: Keep) -> Made:
        """Have an image looked at, and `keep` it without its metadata. Raises Refused if it is none, and what
        `image` and `keep` raise."""
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "chat.files.image_process", kind),
                env={"PYTHONPATH": MODULES},
                stdin=PIPE,
                stdout=PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(PATIENCE):
                    return await _made(process, image, keep)
            except TimeoutError:
                raise broken() from None
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


def too_large() -> Refused:
    """Return the refusal of an image that is larger than MAX_BYTES."""
    detail = f"The image has more than {MAX_BYTES >> 20} MB. Send it in an archive."
    return Refused("invalid", detail, reason="image_bytes", megabytes=MAX_BYTES >> 20)


def broken() -> Refused:
    """Return the refusal of what begins like an image and is none."""
    return Refused(
        "invalid", "The file begins like an image, and can't be read as one.", reason="image_broken"
    )


def too_many_pixels() -> Refused:
    """Return the refusal of an image that takes too much memory."""
    return Refused("invalid", "The image has more than 50 million pixels.", reason="image_pixels")


async def _made(process: Process, image: AsyncIterator[bytes], keep: Keep) -> Made:
    assert process.stdin is not None
    assert process.stdout is not None
    out = process.stdout
    with suppress(ConnectionError):  # it has ended: what it said is read below
        async for chunk in image:
            process.stdin.write(chunk)
            await process.stdin.drain()
    process.stdin.close()
    line = await out.readline()
    if not line:  # it was ended, by one of its limits
        raise broken()
    about = json.loads(line)
    if "refused" in about:
        raise too_many_pixels() if about["refused"] == "pixels" else broken()
    thumbnail = await out.readexactly(about["thumbnail"])

    async def rest() -> AsyncIterator[bytes]:
        while chunk := await out.read(CHUNK):
            yield chunk
        if await process.wait():
            raise broken()

    size = await keep(rest())
    return Made(about["width"], about["height"], size, thumbnail)
