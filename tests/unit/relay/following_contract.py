"""A worker's own code is told of a room's entries, whichever worker appends them."""

import asyncio
from contextlib import aclosing

import pytest
from relay import Post, Relay

from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon


class Reader:
    """A task that follows a room, and what it was told; an async context manager. `slow`: it waits for its
    permission before it takes the next page."""

    def __init__(self, relay: Relay, room: str, slow: bool = False, **place: object) -> None:
        self.relay, self.room, self.place = relay, room, place
        self.texts: list[str] = []
        self.numbers: list[int] = []
        self.resets = 0
        self.pages = 0
        self.may_go_on = asyncio.Event()
        if not slow:
            self.may_go_on.set()

    async def __aenter__(self) -> "Reader":
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        async with aclosing(self.relay.follow(self.room, **self.place)) as pages:  # type: ignore[arg-type]
            async for page, reset in pages:
                self.pages += 1
                self.resets += reset
                self.texts += [entry.data.decode() for entry in page.entries]
                self.numbers += [entry.seq for entry in page.entries]
                await self.may_go_on.wait()

    async def reads(self, *texts: str) -> None:
        """Wait until it was told so much, and this is it."""
        await soon(lambda: len(self.texts) >= len(texts), what=f"{len(texts)} entries to be read")
        assert self.texts == [*texts]


async def say(worker: Served, *texts: str, room: str = "tea") -> None:
    for text in texts:
        await worker.relay.log.append(room, Post(f"{room} {text}", text.encode()))


class FollowingContract:
    async def test_what_was_said_is_told_first_and_then_whatever_is_new(
        self, one: Served, two: Served
    ) -> None:
        await say(one, "a", "b")
        async with Reader(one.relay, "tea") as here, Reader(two.relay, "tea") as there:
            for reader in (here, there):
                await reader.reads("a", "b")
            await say(two, "c")
            await say(one, "d", room="coffee")
            await say(one, "e")
            for reader in (here, there):
                await reader.reads("a", "b", "c", "e")
                assert reader.numbers == [1, 2, 3, 4]
                assert reader.resets == 0

    @pytest.mark.parametrize("place", [{}, {"after": 0}, {"after": 0, "epoch": ""}])
    async def test_a_room_that_is_empty_begins_without_a_reset(
        self, one: Served, two: Served, place: dict[str, object]
    ) -> None:
        """It is said at first that there is nothing. The epoch is that of the head of such a room."""
        async with Reader(one.relay, "tea", **place) as reader:  # type: ignore[arg-type]
            await soon(lambda: reader.pages, what="the room to be followed")
            await say(two, "a")
            await reader.reads("a")
            assert reader.resets == 0

    async def test_who_knows_a_place_is_told_what_came_after_it(self, one: Served, two: Served) -> None:
        await say(one, "a", "b", "c")
        head = await one.relay.log.head("tea")
        async with (
            Reader(two.relay, "tea", after=1, epoch=head.epoch) as reader,
            Reader(two.relay, "tea", after=head.seq, epoch=head.epoch) as newest,
        ):
            await reader.reads("b", "c")
            await say(one, "d")
            await reader.reads("b", "c", "d")
            await newest.reads("d")

    async def test_who_is_slow_is_told_all_of_it_in_pages(self, one: Served, two: Served) -> None:
        await say(one, "first")
        async with Reader(two.relay, "tea", slow=True, after=0, limit=10) as reader:
            await reader.reads("first")
            texts = [str(number) for number in range(35)]
            await say(one, *texts)
            reader.may_go_on.set()
            await reader.reads("first", *texts)
            assert reader.pages == 5

    async def test_a_log_that_is_cleared_is_another_one(self, one: Served, two: Served) -> None:
        await say(one, "a", "b")
        async with Reader(two.relay, "tea") as reader:
            await reader.reads("a", "b")
            await one.relay.log.clear("tea")
            await say(one, "c")
            await reader.reads("a", "b", "c")
            assert reader.numbers == [1, 2, 1]
            assert reader.resets == 1

    async def test_who_follows_no_more_costs_nothing(self, one: Served, two: Served) -> None:
        """Members stay, and so does somebody else who follows."""
        ana = await one.visitor()
        await one.relay.join(ana.sid(), "tea")
        async with Reader(one.relay, "tea") as stays:
            async with Reader(one.relay, "tea") as goes:
                await say(two, "a")
                await goes.reads("a")
            await one.relay.leave(ana.sid(), "tea")
            await say(two, "b")
            await stays.reads("a", "b")
        assert "tea" not in one.relay.manager.fanout
        await ana.hears(("/", "entry", 1, "a"))

    async def test_members_hear_what_is_said_while_code_follows(self, one: Served, two: Served) -> None:
        async with Reader(one.relay, "tea"):
            ana = await one.visitor()
            await one.relay.join(ana.sid(), "tea")
            await say(two, "a")
            await ana.hears(("/", "entry", 1, "a"))
            await one.relay.leave(ana.sid(), "tea")
            assert "tea" in one.relay.manager.fanout

    async def test_a_place_that_can_not_be_is_refused(self, one: Served, two: Served) -> None:
        for place in ({"after": -1}, {"limit": 0}):
            with pytest.raises(ValueError, match=r"after|limit"):
                async with asyncio.timeout(PATIENCE), aclosing(one.relay.follow("tea", **place)) as pages:  # type: ignore[arg-type]
                    await anext(pages)
        assert "tea" not in one.relay.manager.fanout
