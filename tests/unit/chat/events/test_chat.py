"""The chat over the wire: what the guide's page does, and what its sender is told."""

import asyncio
import itertools
import re
from hashlib import md5

import pytest

from tests.support.waiting import soon
from tests.unit.visitors import client_of
from tests.unit.wire import POLLING, Chat

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
PAIRS = list(itertools.product(TRANSPORTS, repeat=2))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
async def test_everybody_hears_a_message_once_over_every_transport(chat: Chat, one: str, other: str) -> None:
    """As the guide has it: emit `message` with a text, get `response` with the text first."""
    ana, ben = await chat.client(*TRANSPORTS[one]), await chat.client(*TRANSPORTS[other])
    await ana.sio.emit("message", "hello")
    await ana.hears("hello")
    await ben.hears("hello")
    await ben.sio.emit("message", "hello yourself")
    await ana.hears("hello", "hello yourself")
    await ben.hears("hello", "hello yourself")
    await ana.disconnect()
    await ben.disconnect()


async def test_a_message_is_acked_with_what_everybody_hears_of_it(chat: Chat) -> None:
    """The ack and the broadcast name the same id, room, number, time and epoch; the author has a name."""
    ana = await chat.client()
    answer = await ana.say("hello", {"id": "abc-1", "room": "lobby"})
    await ana.hears("hello")
    about = ana.heard[0][1]
    assert answer.pop("ok")
    assert answer == {key: about[key] for key in ("id", "room", "seq", "at", "epoch")}
    assert (answer["id"], answer["room"]) == ("abc-1", "lobby")
    assert re.fullmatch("[A-Z][a-z]+ [A-Z][a-z]+", about["author"]["name"])
    await ana.disconnect()


async def test_a_persons_messages_keep_their_order(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty sent without waiting for answers arrive as they were sent, however long the first one takes."""
    append, held = chat.relay.manager.log.append, [0.3]

    async def hesitant(*post: object) -> object:
        if held:
            await asyncio.sleep(held.pop())
        return await append(*post)

    monkeypatch.setattr(chat.relay.manager.log, "append", hesitant)
    ana, ben = await chat.client("websocket"), await chat.client("polling")
    texts = [f"number {n}" for n in range(50)]
    for text in texts:
        await ana.sio.emit("message", text)
    await ben.hears(*texts)
    await ana.disconnect()
    await ben.disconnect()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((" \n ",), "empty"),
        (("x" * 41,), "too_long"),
        ((7,), "invalid"),
        ((None,), "invalid"),
        (([["deep"]],), "invalid"),
        ((), "invalid"),
        (("a", "b"), "invalid"),
        (("a", {}, "c"), "invalid"),
        (("a", {"room": "nowhere"}), "not_joined"),
        (("a", {"room": "No Room!"}), "no_such_room"),
        (("a", {"room": 7}), "invalid"),
        (("a", {"id": "<b>"}), "invalid"),
        (("a", {"id": ""}), "invalid"),
        (("half \ud83d a character",), "invalid"),
    ],
)
async def test_a_message_that_cannot_be_is_refused_to_its_sender_only(
    chat: Chat, arguments: tuple[object, ...], error: str
) -> None:
    """The ack has the error's code and a sentence; nobody else hears anything, and the connection stays."""
    ana, ben = await chat.client("websocket"), await chat.client("websocket")
    answer = await ana.say(*arguments)
    assert answer["ok"] is False
    assert answer["error"] == error
    assert answer["detail"].endswith(".")
    assert (await ana.say("now rightly"))["ok"]
    await ben.hears("now rightly")
    await ana.disconnect()
    await ben.disconnect()


async def test_a_session_id_begins_with_the_route_of_the_address_it_came_in_at(chat: Chat) -> None:
    """nginx finds the worker of a later request by these 32 digits."""
    for host in ("127.0.0.1", "localhost"):
        opened = await chat.http.get(f"http://{host}:{chat.port}{POLLING}")
        sid = opened.json() if opened.text.startswith("{") else opened.text.split('"sid":"')[1].split('"')[0]
        assert sid.startswith(md5(f"127.0.0.1:{chat.port}".encode()).hexdigest())
        assert len(sid) == 32 + 22


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_an_answer_is_as_long_as_what_was_said(chat: Chat, transport: str) -> None:
    """In UTF-8; python-socketio writes an emoji of 4 bytes as 12."""
    ana = await chat.client(transport)
    await ana.say("\U0001f600" * 10, {"room": "lobby"})
    await ana.hears("\U0001f600" * 10)
    if transport == "polling":
        session = await chat.polling()
        await session.post('420["history",{"room":"lobby","limit":1}]')
        answer = (await session.poll()).content
    else:
        async with chat.websocket() as ws:
            await ws.send_str("40")
            await ws.send_str('420["history",{"room":"lobby","limit":1}]')
            while not (answer := (await ws.receive_str(timeout=5)).encode()).startswith(b"430["):
                pass
    assert "\U0001f600".encode() * 10 in answer
    await ana.disconnect()


async def test_an_id_is_its_authors(chat: Chat) -> None:
    """A stranger who uses a bot's first is not taken for it, and does not keep its message out."""
    async with client_of(chat, headers={"Origin": chat.url}) as browser:
        await browser.post("/sign-in", data={"name": "Eve"})
        eve = await chat.client("websocket", cookie=browser.cookies["tertulia"])
    bot = await chat.client("websocket", auth={"name": "Builds"})
    taken = await eve.say("it failed", {"id": "build-7"})
    told = await bot.say("it failed", {"id": "build-7"})
    assert told["seq"] == taken["seq"] + 1
    assert (await bot.say("it failed", {"id": "build-7"}))["seq"] == told["seq"]
    again = await chat.client("websocket", auth={"name": "Builds"})
    assert (await again.say("it failed", {"id": "build-7"}))["seq"] == told["seq"], "from the same address"
    await soon(lambda: len(bot.heard) == 2, within=5, what="both are told")
    assert [about["author"]["name"] for _, about in bot.heard] == ["Eve", "Builds"]
    for client in (eve, bot, again):
        await client.disconnect()
