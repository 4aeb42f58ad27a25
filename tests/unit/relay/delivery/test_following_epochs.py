"""The follower goes on when the log is another one: lost, wiped or restored."""

from relay.delivery.follower import PAGE

from tests.unit.relay.delivery.followed import Room
from tests.unit.relay.log.log_contract import filled, numbers


async def test_goes_on_in_a_new_epoch(room: Room) -> None:
    for entry in await room.append(4):
        room.follower.receive(entry)
    room.wipe()
    await room.check()
    [first, second] = await room.append(2)
    room.follower.receive(second)
    await room.check()
    assert numbers(room.delivered) == [1, 2, 3, 4, 5, 1, 2]
    assert room.delivered[-1].epoch == first.epoch != room.delivered[0].epoch


async def test_a_late_broadcast_of_an_old_epoch_is_dropped(room: Room) -> None:
    old = await room.append(3)
    room.follower.receive(old[0])
    room.wipe()
    for entry in await room.append(1):
        room.follower.receive(entry)
    await room.check()
    room.follower.receive(old[1])
    await room.check()
    assert numbers(room.delivered) == [1, 2, 1]


async def test_a_late_first_entry_of_a_log_that_is_gone_is_dropped(room: Room) -> None:
    """Although a room without a log begins with an entry of that number."""
    [first] = room.broadcasts
    room.wipe()
    await room.check()
    room.follower.receive(first)
    await room.check()
    assert numbers(room.delivered) == [1]
    [again] = await room.append(1)
    room.follower.receive(again)
    await room.check()
    assert [(entry.epoch, entry.seq) for entry in room.delivered] == [(first.epoch, 1), (again.epoch, 1)]


async def test_a_restored_log_is_delivered_from_its_newest_page_on(room: Room) -> None:
    """Its members start over by themselves; nobody needs a year of messages pushed."""
    room.wipe()
    await filled(room.log, 1000)
    await room.check()
    assert numbers(room.delivered)[1:] == list(range(1001 - PAGE, 1001))


async def test_a_log_that_lost_its_end_is_followed_all_the_same(room: Room) -> None:
    """The same epoch with fewer entries: a backup restored without a new epoch."""
    for entry in await room.append(5):
        room.follower.receive(entry)
    kept = room.log._rooms["tea"]
    kept.seq, kept.entries = 2, kept.entries[:2]
    await room.check()
    for entry in await room.append(1):
        room.follower.receive(entry)
    assert numbers(room.delivered)[-1] == 3
