"""A client that asks and does not read costs the worker a bounded sum, and the others nothing."""

import asyncio
import json
import socket

import pytest
from relay.transport.large_answers import PIPELINED, READ_TIMEOUT

from tests.support.waiting import soon
from tests.unit.relay.transport.buffered import KIB, buffered
from tests.unit.relay.transport.test_frames_on_the_wire import MASK, UPGRADE
from tests.unit.wire import Chat, Polling


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question does not wait for long."""
    monkeypatch.setattr("relay.transport.large_answers.READ_TIMEOUT", 0.05)


def answers(text: str) -> dict[int, dict[str, object]]:
    """The acks in a payload, by their ids."""
    acks = (packet for packet in text.split("\x1e") if packet.startswith("43"))
    return {int(ack[2 : ack.index("[")]): json.loads(ack[ack.index("[") :])[0] for ack in acks}


async def test_who_does_not_read_is_answered_once_and_then_refused(
    chat: Chat, long_history: int, impatient: None
) -> None:
    """With what to do, and before anything is read for them."""
    session = await chat.polling()
    for number in range(20):
        assert (await session.post(f'42{number}["history",{{"room":"lobby"}}]')).status_code == 200
    assert buffered(chat) < 1.2 * long_history
    came: dict[int, dict[str, object]] = {}
    while len(came) < 20:
        came |= answers((await session.poll()).text)
    assert came[0]["ok"]
    assert {came[number]["error"] for number in range(1, 20)} == {"rate_limited"}
    assert {came[number]["retry_after"] for number in range(1, 20)} == {1}
    assert (await session.post('4299["history",{"room":"lobby"}]')).status_code == 200
    assert answers((await session.poll()).text)[99]["ok"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_who_reads_may_ask_for_everything_at_once(
    chat: Chat, long_history: int, transport: str
) -> None:
    """Answers are made as fast as they are read."""
    ana = await chat.client(transport)
    asked = (ana.sio.call("history", {"room": "lobby"}, timeout=30) for _ in range(10))
    assert all(answer["ok"] for answer in await asyncio.gather(*asked))
    await ana.disconnect()


async def test_the_fullest_is_cut_when_all_together_hold_too_much(
    chat: Chat, long_history: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads stays, and what was cut is no longer held."""
    monkeypatch.setattr(chat.relay.eio.buffers, "most", 5 * long_history)
    ana = await chat.client("websocket")
    sessions = [await chat.polling() for _ in range(8)]
    for session in sessions:
        await session.post('420["history",{"room":"lobby"}]')
    assert buffered(chat) <= 5 * long_history
    await soon(lambda: len(open_of(sessions)) < 6, within=5, what="the fullest to be cut")
    assert len(open_of(sessions)) >= 3
    assert (await ana.say("still here"))["ok"]
    await ana.disconnect()


def open_of(sessions: list[Polling]) -> list[Polling]:
    return [session for session in sessions if session.open]


async def test_nothing_is_counted_of_those_who_have_left(chat: Chat, long_history: int) -> None:
    """However they went: with much unread, in the midst of a message, or in order."""
    await soon(lambda: buffered(chat) == 0, within=5, what="what earlier sessions held to be forgotten")
    session = await chat.polling()
    await session.post('420["history",{"room":"lobby"}]')
    assert buffered(chat) > long_history / 2
    reader, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(UPGRADE.encode())
    await reader.readuntil(b'"maxPayload"')
    writer.write(b"\x81\xfe\xff\x00" + MASK + b"4" * 30_000)
    before = buffered(chat)
    await soon(lambda: buffered(chat) > before + 25_000, within=5, what="half a message to be counted")
    writer.transport.abort()
    ana = await chat.client()
    await ana.say("hello")
    await ana.disconnect()
    await chat.relay.close_sessions()
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


async def test_a_websocket_that_does_not_read_is_refused_and_counted(
    chat: Chat, long_history: int, impatient: None
) -> None:
    """What the kernel has not taken of its answers."""
    loop = asyncio.get_running_loop()
    ask = b'420["history",{"room":"lobby"}]'
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", chat.port))
        await loop.sock_sendall(deaf, UPGRADE.encode())
        await soon(lambda: chat.relay.eio.sockets, within=5, what="the session to begin")
        (session,) = chat.relay.eio.sockets.values()
        await loop.sock_sendall(deaf, b"\x81\x82" + MASK + b"40")
        for _ in range(60):
            await loop.sock_sendall(deaf, b"\x81" + bytes([0x80 + len(ask)]) + MASK + ask)
        await soon(lambda: session.large_answers._gave_up, within=10, what="a question to be refused")
        assert 0 < buffered(chat) < 3 * long_history
        assert session.unsent < 2 * long_history
    await soon(lambda: buffered(chat) == 0, within=5, what="all to be forgotten")


@pytest.mark.parametrize("asked", ["before", "after"])
async def test_a_question_in_the_middle_of_an_upgrade_does_not_wait(
    chat: Chat, long_history: int, asked: str
) -> None:
    """Clients that upgrade read nothing until what they posted is answered. It comes over the WebSocket."""
    session = await chat.polling()
    path = f"/sio/socket.io/?EIO=4&transport=websocket&sid={session.sid}"
    both = '420["history",{"room":"lobby"}]\x1e421["history",{"room":"lobby"}]'
    async with asyncio.timeout(READ_TIMEOUT / 2):
        early = asyncio.create_task(session.post(both)) if asked == "before" else None
        if early:
            await soon(lambda: buffered(chat) > PIPELINED, what="the first answer to be made")
        async with chat.websocket(path) as ws:
            await ws.send_str("2probe")
            assert await ws.receive_str() == "3probe"
            posted = await (early or session.post(both))
            assert posted.status_code == 200
            await ws.send_str("5")
            came: dict[int, dict[str, object]] = {}
            while len(came) < 2:
                came |= answers(await ws.receive_str())
            assert came[0]["ok"]
            assert (came[1]["error"], came[1]["retry_after"]) == ("rate_limited", 1)
            await ws.send_str('422["history",{"room":"lobby"}]')
            while 2 not in came:
                came |= answers(await ws.receive_str())
            assert came[2]["ok"]
