"""The follower of a guarded room over a channel that is cut again and again."""

import asyncio
import random

import pytest
from relay.delivery.follower import Follower
from relay.delivery.guard import Guard
from relay.log.log import Entry, LogUnavailable

from tests.unit.relay.delivery.followed import Everything, Room, receive_nothing


class Order:
    """That somebody is put out, on the room's channel."""


@pytest.mark.parametrize("seed", range(30))
async def test_who_is_put_out_hears_nothing_more_and_who_stays_hears_all(seed: int) -> None:
    """The channel keeps its order, and loses what is on it when it is cut. Who may stay can't always be
    known, and both that and the log are answered late."""
    chance, room, guard = random.Random(seed), Room(), Guard()
    stays: list[int] = []
    goes: list[int] = []
    right = here = True
    last = 0

    async def late() -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)

    async def check(name: str) -> None:
        nonlocal here
        await late()
        if chance.random() < 0.3:
            raise LogUnavailable("away")
        may = right
        await late()
        here = here and may

    def deliver(entry: Entry) -> None:
        stays.append(entry.seq)
        if here:
            goes.append(entry.seq)

    read = room.log.read

    async def late_read(*arguments: object, **options: object) -> object:
        page = await read(*arguments, **options)  # type: ignore[arg-type]
        await late()
        return page

    room.log.read = late_read  # type: ignore[assignment]
    guard.set(lambda name: True, check)
    room.follower = Follower(room.log, Everything(), deliver, receive_nothing, 1, guard)
    room.follower.follow("tea")
    await room.follower.set_baseline("tea")
    underway: list[Entry | Order] = []
    checks: list[asyncio.Task[None]] = []

    def receive() -> None:
        nonlocal here
        came = underway.pop(0)
        if isinstance(came, Order):
            here = False
        else:
            room.follower.receive(came)

    def cut() -> None:
        underway.clear()
        room.follower.mark_dirty("tea")

    for turn in range(300):
        if turn == 150:
            right, last = False, (await room.log.head("tea")).seq
            alone = chance.random() < 0.5
            while alone and underway:
                receive()
            underway.append(Order())
            if alone:  # so that no gap tells of it
                cut()
        underway += await room.append(chance.randrange(3))
        while underway and chance.random() < 0.7:
            receive()
        if chance.random() < 0.1:
            cut()
        if chance.random() < 0.1:
            checks.append(asyncio.create_task(chance.choice((room.check, room.compare))()))
        await asyncio.sleep(0)
    await asyncio.gather(*checks)
    head = (await room.log.head("tea")).seq
    while len(stays) < head:
        await room.compare()
    assert stays == list(range(1, head + 1))
    assert goes == list(range(1, len(goes) + 1))
    assert len(goes) <= last
