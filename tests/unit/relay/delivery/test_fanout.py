"""The fan-out joins what comes close together, and never changes the order in which a member gets it."""

import asyncio
from typing import Any

import pytest
from engineio.packet import MESSAGE, Packet
from relay import Entry
from relay.delivery import room_members
from relay.delivery.fanout import Fanout
from relay.delivery.frames import Batch, Frame
from relay.delivery.room_members import Room

from tests.support.waiting import soon


class Seat:
    """A member that notes each write, as the texts in it."""

    pause_factor = 4

    def __init__(self) -> None:
        self.rooms: dict[Room, str] = {}
        self.writes: list[list[str]] = []
        self.batches: list[Batch] = []

    def put(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.writes.append([frame.packet[1:].decode() for frame in batch.frames])

    def answer(self, text: str) -> None:
        """What a session does with what is for it alone."""
        due = [frame for room, sid in self.rooms.items() for frame in room.take_queued(sid)]
        self.put(Batch([*due, Frame.of(Packet(MESSAGE, text))]))

    @property
    def received(self) -> list[str]:
        return [text for write in self.writes for text in write]


def event_of(entry: Entry) -> bytes:
    return b'["entry",%d]' % entry.seq


def seated(fan: Fanout, count: int, room: str = "tea") -> list[Seat]:
    seats = [Seat() for _ in range(count)]
    for number, seat in enumerate(seats):
        fan.enter(room, f"sid-{number}", seat)
    return seats


def said(*numbers: object) -> list[str]:
    return [f'2["said",{number}]' for number in numbers]


def say(fan: Fanout, number: int, room: str = "tea", **options: Any) -> None:
    fan.send(room, "said", (number,), **options)


@pytest.fixture
def fan() -> Fanout:
    return Fanout(event_of)


async def test_an_idle_room_gets_an_entry_at_once(fan: Fanout) -> None:
    """In the next turn of the loop, and everybody gets the same bytes."""
    one, other = seated(fan, 2)
    fan.deliver(Entry("tea", "epoch", 7, "id", 0, b""))
    await asyncio.sleep(0)
    assert one.writes == other.writes == [['2["entry",7]']]
    assert one.batches[0].data is other.batches[0].data


async def test_an_entry_without_an_event_sends_nothing() -> None:
    """What comes after it is delivered."""
    fan = Fanout(lambda entry: None if entry.seq == 7 else event_of(entry))
    (seat,) = seated(fan, 1)
    for seq in (7, 8):
        fan.deliver(Entry("tea", "epoch", seq, "id", 0, b""))
    await asyncio.sleep(0)
    assert seat.writes == [['2["entry",8]']]


@pytest.mark.parametrize("event", ["said", {"text": "hello"}, 7])
async def test_what_is_no_event_is_an_error_that_says_what_one_is(event: Any) -> None:
    """It would be a packet at which clients close their connection."""
    fan = Fanout(lambda entry: event)
    seated(fan, 1)
    with pytest.raises(TypeError, match=f"event_of returns .* not {type(event).__name__}"):
        fan.deliver(Entry("tea", "epoch", 7, "id", 0, b""))


async def test_a_busy_room_gets_many_frames_in_one_write(
    fan: Fanout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that come while the room has to wait, which is so long here that no machine takes longer to say
    them."""
    monkeypatch.setattr(Seat, "pause_factor", 10**6)
    monkeypatch.setattr("relay.delivery.room_members.MAX_DELAY", 1.0)
    (seat, *_) = seated(fan, 400)
    say(fan, 0)
    await asyncio.sleep(0)
    for number in range(1, 40):
        say(fan, number)
        await asyncio.sleep(0)
    await soon(lambda: len(seat.received) == 40, what="everything to be written")
    assert seat.writes == [said(0), said(*range(1, 40))]


async def test_a_busy_room_does_not_hold_up_a_quiet_one(fan: Fanout, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the busy one has to wait."""
    monkeypatch.setattr(Seat, "pause_factor", 10**6)
    monkeypatch.setattr("relay.delivery.room_members.MAX_DELAY", 1.0)
    (busy, *_) = seated(fan, 400)
    (quiet,) = seated(fan, 1, "quiet")
    for number in range(3):
        say(fan, number)
        await asyncio.sleep(0)
    say(fan, 9, "quiet")
    await asyncio.sleep(0)
    assert quiet.received == said(9)
    assert busy.received == said(0)


async def test_a_room_pauses_as_its_members_need_it(fan: Fanout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who needs none is written to whenever something is said."""
    monkeypatch.setattr(Seat, "pause_factor", 0)
    (seat, *_) = seated(fan, 400)
    for number in range(40):
        say(fan, number)
        await asyncio.sleep(0)
    assert seat.writes == [said(number) for number in range(40)]


async def test_an_answer_comes_after_what_was_delivered_before_it(fan: Fanout) -> None:
    """Whoever is answered while frames are collected has them first, once, and the others' stay joined."""
    first, other, *_ = seated(fan, 400)
    say(fan, 0)
    await asyncio.sleep(0)
    say(fan, 1)
    say(fan, 2)
    first.answer("3answer")
    say(fan, 3)
    await soon(lambda: len(other.received) == 4, what="everything to be written")
    assert first.received == [*said(0, 1, 2), "3answer", *said(3)]
    assert other.writes == [said(0), said(1, 2, 3)]


async def test_an_answer_waits_for_a_write_that_has_not_reached_its_member(fan: Fanout) -> None:
    """A room of thousands is written to in turns."""
    seats = seated(fan, 3 * room_members.YIELD_EVERY)
    say(fan, 0)
    await asyncio.sleep(0)
    late = next(seat for seat in seats if not seat.received)
    late.answer("3answer")
    assert late.received == [*said(0), "3answer"]
    await soon(lambda: all(seat.received for seat in seats), what="all to get it")
    assert late.received == [*said(0), "3answer"]


async def test_others_have_their_turn_while_a_large_room_is_written_to(fan: Fanout) -> None:
    """And what it gets next comes after that."""
    seats = seated(fan, 3 * room_members.YIELD_EVERY)
    (other,) = seated(fan, 1, "other")
    say(fan, 0)
    say(fan, 8, "other")
    await asyncio.sleep(0)
    say(fan, 1)
    assert other.received == said(8)
    assert sum(bool(seat.received) for seat in seats) == room_members.YIELD_EVERY
    await soon(lambda: all(len(seat.received) == 2 for seat in seats), what="all to get it")
    assert all(seat.received == said(0, 1) for seat in seats)


async def test_a_member_that_left_gets_nothing_more(fan: Fanout) -> None:
    """Not even what was under way."""
    seats = seated(fan, 2 * room_members.YIELD_EVERY)
    say(fan, 0)
    await asyncio.sleep(0)
    number, late = next((n, seat) for n, seat in enumerate(seats) if not seat.received)
    fan.leave("tea", f"sid-{number}")
    await soon(lambda: sum(bool(s.received) for s in seats) == len(seats) - 1, what="all to get it")
    assert late.received == []
    assert late.rooms == {}


async def test_a_member_that_is_skipped_gets_the_rest(fan: Fanout) -> None:
    """In order."""
    skipped, other = seated(fan, 2)
    say(fan, 0)
    say(fan, 1, skip=["sid-0"])
    say(fan, 2)
    await asyncio.sleep(0)
    assert skipped.received == said(0, 2)
    assert other.received == said(0, 1, 2)


async def test_a_room_that_all_left_and_somebody_joined_begins_anew(fan: Fanout) -> None:
    """What was due to those who left is delivered to nobody."""
    seated(fan, 1)
    say(fan, 0)
    fan.leave("tea", "sid-0")
    (newcomer,) = seated(fan, 1)
    say(fan, 1)
    await soon(lambda: bool(newcomer.received), what="the newcomer to get it")
    assert newcomer.received == said(1)
