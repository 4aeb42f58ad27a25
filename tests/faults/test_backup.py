"""A backup of a running chat, restored into another, has the same rooms, messages and files."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, RoomLog
from tests.faults.reader import read_logs
from tests.faults.stack import FaultStack
from tests.support.people import WEBSOCKET, crowd
from tests.support.stack import REPOSITORY
from tests.support.uploading import PIECE, browser, upload
from tests.support.waiting import soon

DATA = bytes(range(256)) * (PIECE // 256 + 100)


@pytest.fixture
def other() -> Iterator[FaultStack]:
    """A second chat, not started yet."""
    stack = FaultStack("tertulia-restored", "127.0.0.1:18083")
    stack.compose("down", "--volumes", "--remove-orphans")
    stack.compose("build", "--quiet")  # an image of an earlier run may be there
    yield stack
    stack.down()


async def test_a_restored_backup_has_the_same_rooms_messages_and_files(
    stack: FaultStack, other: FaultStack, tmp_path: Path
) -> None:
    """Made while people chat: it holds, of each room, all up to some message, and all that was acked before
    it was begun. The epochs are new, since numbers that were given later will be given again."""
    backup, ledger = tmp_path / "chat.rdb", Ledger()
    file = await shared_file(stack)
    async with Crowd(stack.url, ledger, size=12, rate=60) as crowd:
        await soon(lambda: len(ledger.acks) > 200, what="enough was said")
        before = {ack.id for ack in ledger.acks}
        await script(stack, "backup.sh", backup)
        await crowd.quieten()
        original = await read_logs(crowd.http, stack.url, crowd.rooms)

    await script(other, "restore.sh", backup)
    await asyncio.to_thread(other.compose, "up", "--detach", "--wait")
    async with aiohttp.ClientSession() as http:
        restored = await read_logs(http, other.url, list(original))
    assert all(log.entries == original[room].entries[: len(log.entries)] for room, log in restored.items())
    assert before <= {entry.id for log in restored.values() for entry in log.entries}
    assert not epochs(restored) & epochs(original)
    (cookie,) = await asyncio.to_thread(other.sign_in, "keeper of the restored chat")
    async with browser(other.url, cookie) as of_keeper:
        answer = await of_keeper.get(file)
        assert (answer.status_code, answer.content == DATA) == (200, True)

    refusal = await script(other, "restore.sh", backup, fails=True)
    assert "the chat runs" in refusal
    await asyncio.to_thread(other.compose, "down")
    refusal = await script(other, "restore.sh", backup, fails=True)
    assert "FORCE=1" in refusal
    damaged = tmp_path / "damaged.rdb"
    damaged.write_bytes(backup.read_bytes()[:-100])
    assert "damaged" in await script(other, "restore.sh", damaged, fails=True, FORCE="1")
    await asyncio.to_thread(other.compose, "up", "--detach", "--wait")
    async with aiohttp.ClientSession() as http:
        assert await read_logs(http, other.url, list(original)) == restored


async def shared_file(stack: FaultStack) -> str:
    """The address of a file that is in a message."""
    cookies = await asyncio.to_thread(stack.sign_in, "keeper of the files")
    async with (
        crowd(stack.url, WEBSOCKET, cookies=cookies) as (keeper,),
        browser(stack.url, *cookies) as http,
    ):
        id = await upload(http, keeper.room, DATA)
        assert (await keeper.asks("message", "", {"room": keeper.room, "files": [id]}))["ok"]
    return f"/files/{keeper.room}/{id}"


def epochs(logs: dict[str, RoomLog]) -> set[str]:
    return {log.epoch for log in logs.values() if log.entries}


async def script(stack: FaultStack, name: str, file: Path, fails: bool = False, **environment: str) -> str:
    """Run a script of setup/ on this stack; return what it said."""
    ran = await asyncio.to_thread(
        subprocess.run,
        [REPOSITORY / "setup" / name, file],
        env=os.environ
        | {"COMPOSE_PROJECT_NAME": stack.project, "COMPOSE_ENV_FILES": os.devnull}
        | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert bool(ran.returncode) == fails, f"{name} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
    return ran.stderr
