"""The client examples of docs/relay-rooms.md as programs of their own: what they show, and their input."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.waiting import PATIENCE, soon
from tests.support.wheel import unpack

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "docs/examples/room.py"
JAVASCRIPT = ROOT / "docs/examples/room.mjs"
MODULES = ROOT / "web/static/js/relay"
CLIENT = (
    Path(os.environ.get("OFFICIAL_CLIENTS", ROOT / "tests/conformance/clients")) / "node_modules/client-4.8"
)
"""The official JavaScript client."""


def lay_out_python(folder: Path, wheel: Path) -> list[str]:
    """Put the example in Python into a folder, as the document says; the command that runs it there."""
    unpack(wheel, folder)
    shutil.copy(PYTHON, folder)
    return [sys.executable, PYTHON.name]


def lay_out_javascript(folder: Path) -> list[str]:
    """Put the example in JavaScript into a folder, as the document says; the command that runs it there."""
    shutil.copy(JAVASCRIPT, folder)
    shutil.copytree(MODULES, folder / "relay")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").mkdir()
    (folder / "node_modules/socket.io-client").symlink_to(CLIENT)  # which finds its own imports where it lies
    return ["node", JAVASCRIPT.name]


class RoomProgram:
    """An example that runs: the entries that it shows now, as (seq, data)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.shown: list[tuple[int, Any]] = []
        self.started_over = 0
        """How often it showed something anew. To begin once more with nothing shown is none: the log was
        empty when it came, and its connection broke before the first entry."""

    def types(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    async def shows(self, count: int) -> None:
        """Wait until it shows so many entries."""
        await soon(lambda: len(self.shown) >= count, what=f"{count} entries to be shown")

    async def ends(self) -> str:
        """End its input; it ends when all that was typed is acknowledged. What it said of errors."""
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            said = await self._process.stderr.read()
            assert await self._process.wait() == 0, said.decode()
        return said.decode()

    async def watch(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line == b"--\n":
                self.started_over += bool(self.shown)
                self.shown = []
            else:
                seq, data = line.decode().split(" ", 1)
                self.shown.append((int(seq), json.loads(data)))


@asynccontextmanager
async def running(folder: Path, command: list[str], url: str, room: str) -> AsyncIterator[RoomProgram]:
    """Run an example in the folder that it was laid out in."""
    pipe = asyncio.subprocess.PIPE
    # Its bytecode lies beside it, as everybody's does, and goes with the folder.
    without = ("PYTHONPATH", "PYTHONPYCACHEPREFIX")
    environment = {name: value for name, value in os.environ.items() if name not in without}
    process = await asyncio.create_subprocess_exec(
        *command, url, room, cwd=folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe
    )
    program = RoomProgram(process)
    watching = asyncio.create_task(program.watch())
    try:
        yield program
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await watching
