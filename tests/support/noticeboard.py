"""The examples of relay's document, run as the document says, in a folder without the chat."""

import asyncio
import importlib.util
import os
import re
import secrets
import shlex
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import socketio

from tests.support import relay_document
from tests.support.waiting import PATIENCE
from tests.support.wheel import unpack

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/examples/noticeboard.py"


def lay_out(folder: Path, wheel: Path) -> None:
    """Put the examples into a folder, and beside them what the relay's wheel holds."""
    unpack(wheel, folder)
    for example in EXAMPLE.parent.glob("*.py"):
        shutil.copy(example, folder)


def loaded(example: str) -> ModuleType:
    """An example as a module, which nobody serves."""
    spec = importlib.util.spec_from_file_location(example, EXAMPLE.with_name(f"{example}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def command(python: str, application: str = "noticeboard") -> list[str]:
    """The document's own, for one of its examples, on a free port."""
    found = re.search(r"^uvicorn noticeboard:app(?:.*\\\n)*.*$", relay_document.text(), re.MULTILINE)
    assert found is not None
    said = found[0].replace("\\\n", "").replace("noticeboard", application)
    return [python, "-m", *shlex.split(said), "--port", "0"]


@asynccontextmanager
async def started(
    folder: Path, python: str, application: str, **environment: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """An example, run in a folder that it lies in: its address, and its process, which may be killed."""
    # Its bytecode lies beside it, as everybody's does, and goes with the folder.
    without = ("PYTHONPATH", "PYTHONPYCACHEPREFIX", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if name not in without}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command(python, application), cwd=folder, env={**kept, **environment}, stderr=pipe
    )
    assert process.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (listening := re.search(r"running on (http://[\d.:]+)", said)):
                line = await process.stderr.readline()
                assert line, f"the example ended: {said}"
                said += line.decode()
        yield listening[1], process
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            said += (await process.stderr.read()).decode()
            ended = await process.wait()
    assert "Traceback" not in said, said
    assert "Application shutdown complete" in said or ended == -signal.SIGKILL, said


@asynccontextmanager
async def running(
    folder: Path, python: str = sys.executable, application: str = "noticeboard", **environment: str
) -> AsyncIterator[str]:
    """An example, run in a folder that it lies in; its address."""
    async with started(folder, python, application, **environment) as (url, _):
        yield url


class Reader:
    """Somebody with the official client, and the notices they know, live or from a join."""

    def __init__(self, *transports: str) -> None:
        self.transports = transports or ("polling", "websocket")
        self.sio = socketio.AsyncClient(reconnection=False)
        self.heard: list[dict[str, Any]] = []
        self.sio.on("notice", self.heard.append)

    async def connect(self, url: str) -> None:
        await self.sio.connect(url, transports=list(self.transports), wait_timeout=PATIENCE)

    async def join(self, board: str, *place: object) -> dict[str, Any]:
        return dict(await self.sio.call("join", (board, *place), timeout=PATIENCE))

    async def post(self, board: str, text: str, id: str | None = None) -> dict[str, Any]:
        arguments = (board, id or secrets.token_hex(8), text)
        return dict(await self.sio.call("post", arguments, timeout=PATIENCE))

    @property
    def texts(self) -> list[str]:
        return [notice["text"] for notice in self.heard]

    @property
    def numbers(self) -> list[int]:
        return [notice["seq"] for notice in self.heard]
