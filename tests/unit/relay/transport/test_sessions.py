"""What a session sends keeps its order, whatever carries it; and nothing is left of one that has ended."""

import asyncio
import json

import pytest
from engineio import packet
from relay.transport.polls import PAYLOAD

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.transport.said import next_frame, on_websocket, tell, texts
from tests.unit.wire import WEBSOCKET, Chat


async def test_an_answer_comes_after_what_was_delivered_before_it(chat: Chat) -> None:
    """Its own message is told first, and everybody's in one order, also while they are collected."""
    async with on_websocket(chat) as ws:
        for number in range(60):
            await ws.send_str(f'42{number}["message","{number}"]')
        came = [await next_frame(ws) for _ in range(120)]
    told = [json.loads(frame[2:])[1] for frame in came if frame.startswith("42")]
    assert told == [str(number) for number in range(60)]
    for number in range(60):
        (answer,) = (at for at, frame in enumerate(came) if frame.startswith(f"43{number}["))
        assert answer > came.index(next(frame for frame in came if f'["response","{number}"' in frame))


async def test_an_upgrade_loses_and_repeats_nothing(chat: Chat) -> None:
    """While something is told in every turn of the loop."""
    session = await chat.polling()
    done = asyncio.Event()

    async def talk() -> int:
        number = 0
        async with asyncio.timeout(PATIENCE):
            while not done.is_set():
                tell(chat, str(number))
                number += 1
                await asyncio.sleep(0)
        return number

    talking = asyncio.create_task(talk())
    heard = texts((await session.poll()).text)
    async with chat.websocket(f"{WEBSOCKET}&sid={session.sid}") as ws:
        last_poll = asyncio.create_task(session.poll())
        await ws.send_str("2probe")
        assert await next_frame(ws) == "3probe"
        heard += texts((await last_poll).text)
        await ws.send_str("5")
        heard += texts(await next_frame(ws))
        done.set()
        count = await talking
        while len(heard) < count:
            heard += texts(await next_frame(ws))
    assert heard == [str(number) for number in range(count)]


async def test_a_poll_brings_no_more_than_pythons_client_takes(chat: Chat) -> None:
    """The rest comes with the next, in order."""
    session = await chat.polling()
    for number in range(PAYLOAD + 4):
        tell(chat, str(number))
    await soon(lambda: chat.relay.eio.sockets[session.sid].queue.qsize() > PAYLOAD, what="all to be queued")
    first, second = (await session.poll()).text, (await session.poll()).text
    assert first.count("\x1e") + 1 == PAYLOAD, "that may be of who is there as well"
    assert texts(first) + texts(second) == [str(number) for number in range(PAYLOAD + 4)]


async def test_an_idle_websocket_needs_no_task(chat: Chat) -> None:
    """The application's call has returned, and nothing waits for frames, pings or packets to write."""
    async with on_websocket(chat) as ws:
        await ws.send_str('420["message","hello"]')
        await next_frame(ws)
        await next_frame(ws)
        await soon(lambda: not chat.worker.server_state.tasks, what="the tasks to end")
        running = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]
        assert not [name for name in running if name.startswith(("RelayWebSocket", "Inbox", "EngineSocket"))]
        assert chat.relay.environ == {}


async def test_who_answers_pings_stays_and_who_does_not_is_dropped(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One service looks after all sessions."""
    reasons: list[str] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: reasons.append(reason))
    async with on_websocket(chat) as well, on_websocket(chat) as dead:
        monkeypatch.setattr(chat.relay.eio, "ping_interval", 0.05)
        monkeypatch.setattr(chat.relay.eio, "ping_timeout", 0.3)
        for session in chat.relay.eio.sockets.values():
            session.schedule_ping()
        for _ in range(2):
            assert await next_frame(well) == str(packet.PING)
            await well.send_str(str(packet.PONG))
        await soon(lambda: reasons == ["ping timeout"], what="the silent one to be dropped")
        assert await next_frame(dead) == str(packet.PING)
        while (last := await dead.receive(timeout=PATIENCE)).type.name == "TEXT":
            assert last.data.startswith('42["presence"')
        assert last.type.name in ("CLOSED", "ERROR", "CLOSE")
        await well.send_str('420["message","still here"]')
        while not (await next_frame(well)).startswith("430["):
            pass


async def test_a_session_connects_once(chat: Chat) -> None:
    """The headers of its handshake are not kept for a second time."""
    async with on_websocket(chat) as ws:
        await ws.send_str("41")
        await ws.send_str("40")
        assert (await next_frame(ws)).startswith("44{")


async def test_who_leaves_is_in_no_room_any_more(chat: Chat) -> None:
    """Nor is anything else kept of them."""
    manager = chat.relay.manager
    async with on_websocket(chat) as ws:
        await ws.send_str('420["join",{"room":"tea"}]')
        assert (await next_frame(ws)).startswith("430[")
        assert {"room:lobby", "room:tea"} <= manager.rooms["/"].keys()
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    assert manager.rooms == {}
    assert manager._rooms_of == {}
    assert manager.fanout._rooms == {}
    assert (manager.pending_connect, manager.pending_disconnect) == ({}, {})
