"""The follower tells each entry once and in order, whatever is lost, repeated, late or trimmed on the way."""

import asyncio
from collections.abc import Collection, Iterable

from relay.delivery.follower import PAGE, Follower
from relay.log.log import Entry, Head, LogUnavailable
from relay.log.post import Post
from relay.memory.log import MemoryLog

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.delivery.followed import Everything, Room, receive_nothing
from tests.unit.relay.log.log_contract import numbers


async def test_tells_an_empty_rooms_entries_from_the_first() -> None:
    """However many came before anybody looked."""
    room = Room()
    await room.follower.set_baseline("tea")
    for entry in (await room.append(2 * PAGE))[PAGE:]:
        room.follower.receive(entry)
    await room.check()
    assert numbers(room.delivered) == list(range(1, 2 * PAGE + 1))


async def test_tells_a_rooms_first_entries_at_once() -> None:
    """Nothing can be missing before the first entry of a room that had no log."""
    room = Room()
    await room.follower.set_baseline("tea")
    for entry in await room.append(2):
        room.follower.receive(entry)
    assert numbers(room.delivered) == [1, 2]


async def test_tells_live_entries_at_once(room: Room) -> None:
    for entry in await room.append(2):
        room.follower.receive(entry)
    assert numbers(room.delivered) == [1, 2, 3]


async def test_tells_a_repeated_entry_once(room: Room) -> None:
    entries = await room.append(2)
    for entry in entries + entries:
        room.follower.receive(entry)
    assert numbers(room.delivered) == [1, 2, 3]


async def test_reads_what_a_gap_left_out(room: Room) -> None:
    entries = await room.append(3)
    room.follower.receive(entries[0])
    room.follower.receive(entries[2])
    assert numbers(room.delivered) == [1, 2]
    await room.check()
    assert numbers(room.delivered) == [1, 2, 3, 4]


async def test_finds_a_broadcast_that_nobody_heard(room: Room) -> None:
    """Even the last one, after which no gap shows."""
    await room.append(2)
    await room.compare()
    assert numbers(room.delivered) == [1, 2, 3]


async def test_reads_a_gap_at_once_and_not_at_the_next_round(room: Room) -> None:
    follower = Follower(room.log, Everything(), room.delivered.append, receive_nothing, interval=3600)
    follower.follow("tea")
    await follower.set_baseline("tea")
    running = asyncio.create_task(follower.run())
    follower.receive((await room.append(3))[2])
    await delivered(room, 4)
    running.cancel()
    assert numbers(room.delivered) == [1, 2, 3, 4]


async def test_replays_more_than_a_page(room: Room) -> None:
    await room.append(3 * PAGE + 1)
    await room.check()
    assert numbers(room.delivered) == list(range(1, 3 * PAGE + 3))


async def test_passes_over_what_was_trimmed() -> None:
    """Entries that no longer exist are not waited for."""
    room = Room(keep=10)
    await room.follower.set_baseline("tea")
    await room.append(500)
    await room.check()
    assert numbers(room.delivered)[-10:] == list(range(491, 501))
    for entry in await room.append(1):
        room.follower.receive(entry)
    assert room.delivered[-1].seq == 501


async def test_does_not_wait_for_an_end_that_was_trimmed(room: Room) -> None:
    await room.append(5)
    room.log._rooms["tea"].entries.clear()
    await room.check()
    for entry in await room.append(1):
        room.follower.receive(entry)
    assert numbers(room.delivered) == [1, 7]


async def test_begins_at_the_head(room: Room) -> None:
    """What was there before the first member joined is the reader's to read."""
    late = Room()
    await late.append(7)
    await late.follower.set_baseline("tea")
    await late.check()
    assert late.delivered == []
    for entry in await late.append(1):
        late.follower.receive(entry)
    assert numbers(late.delivered) == [8]


async def test_begins_with_the_first_entry_heard_if_that_comes_first() -> None:
    room = Room()
    await room.append(3)
    [entry] = await room.append(1)
    room.follower.receive(entry)
    await room.follower.set_baseline("tea")
    await room.check()
    assert numbers(room.delivered) == [4]


async def test_tells_nothing_after_unfollow(room: Room) -> None:
    before = list(room.delivered)
    [entry] = await room.append(1)
    room.follower.unfollow("tea")
    room.follower.receive(entry)
    await room.check()
    assert room.delivered == before


async def test_goes_on_after_the_log_was_away_and_a_telling_failed() -> None:
    """`run` survives both."""
    room = Room()
    failing = {"log": True, "deliver": True}

    async def heads(rooms: object) -> object:
        if failing.pop("log", False):
            raise LogUnavailable("away")
        return await MemoryLog.heads(room.log, rooms)  # type: ignore[arg-type]

    def deliver(entry: Entry) -> None:
        room.delivered.append(entry)
        if failing.pop("deliver", False):
            raise ValueError("not JSON")

    room.log.heads = heads  # type: ignore
    follower = Follower(room.log, Everything(), deliver, receive_nothing, interval=0.01)
    follower.follow("tea")
    await follower.set_baseline("tea")
    await room.append(3)
    running = asyncio.create_task(follower.run())
    await delivered(room, 3)
    running.cancel()
    assert numbers(room.delivered) == [1, 2, 3]


async def delivered(room: Room, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(room.delivered) < count:
            await asyncio.sleep(0.001)


class Stopping(MemoryLog):
    """Can't be read while it is `away`."""

    away = False

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        if self.away:
            raise LogUnavailable("away")
        return await super().heads(rooms)


class Once(Everything):
    """Says once that a room changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: set[str] = set()

    async def ask(self) -> set[str]:
        changed, self.changed = self.changed, set()
        return changed


class Sharded(Everything):
    """Two shards; rooms of one begin with x."""

    def by_shard(self, rooms: Iterable[str]) -> list[list[str]]:
        groups = [[room for room in rooms if (room[0] == "x") == first] for first in (True, False)]
        return [group for group in groups if group]


class HalfAway(MemoryLog):
    """Rooms that begin with x can't be read."""

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        if any(room[0] == "x" for room in rooms):
            raise LogUnavailable("away")
        return await super().heads(rooms)


async def test_a_shard_that_is_away_hides_nothing_of_others() -> None:
    delivered: list[Entry] = []
    log = HalfAway(lambda entry: None, keep=0, dedup_ttl=60)
    follower = Follower(log, Sharded(), delivered.append, receive_nothing, interval=0.01)
    for room in ("x1", "tea"):
        follower.follow(room)
    await follower.set_baseline("tea")
    running = asyncio.create_task(follower.run())
    await log.append("tea", Post("1", b"x"))
    await soon(lambda: delivered, what="the entry is delivered")
    running.cancel()


async def test_what_could_not_be_compared_is_compared_once_it_can_be() -> None:
    """Though it changes no more."""
    delivered: list[Entry] = []
    log, changes = Stopping(lambda entry: None, keep=0, dedup_ttl=60), Once()
    follower = Follower(log, changes, delivered.append, receive_nothing, interval=0.01)
    follower.follow("tea")
    await follower.set_baseline("tea")
    running = asyncio.create_task(follower.run())
    await log.append("tea", Post("1", b"x"))
    log.away, changes.changed = True, {"tea"}
    await soon(lambda: not changes.changed, what="it was asked what changed")
    follower.mark_dirty("tea")
    await soon(lambda: not follower._dirty, what="it was checked in vain")
    log.away = False
    await soon(lambda: delivered, what="the entry is delivered")
    running.cancel()
