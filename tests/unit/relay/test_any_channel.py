"""The follower over a channel that does whatever it likes."""

import asyncio
import random

import pytest
from relay.log.log import Entry

from tests.unit.relay.delivery.followed import Room


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
    await room.follower.set_baseline("tea")
    underway: list[Entry] = []
    checks: list[asyncio.Task[None]] = []
    for _ in range(300):
        if chance.random() < 0.01:
            room.wipe()
        underway += await room.append(chance.randrange(3))
        while underway and chance.random() < 0.7:
            entry = underway.pop(0)
            if chance.random() < 0.8:
                room.follower.receive(entry)
            if chance.random() < 0.2:
                underway.append(entry)
        if chance.random() < 0.1:
            checks.append(asyncio.create_task(chance.choice((room.check, room.compare))()))
        await asyncio.sleep(0)
    await asyncio.gather(*checks)
    await room.compare()

    spans: list[tuple[str, list[int]]] = []
    for entry in room.delivered:
        if not spans or spans[-1][0] != entry.epoch:
            spans.append((entry.epoch, []))
        spans[-1][1].append(entry.seq)
    assert len({epoch for epoch, _ in spans}) == len(spans), "an epoch came back"
    for _, told in spans:
        assert told == list(range(1, len(told) + 1))
    head = await room.log.head("tea")
    if head.seq:
        assert (spans[-1][0], spans[-1][1][-1]) == head
