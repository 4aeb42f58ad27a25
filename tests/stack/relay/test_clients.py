"""Both clients of Rooms, on two processes behind a proxy, while connections break, a process is killed, and
Redis is paused and killed: they end with the same complete room."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from relay import Options, Rooms
from relay.outside import Outside

from tests.stack.relay.breaking_proxy import BreakingProxy
from tests.stack.relay.worker import RedisUnderTest
from tests.support import client_examples
from tests.support.waiting import PATIENCE, soon

PORTS = 18481, 18482


class Process:
    """A process of rooms_application.py."""

    def __init__(self, port: int, redis: RedisUnderTest) -> None:
        self.port = port
        path = f"{client_examples.ROOT}:{client_examples.ROOT / 'web'}"
        self._environment = {**os.environ, "REDIS_URL": redis.url, "PREFIX": redis.prefix, "PYTHONPATH": path}

    async def start(self) -> None:
        options = ["--http", "relay:RelayHttp", "--ws-ping-interval", "0", "--log-level", "warning"]
        self._process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "uvicorn", "tests.stack.relay.rooms_application:app"],
            *["--port", str(self.port), "--timeout-graceful-shutdown", "2", *options],
            env=self._environment,
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._listens():
                assert self._process.returncode is None
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True


@pytest.fixture
async def processes(redis: RedisUnderTest) -> AsyncIterator[list[Process]]:
    processes = [Process(port, redis) for port in PORTS]
    for process in processes:
        await process.start()
    yield processes
    for process in processes:
        await process.kill()


@pytest.fixture
async def breaking_proxy(processes: list[Process]) -> AsyncIterator[BreakingProxy]:
    async with BreakingProxy([("127.0.0.1", process.port) for process in processes]) as proxy:
        yield proxy


async def test_both_clients_end_with_the_same_complete_room_whatever_breaks(
    redis: RedisUnderTest,
    processes: list[Process],
    breaking_proxy: BreakingProxy,
    wheel: Path,
    tmp_path: Path,
) -> None:
    folders = tmp_path / "python", tmp_path / "javascript"
    for folder in folders:
        folder.mkdir()
    commands = [
        client_examples.lay_out_python(folders[0], wheel),
        client_examples.lay_out_javascript(folders[1]),
    ]
    async with AsyncExitStack() as stack:
        programs = [
            await stack.enter_async_context(
                client_examples.running(folder, command, breaking_proxy.url, "tea")
            )
            for folder, command in zip(folders, commands, strict=True)
        ]
        typed = 0

        async def type_on(seconds: float) -> None:
            """Both type, a line each every 50 ms."""
            nonlocal typed
            for _ in range(round(seconds / 0.05)):
                for name, program in zip(("python", "javascript"), programs, strict=True):
                    program.types(f"{name} {typed}")
                typed += 1
                await asyncio.sleep(0.05)

        await type_on(1)
        for _ in range(4):
            await soon(lambda: breaking_proxy.connections >= 2, what="both are connected again")
            breaking_proxy.break_all()
            await type_on(1)
        await processes[0].kill()
        await type_on(2)
        await processes[0].start()
        await redis.docker("pause")
        await type_on(3)
        await redis.docker("unpause")
        await type_on(1)
        await redis.docker("kill")
        await type_on(2)
        await redis.docker("start")
        breaking_proxy.break_all()
        await type_on(1)

        for program in programs:
            await program.shows(2 * typed)
        said = [await program.ends() for program in programs]

    assert programs[0].shown == programs[1].shown
    assert [seq for seq, _ in programs[0].shown] == [*range(1, 2 * typed + 1)]
    for name in ("python", "javascript"):
        lines = [data for _, data in programs[0].shown if data.startswith(name)]
        assert lines == [f"{name} {number}" for number in range(typed)]
    assert [program.started_over for program in programs] == [0, 0], "nothing was shown anew"
    assert all("refused" not in each for each in said)
    assert breaking_proxy.broken >= 8, "connections were there to be broken"
    async with Outside(redis.url, Options(prefix=redis.prefix)) as outside:
        log = [
            (entry.seq, Rooms.value_of(entry))
            for after in range(0, 2 * typed, 200)
            for entry in (await outside.read("tea", after=after, limit=200)).entries
        ]
    assert log == programs[0].shown


async def test_the_example_in_javascript_shows_a_room_and_appends_to_it(
    breaking_proxy: BreakingProxy, tmp_path: Path
) -> None:
    command = client_examples.lay_out_javascript(tmp_path)
    async with client_examples.running(tmp_path, command, breaking_proxy.url, "hall") as program:
        program.types("one", "two")
        await program.shows(2)
        assert program.shown == [(1, "one"), (2, "two")]
        assert await program.ends() == ""
