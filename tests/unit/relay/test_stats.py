"""What the relay counts of itself is what happened."""

import pytest
from relay import Entry, Histogram
from relay.delivery.fanout import Fanout
from relay.redis.info import RECENT, info_of

from tests.support.waiting import soon
from tests.unit.relay.delivery.followed import Room
from tests.unit.relay.delivery.test_fanout import event_of, say, seated


async def test_each_event_handed_to_each_member_is_one_delivery() -> None:
    """Whether a member got it with the others, before them because an answer followed, or not at all."""
    fan = Fanout(event_of)
    ana, ben, *_ = seats = seated(fan, 5)
    say(fan, 1)
    ana.answer("now")
    say(fan, 2)
    say(fan, 3, skip=["sid-1"])
    ben.answer("also now")
    await soon(lambda: all(len(seat.received) >= 2 for seat in seats), what="all is delivered")
    answers = 2
    assert fan.delivered == sum(len(seat.received) for seat in seats) - answers == 14


async def test_rooms_count_while_they_have_members() -> None:
    fan = Fanout(event_of)
    seated(fan, 2, "tea")
    seated(fan, 1, "coffee")
    assert fan.rooms == 2
    fan.leave("coffee", "sid-0")
    assert fan.rooms == 1


async def test_a_lost_broadcast_is_a_lag_and_then_a_catch_up() -> None:
    room = Room()
    follower = room.follower
    await room.append(1)
    await follower.set_baseline("tea")
    for entry in await room.append(3):
        follower.receive(entry)
    await follower.check(["tea"])
    assert (follower.behind, follower.catch_ups, follower.caught_up) == (0, 0, 0)
    await room.append(7)
    await follower.check(["tea"])
    assert (follower.behind, follower.catch_ups, follower.caught_up) == (7, 1, 7)
    await follower.check(["tea"])
    assert (follower.behind, follower.catch_ups, follower.caught_up) == (0, 1, 7)


async def test_a_room_that_nobody_is_in_any_more_lacks_nothing() -> None:
    room = Room()
    await room.follower.set_baseline("tea")
    await room.append(1)
    await room.follower.check(["tea"])
    room.follower.unfollow("tea")
    assert room.follower.behind == 0


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0, 0), (0.001, 0), (0.0011, 1), (2.5, 10), (2.6, 11), (9e9, 11)]
)
def test_a_histogram_keeps_a_bounds_own_value_below_it(seconds: float, bucket: int) -> None:
    """As Prometheus' `le` says."""
    histogram = Histogram()
    histogram.observe(seconds)
    assert histogram.counts.index(1) == bucket
    assert (sum(histogram.counts), histogram.seconds) == (1, seconds)


INFO = (
    "# Server\r\nuptime_in_seconds:7\r\nserver_time_usec:1700000000123456\r\n# Clients\r\n"
    "connected_clients:4\r\n"
    "used_memory:1000\r\nmaxmemory:4000\r\naof_last_write_status:{write}\r\naof_last_bgrewrite_status:{rewrite}"
    "\r\naof_current_size:55\r\ntotal_commands_processed:99\r\n"
)


def test_the_info_of_redis_is_what_it_says() -> None:
    well = info_of(INFO.format(write="ok", rewrite="ok"), [])
    assert well == (7, 4, 1000, 4000, True, True, 0, 99, 55)
    assert not info_of(INFO.format(write="err", rewrite="ok"), []).written
    assert not info_of(INFO.format(write="ok", rewrite="err"), []).rewritten


def test_the_slowest_sync_is_of_the_last_minute() -> None:
    now = 1_700_000_000
    syncs = [[now - RECENT - 1, 9000], [now - RECENT, 700], [now, 300]]
    assert info_of(INFO.format(write="ok", rewrite="ok"), syncs).slowest_sync == 0.7


async def test_entries_are_counted_as_any_event() -> None:
    fan = Fanout(event_of)
    (seat,) = seated(fan, 1)
    fan.deliver(Entry("tea", "epoch", 1, "id", 0, b""))
    await soon(lambda: len(seat.received) == 1, what="it is delivered")
    assert fan.delivered == 1
