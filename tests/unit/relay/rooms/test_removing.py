"""Who is removed from a room, or never had a right to it, gets nothing of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from relay import Act, Post, Relay, RelayServer, Rooms

from tests.support.application import Visitor, serving
from tests.support.waiting import soon
from tests.unit.relay.rooms.board import Board


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    board = Board()
    async with board.serving():
        yield board


async def test_who_is_removed_hears_nothing_more(board: Board) -> None:
    """By the client's sid, or by a group. Other rooms and other members go on."""
    ana, ben, eva = [await board.visitor() for _ in range(3)]
    for each in (ana, ben, eva):
        for room in ("hall", "desk"):
            await each.asks("join", room=room)
    await board.relay.group(ben.sid, "user ben")
    board.denied["join", "hall"] = "Not any more."
    await board.relay.log.append("hall", Rooms.post("id-1", "queued"))
    await board.rooms.remove("hall", sid=ana.sid)
    await board.rooms.remove("hall", group="user ben")
    await board.rooms.remove("hall", group="nobody")
    await board.relay.log.append("hall", Rooms.post("id-2", "after"))
    await board.relay.log.append("desk", Rooms.post("id-3", "on the desk"))
    await eva.hears(lambda data: data == ["queued", "after", "on the desk"], "all to be heard")
    for each in (ana, ben):
        await each.hears(lambda data: "on the desk" in data, "the desk's to be heard")
        assert "after" not in each.data
        assert (await each.append("hall", "id-4", "no"))["error"] == "not_joined"
        assert (await each.asks("history", room="hall"))["error"] == "not_joined"
        assert (await each.asks("join", room="hall"))["error"] == "forbidden"
    for each in (ana, ben, eva):
        await each.leaves()


async def test_whom_to_remove_has_to_be_said(board: Board) -> None:
    for whom in ({}, {"sid": "a", "group": "b"}):
        with pytest.raises(TypeError):
            await board.rooms.remove("hall", **whom)


class Slow:
    """An application whose answer about a right is on its way while the right ends."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory()
        self.server = RelayServer(self.relay.manager)
        self.rooms = Rooms(self.relay, self.server, authorize=self.may, prepare=self.prepare)
        self.right = True
        self.asked = 0
        self.answer, self.prepared = asyncio.Event(), asyncio.Event()

    async def may(self, sid: str, act: Act, room: str) -> bool:
        self.asked += 1
        right = self.right
        await self.answer.wait()
        return right

    async def prepare(self, sid: str, room: str, post: Post) -> Post:
        await self.prepared.wait()
        return post


async def test_a_right_that_ends_while_it_is_asked_for_is_asked_for_again() -> None:
    slow = Slow()
    async with serving(slow.server) as url:
        ana = await Visitor.at(url)
        joining = asyncio.create_task(ana.asks("join", room="hall"))
        await soon(lambda: slow.asked == 1, what="the right to be asked for")
        slow.right = False
        await slow.rooms.remove("hall", sid=ana.sid)
        slow.answer.set()
        assert (await joining)["error"] == "forbidden"
        assert slow.asked == 2
        assert not slow.relay.joined(ana.sid, "hall")
        await ana.leaves()


async def test_who_is_removed_while_something_is_appended_appends_nothing() -> None:
    slow = Slow()
    slow.answer.set()
    async with serving(slow.server) as url:
        ana = await Visitor.at(url)
        await ana.asks("join", room="hall")
        appending = asyncio.create_task(ana.append("hall", "id-1", "too late"))
        await soon(lambda: slow.asked == 2, what="the right to be asked for")
        await slow.rooms.remove("hall", sid=ana.sid)
        slow.prepared.set()
        assert (await appending)["error"] == "not_joined"
        assert (await slow.relay.log.head("hall")).seq == 0
        await ana.leaves()


async def test_who_is_removed_while_a_page_is_read_is_not_shown_it(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await board.visitor()
    await board.relay.log.append("hall", Rooms.post("id-1", "secret"))
    read = board.relay.log.read

    async def removing(room: str, **options: Any) -> Any:
        page = await read(room, **options)
        await board.rooms.remove(room, sid=ana.sid)
        return page

    monkeypatch.setattr(board.relay.log, "read", removing)
    assert (await ana.asks("join", room="hall"))["error"] == "not_joined"
    await board.relay.join(ana.sid, "hall")
    assert (await ana.asks("history", room="hall"))["error"] == "not_joined"
    await ana.leaves()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_somebody_without_the_right_never_gets_anything_of_a_room(board: Board, transport: str) -> None:
    """By no event, whatever is asked, while members talk in it."""
    for act in ("join", "read", "append"):
        board.denied[act, "vault"] = None
    eva = await board.visitor(transport)
    received: list[Any] = []
    eva.sio.on("*", lambda event, *arguments: received.append((event, arguments)))
    await eva.asks("join", room="hall")
    for number in range(20):
        await board.relay.log.append("vault", Rooms.post(f"id-{number}", "secret"))
        answers = [
            await eva.asks("join", room="vault", after=0),
            await eva.asks("history", room="vault", after=0),
            await eva.append("vault", f"id-{number}", "secret"),
            await eva.append("vault", f"id-{number}", "guess"),
            await eva.asks("leave", room="vault"),
        ]
        assert [answer.get("error") for answer in answers] == ["forbidden"] * 4 + [None]
        assert all("secret" not in str(answer) for answer in answers)
    await board.relay.log.append("hall", Rooms.post("last", "for all"))
    await eva.hears(lambda data: data == ["for all"], "the last to be heard")
    assert received == []
    await eva.leaves()
