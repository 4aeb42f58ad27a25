"""Messages come through whatever happens to a cluster's nodes: once each, in one order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import groupby

import pytest
from relay.log.log import LogUnavailable
from relay.log.post import Post
from relay.log.records import Drop, Put
from relay.log.votes import Vote
from relay.redis.names import Names, RoomNames

from tests.stack.relay.worker import Worker, until
from tests.support.redis_cluster import RedisCluster
from tests.support.waiting import PATIENCE, eventually


async def test_two_workers_show_one_order_in_every_room(worker: Callable[[], Worker]) -> None:
    one, two = worker(), worker()
    rooms = [f"room-{number}" for number in range(20)]
    for each in (one, two):
        await each.hears()
    members = {room: (await one.member(room), await two.member(room)) for room in rooms}
    for number in range(20):
        await asyncio.gather(*(each.say(f"{number}", room) for room in rooms for each in (one, two)))
    both = [member for pair in members.values() for member in pair]
    await until(lambda: all(len(member.told) >= 40 for member in both), "all are told")
    for first, second in members.values():
        assert first.numbers == list(range(1, 41))
        assert first.told == second.told


async def test_who_is_put_out_by_a_change_is_out_at_every_worker(worker: Callable[[], Worker]) -> None:
    """Whichever node has the room: the script that makes the change tells of it."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    ana = await two.connect()
    await two.relay.group(ana.sid, "user ana")
    rooms = [f"room-{number}" for number in range(9)]
    for room in rooms:
        await two.relay.join(ana.sid, room)
        await one.relay.records.change(room, Put(f"members of {room}", "ana", b"", 0, 9))
    for room in rooms:
        dropped = Drop(f"members of {room}", "ana")
        assert await one.relay.change_and_remove(room, dropped, group="user ana")
    await until(lambda: not two.relay.rooms(ana.sid), "she is out everywhere")


async def test_people_at_other_workers_are_seen(worker: Callable[[], Worker]) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    await one.person("ana")
    ben = await two.person("ben")
    await until(lambda: one.here() == two.here() == {"ana", "ben"}, "each sees both")
    await two.leaves(ben)
    await until(lambda: one.here() == {"ana"}, "ben is gone")


async def test_a_replica_that_takes_over_costs_no_message_and_no_other_room(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    names = Names(prefix)
    lost = await asyncio.to_thread(cluster.primary_of, names.of("tea").log)
    others = (f"room-{number}" for number in range(100))
    other = next(room for room in others if cluster.primary_of(names.of(room).log) != lost)
    here, there = await two.member("tea"), await two.member(other)
    await one.say("before")
    before = await one.relay.log.head("tea")
    stop, spoken = asyncio.Event(), 0
    failed: set[str] = set()

    async def talk() -> None:
        nonlocal spoken
        while not stop.is_set():
            try:
                await one.say(str(spoken), other)
                spoken += 1
            except LogUnavailable as error:
                failed.add(str(error))
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    await asyncio.to_thread(cluster.signal, lost, "KILL")
    began = time.monotonic()
    kept = [await one.say_until_kept(f"after {number}") for number in range(20)]
    print(f"the room of the lost primary was back after {time.monotonic() - began:.1f} s")
    after = (await one.relay.log.head("tea")).epoch
    await until(
        lambda: len([told for told in here.told if told.epoch == after]) >= 21, "the member starts over"
    )
    stop.set()
    await talking
    assert kept == list(range(2, 22))
    assert after != before.epoch
    assert [told.seq for told in here.told if told.epoch == after] == list(range(1, 22))
    assert failed == set()
    await until(lambda: len(there.told) == spoken, "the members of the other room are told")
    assert there.numbers == list(range(1, spoken + 1))


async def test_what_no_replica_has_is_not_acknowledged(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one = worker()
    await one.hears()
    await one.say("before", id="0")
    async with no_replica_of(cluster, Names(prefix).of("tea")):
        for _ in range(2):  # nor is it when it is repeated, which writes nothing new
            await is_not_acknowledged(lambda: one.say("alone", id="1"))
        assert (await one.relay.log.read("tea")).entries, "what is there can be read"
    assert await one.say_until_kept("alone", id="1") == 2


async def test_a_vote_that_no_replica_has_is_not_acknowledged(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    """Nor when it is cast again, and changes nothing at the primary."""
    one, other = worker(), worker()
    await one.hears()
    await one.say("cake?", id="0")
    async with no_replica_of(cluster, Names(prefix).of("tea")):
        for number, each in enumerate((one, one, other)):
            vote, post = Vote(1, "0", "🎂", "ann", "Ann", True), Post(f"vote {number}", b"{}")
            await is_not_acknowledged(partial(each.relay.log.vote, "tea", vote, post))


async def is_not_acknowledged(ask: Callable[[], Awaitable[object]]) -> None:
    """It is refused each time, and at last with the reason. What waits behind others for 1.5 s is told that
    there was no answer: a batch that nobody confirms takes 0.6 s, and a worker asks for things of its own."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with pytest.raises(LogUnavailable) as refused:
                await ask()
            if "Of 1 replicas only 0" in str(refused.value):
                return


@asynccontextmanager
async def no_replica_of(cluster: RedisCluster, names: RoomNames) -> AsyncIterator[None]:
    """Meanwhile no replica takes what is written to a room."""

    def known() -> list[int]:
        """None while the node that is asked has not heard of the last failover, of a test before."""
        primary = cluster.primary_of(names.log)
        return cluster.replicas_of(primary) if primary in cluster.primaries() else []

    replicas = await asyncio.to_thread(eventually, known, what="the replicas of the room are known")
    for replica in replicas:
        await asyncio.to_thread(cluster.signal, replica, "STOP")
    try:
        yield
    finally:
        for replica in replicas:
            await asyncio.to_thread(cluster.signal, replica, "CONT")


async def test_slots_that_move_cost_no_message(
    cluster: RedisCluster, prefix: str, worker: Callable[[], Worker]
) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    rooms = [f"room-{number}" for number in range(60)]
    members = [await two.member(room) for room in rooms]
    stop, kept = asyncio.Event(), dict.fromkeys(rooms, 0)

    async def talk(room: str) -> None:
        while not stop.is_set():
            await one.say_until_kept("x", room)
            kept[room] += 1
            await asyncio.sleep(0.05)

    talking = [asyncio.create_task(talk(room)) for room in rooms]
    await asyncio.to_thread(cluster.reshard, 1500)
    await asyncio.to_thread(cluster.reshard, 1500)
    stop.set()
    await asyncio.gather(*talking)
    both = [*zip(members, rooms, strict=True)]
    await until(lambda: all(kept[room] in member.numbers for member, room in both), "all are told")
    for member, room in both:
        # At another shard a log has another epoch, and its room starts over with the newest page. Back at the
        # first shard it has its first epoch again.
        for _, together in groupby(member.told, key=lambda told: told.epoch):
            numbers = [told.seq for told in together]
            assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert set(member.numbers) == set(range(1, kept[room] + 1))
