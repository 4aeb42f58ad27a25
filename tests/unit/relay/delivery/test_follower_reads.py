"""How often the follower asks the log: at once where something is missing, and else once in an interval."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest
from relay.delivery.follower import Follower
from relay.log.log import Entry, Head, Page
from relay.log.post import Post
from relay.memory.log import MemoryLog

from tests.support.waiting import soon
from tests.unit.relay.delivery.followed import Everything, Room, receive_nothing
from tests.unit.relay.log.log_contract import numbers


class Asked:
    """Counts what a room's log is asked for."""

    def __init__(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        self.head = self.heads = self.read = 0
        head, heads, read = room.log.head, room.log.heads, room.log.read

        async def count_head(room: str) -> Head:
            self.head += 1
            return await head(room)

        async def count_heads(rooms: Collection[str]) -> dict[str, Head]:
            self.heads += 1
            return await heads(rooms)

        async def count_read(room: str, **options: Any) -> Page:
            self.read += 1
            return await read(room, **options)

        monkeypatch.setattr(room.log, "head", count_head)
        monkeypatch.setattr(room.log, "heads", count_heads)
        monkeypatch.setattr(room.log, "read", count_read)


async def test_a_room_that_lacks_nothing_is_not_read(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head says so, and those of all rooms come in one answer."""
    asked = Asked(room, monkeypatch)
    for entry in await room.append(3):
        room.follower.receive(entry)
    await room.check()
    assert (asked.heads, asked.read) == (1, 0)


async def test_one_missing_entry_is_read_without_waiting_for_the_next_check(room: Room) -> None:
    follower = Follower(room.log, Everything(), room.delivered.append, receive_nothing, interval=3600)
    follower.follow("tea")
    await follower.set_baseline("tea")
    running = asyncio.create_task(follower.run())
    follower.receive((await room.append(2))[1])
    await soon(lambda: len(room.delivered) == 3, what="the missing entry and the next")
    running.cancel()
    assert numbers(room.delivered) == [1, 2, 3]


async def test_one_rooms_slow_read_does_not_hold_up_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rooms that lack entries are read several at once."""
    log, delivered = MemoryLog(lambda entry: None, keep=0, dedup_ttl=60), list[Entry]()
    follower = Follower(log, Everything(), delivered.append, receive_nothing, interval=3600)
    for room in "slow", "quick":
        follower.follow(room)
        await follower.set_baseline(room)
        await log.append(room, Post("1", b"x"))
    read, answered = log.read, asyncio.Event()

    async def read_slowly(room: str, **options: Any) -> Page:
        if room == "slow":
            await answered.wait()
        return await read(room, **options)

    monkeypatch.setattr(log, "read", read_slowly)
    checking = asyncio.create_task(follower.check(["slow", "quick"]))
    await soon(lambda: [entry.room for entry in delivered] == ["quick"], what="the quick room's entry")
    answered.set()
    await checking
    assert [entry.room for entry in delivered] == ["quick", "slow"]


async def test_all_rooms_are_compared_once_in_an_interval(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(room, monkeypatch)
    follower = Follower(room.log, Everything(), room.delivered.append, receive_nothing, interval=0.1)
    running = asyncio.create_task(follower.run())
    await soon(lambda: asked.heads, what="the first check")
    loop = asyncio.get_running_loop()
    before, since = asked.heads, loop.time()
    await soon(lambda: asked.heads >= before + 3, what="three more")
    running.cancel()
    assert asked.heads - before <= (loop.time() - since) / 0.1 + 1


async def test_broadcasts_that_are_late_are_waited_for_and_not_read(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy worker has them in its socket. Each is delivered once, and none counts as lost."""
    asked, caught_up = Asked(room, monkeypatch), room.follower.caught_up
    late = await room.append(500)

    async def receive_all() -> None:
        for entry in late:
            await asyncio.sleep(0)
            room.follower.receive(entry)

    monkeypatch.setattr(room.follower, "_receive_all", receive_all)
    await room.compare()
    assert numbers(room.delivered) == list(range(1, 502))
    assert (asked.read, room.follower.behind, room.follower.caught_up) == (0, 0, caught_up)


async def test_what_is_lost_is_read_although_late_broadcasts_come(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if nothing comes any more, so that waiting for it ends in vain."""
    caught_up = room.follower.caught_up
    first, *_ = await room.append(5)

    async def receive_all() -> None:
        room.follower.receive(first)
        raise TimeoutError

    monkeypatch.setattr(room.follower, "_receive_all", receive_all)
    await room.compare()
    assert numbers(room.delivered) == [1, 2, 3, 4, 5, 6]
    assert room.follower.caught_up == caught_up + 4


async def test_who_joins_a_followed_room_waits_for_no_answer(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the first one does. And whoever has left meanwhile begins nothing."""
    asked = Asked(room, monkeypatch)
    await room.follower.set_baseline("tea")
    await room.follower.set_baseline("nobody is there")
    assert asked.head == 0


async def test_what_was_trimmed_is_not_counted_as_delivered(room: Room) -> None:
    before = (room.follower.catch_ups, room.follower.caught_up)
    await room.append(5)
    room.log._rooms["tea"].entries.clear()
    await room.check()
    assert (room.follower.catch_ups, room.follower.caught_up) == before
