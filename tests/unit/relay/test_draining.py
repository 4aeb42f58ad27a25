"""A worker that ends brings its clients to others first: what it still serves, and how it lets them go."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from chat.settings import Settings
from relay import Post, draining

from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import POLLING, Chat, Log


@pytest.fixture
async def chat(bundle: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """One for each test: whoever drained does not come back. Without the pauses that people need."""
    monkeypatch.setattr(draining, "NOTICE", 0.2)
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat:
        monkeypatch.setattr(chat.relay.manager.presence, "_grace", 0.3)
        yield chat
    assert log.tracebacks == []


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_every_disconnect_handler_has_run_when_a_worker_has_stopped(transport: str) -> None:
    """And could use the log until then. To stop it once more does nothing."""
    async with Served() as worker:

        async def disconnect(sid: str, reason: str) -> None:
            await asyncio.sleep(0)
            await worker.relay.log.append("gone", Post(sid, b"gone"))

        worker.server.on("disconnect", disconnect)
        sid = (await worker.visitor(transport=transport)).sid()
        await worker.server.stop()
        await worker.server.stop()
        page = await worker.relay.log.read("gone")
        assert [entry.id for entry in page.entries] == [sid]


async def test_a_worker_that_stops_tells_its_clients(chat: Chat) -> None:
    """An open poll is answered at once, and the next one refused, which sends the client to another worker.
    It is not told goodbye, which python-socketio's client would obey. Nobody else is here, whose going it
    would be told instead."""
    session = await chat.polling()

    async def last_words() -> str:
        while "presence" in (text := (await session.poll()).text):
            pass
        return str(text)

    poll = asyncio.create_task(last_words())
    await soon(lambda: chat.relay.eio.sockets[session.sid].polls._waiting, what="the poll to wait")
    await chat.relay.close_sessions()
    assert await poll == "6"
    assert (await session.poll()).status_code == 400


async def test_a_worker_that_drains_is_not_ready_and_takes_nobody_new(chat: Chat) -> None:
    """On either transport; sessions that it has go on until they are moved."""
    session = await chat.polling()
    drained = asyncio.create_task(chat.relay.drain(30))
    await soon(lambda: chat.relay.draining, what="the worker drains")
    health = await chat.http.get("/health")
    assert (health.status_code, health.json()["status"]) == (503, "draining")
    assert (await chat.http.get("/health/live")).status_code == 200
    assert (await chat.http.get(POLLING)).status_code == 503
    assert b" 503 " in await chat.raw(HANDSHAKE)
    assert (await session.post('421["message","still here"]')).status_code == 200
    assert '431[{"ok":true' in await told(session, "431[")
    assert (await chat.http.get("/")).status_code == 200
    await drained


HANDSHAKE = (
    b"GET /sio/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_a_client_is_told_then_its_websocket_ends_as_a_restart(chat: Chat) -> None:
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        drained = asyncio.create_task(chat.relay.drain(1))
        packets = [await ws.receive_str(timeout=PATIENCE)]
        while not packets[-1].startswith('42["moved"'):
            packets.append(await ws.receive_str(timeout=PATIENCE))
        assert json.loads(packets[-1][2:]) == ["moved", {"within": draining.NOTICE}]
        message = await ws.receive(timeout=PATIENCE)
        while message.type.name == "TEXT":
            assert message.data != "1", "python-socketio's client takes a CLOSE packet for a goodbye"
            message = await ws.receive(timeout=PATIENCE)
        assert (message.type.name, message.data) == ("CLOSE", 1012)
    await drained


async def test_a_polling_client_is_told_and_its_poll_is_answered(chat: Chat) -> None:
    """The next one is answered 400, at which clients connect again."""
    session = await chat.polling()
    drained = asyncio.create_task(chat.relay.drain(1))
    await told(session, '42["moved"')
    answer = await session.poll()
    while answer.status_code == 200:
        assert "1" not in answer.text.split("\x1e")
        answer = await session.poll()
    assert answer.status_code == 400
    assert (await session.post("3")).status_code == 400
    await drained


async def test_what_is_sent_to_a_session_that_was_moved_is_refused(chat: Chat) -> None:
    """Not an error of ours, though nobody polled since."""
    session = await chat.polling()
    await chat.relay.drain(0.1)
    assert (await session.post("3")).status_code == 400


async def test_what_is_under_way_is_answered_before_the_connection_ends(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the handler takes, up to a limit."""
    monkeypatch.setattr(draining, "NOTICE", 0.05)

    async def slow(sid: str, *_: Any) -> str:
        await asyncio.sleep(0.5)
        return "done"

    monkeypatch.setitem(chat.relay.handlers["/"], "slow", slow)
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        assert (await ws.receive_str(timeout=PATIENCE)).startswith("40{")
        session = await chat.polling()
        await ws.send_str('421["slow"]')
        posted = asyncio.create_task(session.post('422["slow"]'))
        drained = asyncio.create_task(chat.relay.drain(0.1))
        packet = await ws.receive_str(timeout=PATIENCE)
        while packet.startswith("42["):
            packet = await ws.receive_str(timeout=PATIENCE)
        assert packet == '431["done"]'
        assert (await posted).status_code == 200
        assert '432["done"]' in await told(session, "432[")
    await drained


@pytest.mark.parametrize("transports", [("websocket",), ("polling",), ("polling", "websocket")])
async def test_pythons_own_client_comes_back(chat: Chat, transports: tuple[str, ...]) -> None:
    """After the worker's place was taken: here, by itself."""
    http = aiohttp.ClientSession()  # of ours, since the client forgets to close some
    client = socketio.AsyncClient(reconnection_delay=0.1, handle_sigint=False, http_session=http)
    arrivals, losses = [0], [0]

    def arrived() -> None:
        arrivals[0] += 1

    def lost(*_: Any) -> None:
        losses[0] += 1

    client.on("connect", arrived)
    client.on("disconnect", lost)
    where = {"socketio_path": "sio/socket.io", "wait_timeout": PATIENCE}
    await client.connect(chat.url, transports=list(transports), **where)
    await chat.relay.drain(0.1)
    chat.relay.eio.draining = False
    await soon(lambda: arrivals == [2] and losses == [1], what="it is back")
    await client.eio.disconnect(abort=True)
    await http.close()


async def test_clients_are_moved_one_after_the_other(chat: Chat) -> None:
    """Spread over the time there is."""
    moved: list[float] = []
    clients = [await chat.client("websocket") for _ in range(10)]
    loop = asyncio.get_running_loop()
    for client in clients:
        client.sio.on("moved", lambda _: moved.append(loop.time()))
    began = loop.time()
    await chat.relay.drain(30)
    assert len(moved) == 10
    assert moved[-1] - began > 9 / draining.MOVES_PER_SECOND
    assert chat.relay.eio.sockets == {}
    await soon(lambda: not any(each.sio.eio.http for each in clients), what="the clients know")


async def test_a_worker_that_has_no_others_beside_it_ends_its_connections_at_once(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told to move, for there is nowhere to go."""
    session, ana = await chat.polling(), await chat.client("websocket")
    moved: list[Any] = []
    ana.sio.on("moved", moved.append)
    monkeypatch.setattr(draining, "NOTICE", 3600)
    async with asyncio.timeout(PATIENCE):
        await chat.relay.drain(0)
    assert not session.open
    await soon(lambda: not ana.sio.eio.http, what="the client knows")
    assert moved == []


async def test_it_waits_until_presence_has_let_go_of_who_did_not_come_back(chat: Chat) -> None:
    ana = await chat.client("websocket", auth={"name": "Ana"})
    await chat.relay.drain(0.1)
    assert chat.relay.manager.deserted
    await soon(lambda: not ana.sio.eio.http, what="the client knows")


async def told(session: Any, beginning: str) -> str:
    """Poll until a packet begins so; return the payload."""
    while True:
        answer = await session.poll()
        assert answer.status_code == 200, f"the session ended before {beginning} came"
        payload: str = answer.text
        if any(packet.startswith(beginning) for packet in payload.split("\x1e")):
            return payload
