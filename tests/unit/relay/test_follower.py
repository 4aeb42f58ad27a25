"""The follower tells each entry once and in order, whatever is lost, repeated, late or wiped on the way."""

import asyncio
import random

import pytest
from relay.follower import PAGE, Follower
from relay.log import Entry, LogUnavailable
from relay.memory import MemoryLog

from tests.unit.relay.log_contract import filled, numbers


class Room:
    """One followed room, whose broadcasts go where the test sends them."""

    def __init__(self, *, keep: int = 0) -> None:
        self.broadcasts: list[Entry] = []
        self.told: list[Entry] = []
        self.keep = keep
        self.log = MemoryLog(self.broadcasts.append, keep=keep)
        self.follower = Follower(self.log, self.told.append)
        self.follower.follow("tea")

    def wipe(self) -> None:
        self.log._rooms.clear()

    async def append(self, count: int) -> list[Entry]:
        """Append, and return the broadcasts instead of delivering them."""
        before = len(self.broadcasts)
        for _ in range(count):
            await self.log.append("tea", str(random.random()), b"x")
        return self.broadcasts[before:]

    async def check(self) -> None:
        """What `run` does, until nothing is suspect."""
        await self.follower.check(["tea"])
        while self.follower._suspects:
            await self.follower.check([self.follower._suspects.pop()])


@pytest.fixture
async def room() -> Room:
    """A room whose first entry was told."""
    room = Room()
    await room.follower.anchor("tea")
    await room.append(1)
    await room.check()
    return room


async def test_tells_an_empty_rooms_entries_from_the_first() -> None:
    """However many came before anybody looked."""
    room = Room()
    await room.follower.anchor("tea")
    for entry in (await room.append(2 * PAGE))[PAGE:]:
        room.follower.heard(entry)
    await room.check()
    assert numbers(room.told) == list(range(1, 2 * PAGE + 1))


async def test_tells_live_entries_at_once(room: Room) -> None:
    for entry in await room.append(2):
        room.follower.heard(entry)
    assert numbers(room.told) == [1, 2, 3]


async def test_tells_a_repeated_entry_once(room: Room) -> None:
    entries = await room.append(2)
    for entry in entries + entries:
        room.follower.heard(entry)
    assert numbers(room.told) == [1, 2, 3]


async def test_reads_what_a_gap_left_out(room: Room) -> None:
    entries = await room.append(3)
    room.follower.heard(entries[0])
    room.follower.heard(entries[2])
    assert numbers(room.told) == [1, 2]
    await room.check()
    assert numbers(room.told) == [1, 2, 3, 4]


async def test_finds_a_broadcast_that_nobody_heard(room: Room) -> None:
    """Even the last one, after which no gap shows."""
    await room.append(2)
    await room.check()
    assert numbers(room.told) == [1, 2, 3]


async def test_reads_a_gap_at_once_and_not_at_the_next_round(room: Room) -> None:
    follower = Follower(room.log, room.told.append, interval=3600)
    follower.follow("tea")
    await follower.anchor("tea")
    running = asyncio.create_task(follower.run())
    follower.heard((await room.append(3))[2])
    await told(room, 4)
    running.cancel()
    assert numbers(room.told) == [1, 2, 3, 4]


async def test_replays_more_than_a_page(room: Room) -> None:
    await room.append(3 * PAGE + 1)
    await room.check()
    assert numbers(room.told) == list(range(1, 3 * PAGE + 3))


async def test_passes_over_what_was_trimmed() -> None:
    """Entries that no longer exist are not waited for."""
    room = Room(keep=10)
    await room.follower.anchor("tea")
    await room.append(500)
    await room.check()
    assert numbers(room.told)[-10:] == list(range(491, 501))
    for entry in await room.append(1):
        room.follower.heard(entry)
    assert room.told[-1].seq == 501


async def test_does_not_wait_for_an_end_that_was_trimmed(room: Room) -> None:
    await room.append(5)
    room.log._rooms["tea"].entries.clear()
    await room.check()
    for entry in await room.append(1):
        room.follower.heard(entry)
    assert numbers(room.told) == [1, 7]


async def test_begins_at_the_head(room: Room) -> None:
    """What was there before the first member joined is the reader's to read."""
    late = Room()
    await late.append(7)
    await late.follower.anchor("tea")
    await late.check()
    assert late.told == []
    for entry in await late.append(1):
        late.follower.heard(entry)
    assert numbers(late.told) == [8]


async def test_begins_with_the_first_entry_heard_if_that_comes_first() -> None:
    room = Room()
    await room.append(3)
    [entry] = await room.append(1)
    room.follower.heard(entry)
    await room.follower.anchor("tea")
    await room.check()
    assert numbers(room.told) == [4]


async def test_goes_on_in_a_new_epoch(room: Room) -> None:
    for entry in await room.append(4):
        room.follower.heard(entry)
    room.wipe()
    await room.check()
    [first, second] = await room.append(2)
    room.follower.heard(second)
    await room.check()
    assert numbers(room.told) == [1, 2, 3, 4, 5, 1, 2]
    assert room.told[-1].epoch == first.epoch != room.told[0].epoch


async def test_a_late_broadcast_of_an_old_epoch_is_dropped(room: Room) -> None:
    old = await room.append(3)
    room.follower.heard(old[0])
    room.wipe()
    for entry in await room.append(1):
        room.follower.heard(entry)
    await room.check()
    room.follower.heard(old[1])
    await room.check()
    assert numbers(room.told) == [1, 2, 1]


async def test_a_restored_log_is_told_from_its_newest_page_on(room: Room) -> None:
    """Its members start over by themselves; nobody needs a year of messages pushed."""
    room.wipe()
    await filled(room.log, 1000)
    await room.check()
    assert numbers(room.told)[1:] == list(range(1001 - PAGE, 1001))


async def test_a_log_that_lost_its_end_is_followed_all_the_same(room: Room) -> None:
    """The same epoch with fewer entries: a backup restored without a new epoch."""
    for entry in await room.append(5):
        room.follower.heard(entry)
    kept = room.log._rooms["tea"]
    kept.seq, kept.entries = 2, kept.entries[:2]
    await room.check()
    for entry in await room.append(1):
        room.follower.heard(entry)
    assert numbers(room.told)[-1] == 3


async def test_tells_nothing_after_unfollow(room: Room) -> None:
    before = list(room.told)
    [entry] = await room.append(1)
    room.follower.unfollow("tea")
    room.follower.heard(entry)
    await room.check()
    assert room.told == before


async def test_goes_on_after_the_log_was_away_and_a_telling_failed() -> None:
    """`run` survives both."""
    room = Room()
    failing = {"log": True, "tell": True}

    async def heads(rooms: object) -> object:
        if failing.pop("log", False):
            raise LogUnavailable("away")
        return await MemoryLog.heads(room.log, rooms)  # type: ignore[arg-type]

    def tell(entry: Entry) -> None:
        room.told.append(entry)
        if failing.pop("tell", False):
            raise ValueError("not JSON")

    room.log.heads = heads  # type: ignore
    follower = Follower(room.log, tell, interval=0.01)
    follower.follow("tea")
    await follower.anchor("tea")
    await room.append(3)
    running = asyncio.create_task(follower.run())
    await told(room, 3)
    running.cancel()
    assert numbers(room.told) == [1, 2, 3]


async def told(room: Room, count: int) -> None:
    async with asyncio.timeout(5):
        while len(room.told) < count:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("seed", range(30))
async def test_tells_everything_once_in_order_whatever_the_channel_does(seed: int) -> None:
    """Broadcasts lost, doubled and delayed at random, checks and wipes in between; the log answers late."""
    chance = random.Random(seed)
    room = Room()
    original = room.log.read

    async def late_read(*arguments: object, **options: object) -> object:
        page = await original(*arguments, **options)  # type: ignore[arg-type]
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        return page

    room.log.read = late_read  # type: ignore[assignment]
    await room.follower.anchor("tea")
    underway: list[Entry] = []
    checks: list[asyncio.Task[None]] = []
    for _ in range(300):
        if chance.random() < 0.01:
            room.wipe()
        underway += await room.append(chance.randrange(3))
        while underway and chance.random() < 0.7:
            entry = underway.pop(0)
            if chance.random() < 0.8:
                room.follower.heard(entry)
            if chance.random() < 0.2:
                underway.append(entry)
        if chance.random() < 0.1:
            checks.append(asyncio.create_task(room.check()))
        await asyncio.sleep(0)
    await asyncio.gather(*checks)
    await room.check()

    spans: list[tuple[str, list[int]]] = []
    for entry in room.told:
        if not spans or spans[-1][0] != entry.epoch:
            spans.append((entry.epoch, []))
        spans[-1][1].append(entry.seq)
    assert len({epoch for epoch, _ in spans}) == len(spans), "an epoch came back"
    for _, told in spans:
        assert told == list(range(1, len(told) + 1))
    head = await room.log.head("tea")
    if head.seq:
        assert (spans[-1][0], spans[-1][1][-1]) == head
