"""How far somebody has read, on devices at several workers."""

import asyncio
import random
from typing import Any

import pytest

from tests.support.people import ORDINARY, Person, new_room
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

SOON = 1.0
"""Seconds within which one device knows what was read on another."""


class Device(Person):
    """One of a person's. It remembers what it was told of their marks."""

    def __init__(self, url: str, cookie: str, room: str) -> None:
        super().__init__(url, ORDINARY, "Ana", cookie, room)
        self.told: list[dict[str, Any]] = []

    async def arrive(self) -> None:
        await super().arrive()
        self._client.on("read", self.told.append)
        await soon(lambda: self.is_here, what="the device is in the room")

    async def reads(self, epoch: str, seq: int) -> dict[str, Any]:
        return await self.asks("read", {"room": self.room, "epoch": epoch, "seq": seq})

    async def mark(self) -> int | None:
        """The person's mark in the room, as the worker of this device finds it."""
        rooms = (await self.asks("rooms"))["rooms"]
        found: int | None = next(each for each in rooms if each["room"] == self.room).get("read")
        return found


class Devices:
    """Of one person, in a room of 50 messages: several at each of two workers."""

    def __init__(self, all_of_them: list[Device], epoch: str) -> None:
        self.all = all_of_them
        self.epoch = epoch
        routes = {each.route: each for each in all_of_them}
        self.one, self.two = [*routes.values()][:2]


@pytest.fixture
async def devices(stack: Stack) -> Any:
    [cookie], room = stack.sign_in("Ana"), new_room()
    people = [Device(stack.url, cookie, room) for _ in range(8)]
    for each in people:
        await each.arrive()
    said = [await people[number % 8].says(f"message {number}") for number in range(50)]
    yield Devices(people, said[0]["epoch"])
    await asyncio.gather(*(each.leave() for each in people))


async def test_what_is_read_at_one_worker_is_read_at_the_other(devices: Devices) -> None:
    one, two = devices.one, devices.two
    assert one.route != two.route
    answer = await one.reads(devices.epoch, 20)
    mark = {"room": one.room, "epoch": devices.epoch, "read": 20}
    assert answer == {"ok": True, **mark}
    await soon(lambda: mark in two.told, within=SOON, what="the other device is told")
    assert await two.mark() == 20
    assert mark not in one.told


async def test_of_devices_that_read_at_once_the_furthest_wins(devices: Devices) -> None:
    """Nobody is ever told of a mark that is below the one before."""

    async def reads(device: Device) -> None:
        before = 0
        for _ in range(5):
            answer = await device.reads(devices.epoch, random.randint(1, 49))
            assert answer["ok"]
            assert answer["read"] >= before
            before = answer["read"]

    await asyncio.gather(*(reads(each) for each in devices.all), devices.one.reads(devices.epoch, 50))
    assert [await each.mark() for each in devices.all] == [50] * 8
    for each in devices.all:
        assert each is devices.one or max(told["read"] for told in each.told) == 50


async def test_what_could_not_be_kept_is_said_not_to_be(devices: Devices, stack: Stack) -> None:
    """While Redis is away. What was kept before is still there when it is back."""
    assert (await devices.one.reads(devices.epoch, 20))["read"] == 20
    redis = stack.container("redis")
    await asyncio.to_thread(redis.stop)
    try:
        refused = await devices.one.reads(devices.epoch, 30)
        assert (refused["ok"], refused["error"]) == (False, "unavailable")
    finally:
        await asyncio.to_thread(redis.start)

    async with asyncio.timeout(PATIENCE):
        while not (await devices.two.reads(devices.epoch, 1))["ok"]:
            await asyncio.sleep(0.1)
    assert await devices.two.mark() in (20, 30)
    assert (await devices.two.reads(devices.epoch, 30))["read"] == 30


async def test_a_mark_outlives_the_worker_that_kept_it(devices: Devices, stack: Stack) -> None:
    one, two = devices.one, devices.two
    assert (await one.reads(devices.epoch, 33))["ok"]
    await asyncio.to_thread(stack.workers()[one.route].kill)
    assert await two.mark() == 33
    await soon(lambda: one.is_here and one.route != "", within=30, what="the first device is back")
    assert await one.mark() == 33
