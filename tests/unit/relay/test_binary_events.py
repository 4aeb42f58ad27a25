"""Bytes go both ways, on either transport, with Python's own client: in events, in answers, and to rooms."""

import asyncio
from typing import Any

import pytest
from relay import Entry

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Chat, Client

TRANSPORTS = pytest.mark.parametrize("transport", ["polling", "websocket"])
BLOB = bytes(range(256))


@pytest.fixture
def drawn(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What came with the event `draw`, which is answered with the same."""
    came: list[tuple[Any, ...]] = []

    async def draw(sid: str, *arguments: Any) -> tuple[Any, ...]:
        came.append(arguments)
        return arguments

    monkeypatch.setitem(chat.relay.handlers["/"], "draw", draw)
    return came


@TRANSPORTS
@pytest.mark.parametrize(
    "arguments",
    [
        (BLOB,),
        (b"",),
        ({"strokes": [BLOB, b"\x1eb", {"more": b"x"}], "by": "Ana"}, "text", None, b"\xff" * 5000),
        tuple(bytes([number]) * number for number in range(10)),
    ],
    ids=["one", "empty", "nested", "ten"],
)
async def test_bytes_are_taken_and_answered(
    chat: Chat, drawn: list[tuple[Any, ...]], transport: str, arguments: tuple[Any, ...]
) -> None:
    """Wherever they stand among the arguments."""
    ana = await chat.client(transport)
    answer = await ana.asks("draw", *arguments)
    assert drawn == [arguments]
    assert answer == (arguments[0] if len(arguments) == 1 else arguments)
    await ana.disconnect()


@TRANSPORTS
async def test_bytes_are_emitted_and_the_client_answers_with_bytes(chat: Chat, transport: str) -> None:
    ana, answers = await chat.client(transport), asyncio.Queue[tuple[Any, ...]]()
    ana.sio.on("show", lambda blob, about: ({"seen": blob}, about))
    to = ana.sio.get_sid()
    await chat.relay.emit("show", (BLOB, 7), to=to, callback=lambda *answer: answers.put_nowait(answer))
    async with asyncio.timeout(PATIENCE):
        assert await answers.get() == ({"seen": BLOB}, 7)
    await ana.disconnect()


async def test_a_room_is_told_bytes_and_texts_in_order(chat: Chat) -> None:
    """Whichever transport a member has, and while it changes from one to the other."""
    people = [
        await chat.client(*transports)
        for transports in (["polling"], ["websocket"], ["polling", "websocket"])
    ]
    told: dict[Client, list[Any]] = {each: [] for each in people}
    for each in people:
        each.sio.on("told", told[each].append)
    expected = [bytes([number]) * 300 if number % 3 else f"{number}" for number in range(60)]
    for number, value in enumerate(expected):
        chat.relay.manager.fanout.send("lobby", "told", [value])
        if number % 7 == 0:
            await asyncio.sleep(0.005)
    for each in people:
        await soon(lambda e=each: len(told[e]) >= 60, what="all to be told")  # type: ignore[misc]
        assert told[each] == expected
        await each.disconnect()


async def test_bytes_to_a_group_and_to_everybody(chat: Chat) -> None:
    """Those that do not go through the fan-out."""
    ana, ben = await chat.client("polling"), await chat.client("websocket")
    told: list[Any] = []
    for each in (ana, ben):
        each.sio.on("told", told.append)
    await chat.relay.emit("told", {"blob": BLOB})
    await soon(lambda: told == [{"blob": BLOB}] * 2, what="both to be told")
    for each in (ana, ben):
        await each.disconnect()


@pytest.mark.parametrize(
    ("value", "problem"),
    [([b"x"] * 11, ValueError), ([b"x", {"_placeholder": 1, "num": 9}], ValueError), ({b"x"}, TypeError)],
    ids=["too many", "a forged placeholder", "a set"],
)
async def test_the_caller_learns_what_can_not_be_sent(
    chat: Chat, value: Any, problem: type[Exception]
) -> None:
    """A client that got it would close its connection."""
    ana = await chat.client("websocket")
    for room in ("room:lobby", ana.sio.get_sid(), None):
        with pytest.raises(problem):
            await chat.relay.emit("told", value, room=room)
    with pytest.raises(problem):
        await chat.relay.emit("told", value, to=ana.sio.get_sid(), callback=print)
    assert (await ana.say("still here"))["ok"]
    await ana.disconnect()


async def test_an_error_about_too_many_bytes_says_what_to_do_and_follows_from_no_other(chat: Chat) -> None:
    """To one client, and to a room."""
    ana = await chat.client("websocket")
    for room in (ana.sio.get_sid(), "room:lobby"):
        with pytest.raises(ValueError, match=r"Send many small ones as one.*b\"\"\.join") as raised:
            await chat.relay.emit("told", [b"x"] * 11, room=room)
        assert raised.value.__context__ is None
    await ana.disconnect()


async def test_an_entry_may_be_delivered_as_a_list_that_holds_its_bytes(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `event_of` returns; the bytes of a JSON array are the other way."""
    monkeypatch.setattr(chat.relay.manager.fanout, "event_of", lambda entry: ("told", entry.seq, entry.data))
    ana, told = await chat.client("websocket"), asyncio.Queue[tuple[Any, ...]]()
    ana.sio.on("told", lambda *arguments: told.put_nowait(arguments))
    chat.relay.manager.fanout.deliver(Entry("lobby", "epoch", 7, "id", 0, BLOB))
    async with asyncio.timeout(PATIENCE):
        assert await told.get() == (7, BLOB)
    await ana.disconnect()


@TRANSPORTS
async def test_bytes_for_the_chats_own_events_are_refused_as_any_wrong_argument(
    chat: Chat, transport: str
) -> None:
    ana = await chat.client(transport)
    for event in ("message", "join", "history", "typing"):
        for arguments in [(BLOB,), ({"room": BLOB},), (BLOB, {"room": "lobby"})]:
            assert (await ana.asks(event, *arguments))["error"] == "invalid"
    await ana.disconnect()
