"""A worker that is told to end moves its clients first, however uvicorn was started."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import socketio
from relay import Relay, RelayServer, draining

from tests.support.noticeboard import started
from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon

APPLICATION = """
import logging
import sys
from contextlib import asynccontextmanager
from relay import Relay, RelayServer, draining
from starlette.applications import Starlette
from starlette.routing import Mount

logging.basicConfig(level=logging.INFO, format="%(message)s")
draining.NOTICE = {notice}
server = RelayServer(Relay.in_memory().manager, drain_seconds={seconds})


@asynccontextmanager
async def lifespan(app):
    await server.start()
    yield
    await server.stop()


app = Starlette(routes=[Mount("/socket.io", server)], lifespan=lifespan)
"""
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
WEB = Path(__file__).parents[3] / "web"


class Member:
    """The official client, and what it is told of the end."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self.moved: list[object] = []
        self.sio.on("moved", self.moved.append)
        self.gone = asyncio.Event()
        self.sio.on("disconnect", lambda reason: self.gone.set())


@asynccontextmanager
async def worker(
    folder: Path, seconds: object, notice: float = 0.3
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A process of uvicorn's own command, and its address. `notice`: seconds from telling a client to its
    end."""
    (folder / "draining_application.py").write_text(APPLICATION.format(seconds=seconds, notice=notice))
    async with started(folder, sys.executable, "draining_application", PYTHONPATH=str(WEB)) as found:
        yield found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_at_a_signal_clients_are_told_before_their_connection_ends(
    number: signal.Signals, tmp_path: Path
) -> None:
    """Meanwhile the process answers, and sends newcomers elsewhere."""
    async with worker(tmp_path, 0.5) as (url, process):
        member = Member()
        await member.sio.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
        process.send_signal(number)
        await soon(lambda: member.moved, what="the client to be told")
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, verify=False) as http:
            assert (await http.get(HANDSHAKE)).status_code == 503
        assert not member.gone.is_set()
        async with asyncio.timeout(PATIENCE):
            await member.gone.wait()
            await process.wait()
        assert member.moved == [{"within": 0.3}]


async def test_a_second_signal_ends_a_worker_at_once(tmp_path: Path) -> None:
    async with worker(tmp_path, 1, notice=600) as (url, process):
        member = Member()
        await member.sio.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
        process.terminate()
        await soon(lambda: member.moved, what="the client to be told")
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()


async def test_without_the_option_a_worker_ends_at_once(tmp_path: Path) -> None:
    async with worker(tmp_path, None, notice=600) as (url, process):
        member = Member()
        await member.sio.connect(url, transports=["websocket"], wait_timeout=PATIENCE)
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.wait()
        assert member.moved == []


async def test_a_server_that_has_stopped_leaves_signals_to_whoever_had_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draining, "NOTICE", 0.2)
    before = signal.getsignal(signal.SIGTERM)
    server = RelayServer(Relay.in_memory().manager, drain_seconds=1)
    await server.start()
    assert signal.getsignal(signal.SIGTERM) != before
    await server.stop()
    assert signal.getsignal(signal.SIGTERM) == before


async def test_a_signal_is_passed_on_once_when_the_clients_have_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draining, "NOTICE", 0.2)
    caught: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    try:
        async with Served(drain_seconds=0.1) as worker:
            member = Member()
            await member.sio.connect(worker.url, transports=["websocket"], wait_timeout=PATIENCE)
            os.kill(os.getpid(), signal.SIGTERM)
            await soon(lambda: member.moved, what="the client to be told")
            assert caught == []
            await soon(lambda: caught, what="the signal to be passed on")
            assert member.gone.is_set()
            assert caught == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_two_servers_that_stop_in_any_order_pass_a_signal_on() -> None:
    """The one that caught signals first may stop first, and then gets them once more."""
    caught: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: caught.append(number))
    try:
        servers = [RelayServer(Relay.in_memory().manager, drain_seconds=0) for _ in range(2)]
        for server in servers:
            await server.start()
        for server in servers:
            await server.stop()
        os.kill(os.getpid(), signal.SIGTERM)
        await soon(lambda: caught, what="the signal to be passed on")
        os.kill(os.getpid(), signal.SIGTERM)
        await soon(lambda: len(caught) == 2, what="the next one to come at once")
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("seconds", [-1, -0.1])
def test_a_time_that_has_passed_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="drain_seconds is 0 or more"):
        RelayServer(Relay.in_memory().manager, drain_seconds=seconds)
