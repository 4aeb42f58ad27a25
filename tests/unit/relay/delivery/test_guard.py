"""A guarded room: nothing is delivered while an order to remove a member may have been missed."""

import asyncio

import pytest
from relay.delivery.fanout import Fanout
from relay.delivery.follower import AT_ONCE, Follower
from relay.delivery.guard import Guard
from relay.log.log import Entry, LogUnavailable
from relay.log.post import Post
from relay.memory.log import MemoryLog

from tests.support.waiting import soon
from tests.unit.relay.delivery.followed import Everything, Room, receive_nothing
from tests.unit.relay.delivery.test_fanout import event_of, said, say, seated


class Guarded(Room):
    """A followed room whose one member may lose the right to be there. `heard`: what was delivered while it
    was a member."""

    def __init__(self) -> None:
        super().__init__()
        self.guard = Guard()
        self.guard.set(lambda room: room == "tea", self._check)
        self.right = self.member = self.reachable = True
        self.heard: list[int] = []
        self.asked = 0
        self.follower = Follower(
            self.log, Everything(), lambda entry: self._deliver(entry.seq), receive_nothing, 1, self.guard
        )
        self.follower.follow("tea")

    def _deliver(self, seq: int) -> None:
        if self.member:
            self.heard.append(seq)

    async def _check(self, room: str) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if not self.reachable:
            raise LogUnavailable("away")
        self.member = self.member and self.right

    def resubscribed(self) -> None:
        """What the manager does when a subscription began anew."""
        self.follower.mark_dirty("tea")

    async def append_live(self, count: int = 1) -> None:
        for entry in await self.append(count):
            self.follower.receive(entry)


@pytest.fixture
async def room() -> Guarded:
    """A guarded room in which one entry was heard."""
    room = Guarded()
    await room.follower.set_baseline("tea")
    await room.append_live()
    assert room.heard == [1]
    assert room.asked == 0
    return room


async def test_what_comes_live_after_a_missed_order_is_not_heard(room: Guarded) -> None:
    """The order was lost with the subscription; then an entry comes on the new one."""
    room.right = False
    room.resubscribed()
    await room.append_live()
    assert room.heard == [1]
    await room._check_dirty()
    await room.append_live()
    assert room.heard == [1]


async def test_what_is_caught_up_after_a_missed_order_is_not_heard(room: Guarded) -> None:
    """The order and the entry were lost; a comparison finds the entry."""
    room.right = False
    await room.append(1)
    await room.compare()
    assert room.heard == [1]


async def test_what_was_appended_after_an_order_that_is_on_its_way_is_not_heard(
    room: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right ends while the log is being read."""
    read = room.log.read

    async def slow(*arguments: int, **options: int) -> object:
        room.right = False
        await room.append(1)
        return await read(*arguments, **options)  # type: ignore[arg-type]

    await room.append(1)
    monkeypatch.setattr(room.log, "read", slow)
    await room.check()
    assert room.heard == [1]


async def test_who_may_stay_misses_nothing(room: Guarded) -> None:
    """Of what came live while they were asked about, or before; and then comes live again."""
    room.resubscribed()
    await room.append_live(2)
    checking = asyncio.create_task(room._check_dirty())
    for _ in range(5):
        await asyncio.sleep(0)
        await room.append_live()
    await checking
    await room._check_dirty()
    await room.append_live()
    assert room.heard == list(range(1, 10))
    asked = room.asked
    await room.append_live()
    assert room.asked == asked


async def test_while_nobody_can_be_asked_nothing_is_heard_and_nothing_lost(room: Guarded) -> None:
    room.resubscribed()
    room.reachable = False
    for _ in range(3):
        await room.append_live()
        await room._check_dirty()
        assert room.heard == [1]
    room.reachable = True
    await room.compare()
    assert room.heard == [1, 2, 3, 4]


async def test_somebody_who_lost_the_right_is_put_out_though_nothing_is_said(room: Guarded) -> None:
    room.right = False
    room.resubscribed()
    await room._check_dirty()
    assert not room.member


async def test_who_could_not_be_asked_about_is_asked_about_again_though_nothing_is_said(
    room: Guarded,
) -> None:
    room.right, room.reachable = False, False
    room.resubscribed()
    await room._check_dirty()
    room.reachable = True
    await room.compare()
    assert not room.member


@pytest.mark.parametrize("error", [LogUnavailable("away"), ValueError("the application's own")])
async def test_a_room_whose_members_cannot_be_asked_about_holds_up_no_other(error: Exception) -> None:
    """However many rooms are checked with it, and whatever goes wrong in the application."""
    log, guard = MemoryLog(lambda entry: None, keep=0, dedup_ttl=60), Guard()
    rooms = ["tea", *(f"open {number}" for number in range(3 * AT_ONCE))]
    delivered: list[Entry] = []

    async def fail(room: str) -> None:
        raise error

    guard.set(lambda room: room == "tea", fail)
    follower = Follower(log, Everything(), delivered.append, receive_nothing, 1, guard)
    for room in rooms:
        follower.follow(room)
        await follower.set_baseline(room)
        await log.append(room, Post("1", b"x"))
    follower.mark_dirty("tea")
    await follower.check(rooms)
    assert [entry.room for entry in delivered] == rooms[1:]
    guard.set(lambda room: room == "tea", lambda room: asyncio.sleep(0))
    await follower.compare()
    await follower.check([*follower._dirty])
    assert delivered[-1].room == "tea"


async def test_an_order_that_is_missed_while_they_are_asked_about_is_asked_for_again(room: Guarded) -> None:
    room.resubscribed()
    checking = asyncio.create_task(room.check())
    while not room.asked:
        await asyncio.sleep(0)
    room.resubscribed()
    await checking
    assert room.asked == 2


async def test_nobody_is_asked_about_rooms_that_are_open(room: Guarded) -> None:
    room.guard.set(lambda name: False, room._check)
    room.resubscribed()
    await room.append_live(2)
    await room._check_dirty()
    assert room.heard == [1, 2, 3]
    assert room.asked == 0


async def test_volatile_events_of_a_room_in_doubt_are_dropped() -> None:
    guard = Guard()
    guard.set(lambda room: room == "tea", lambda room: asyncio.sleep(0))
    fan = Fanout(event_of, guard)
    (seat,) = seated(fan, 1)
    guard.doubt("tea")
    say(fan, 1, volatile=True)
    await guard.verify("tea")
    say(fan, 2, volatile=True)
    await soon(lambda: seat.received == said(2), what="what came after the doubt")
