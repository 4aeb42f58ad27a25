"""What a chat reads and waits for as if it were the only one of its process. Here a process has hundreds of
them, one after the other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from chat.http import static
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from starlette.templating import Jinja2Templates

PART = 0.1
"""The part of uvicorn's pauses that is waited for."""
FLUSH_INTERVAL = 0.02
"""Seconds between two writes of what a chat notes of those who are there."""


class Compiled(BytecodeCache):
    """Templates that were compiled before, by what stands in them."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@contextmanager
def once_for_all_chats() -> Iterator[None]:
    """A template is compiled once: for each chat it would take 30 ms of a processor. The static files are
    read once: 10 ms. A chat that is told to end does so within 0.03 s, and not within 0.3 s, for most of
    which uvicorn sleeps. And who waits until somebody is noted does not read a page four times meanwhile."""
    compiled, digest, version = Compiled(), static.version(), static.version

    def templates(folder: Path) -> Jinja2Templates:
        made = Jinja2Templates(folder)
        made.env.bytecode_cache = compiled
        return made

    def version_of(folder: Path = static.FOLDER) -> str:
        return digest if folder == static.FOLDER else version(folder)

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds * PART)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat.http.pages.Jinja2Templates", templates)
        patch.setattr(static, "version", version_of)
        for notes in ("chat.people.login_notes", "chat.domain.recent_addresses"):
            patch.setattr(f"{notes}.FLUSH_INTERVAL", FLUSH_INTERVAL)
        patch.setattr("uvicorn.server.asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": sleep}))
        yield
