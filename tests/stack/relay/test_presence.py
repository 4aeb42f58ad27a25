"""Who is in a room, right at every worker, whatever happens to workers and Redis."""

import asyncio
import time
from typing import Any

import pytest
from relay.redis.names import Names
from relay.redis.presence_reports import Reports

from tests.stack.relay.worker import Member, Proxy, RedisUnderTest, Worker, Workers, until
from tests.support.waiting import PATIENCE
from tests.unit.relay.presence_contract import Place, PresenceContract


class TestPresenceOnRedis(PresenceContract):
    @pytest.fixture
    async def places(self, worker: Workers) -> list[Place]:
        places = [worker() for _ in range(3)]
        for each in places:
            await each.hears()
        return [*places]


def told(member: Member) -> list[dict[str, Any]]:
    """What a client was told of its room's people, in order."""
    return [event[1] for event in member.others() if event[0] == "presence"]


def follows(member: Member) -> set[str]:
    """Who is there, by all that a client was told."""
    people: set[str] = set()
    for change in told(member):
        people |= {person["name"] for person in change.get("joined", ())}
        people -= {person["name"] for person in change.get("left", ())}
    return people


async def agree(workers: list[Worker], names: set[str]) -> float:
    return await until(lambda: all(worker.here() == names for worker in workers), f"all see {names}")


async def three(worker: Workers) -> tuple[list[Worker], list[Member]]:
    """Three workers with a person each, who are told of each other."""
    workers = [worker() for _ in range(3)]
    for each in workers:
        await each.hears()
    people = [await each.person(name) for each, name in zip(workers, ("ana", "ben", "cleo"), strict=True)]
    await agree(workers, {"ana", "ben", "cleo"})
    await until(lambda: all(len(follows(person)) == 3 for person in people), "all are told")
    return workers, people


async def test_every_worker_sees_everybody_and_tells_of_changes(worker: Workers) -> None:
    """A newcomer is answered with everybody at once, on a worker that knew nobody too."""
    workers, people = await three(worker)
    fourth = worker()
    await fourth.person("dora")
    assert fourth.here() == {"ana", "ben", "cleo", "dora"}
    await until(lambda: all("dora" in follows(person) for person in people), "all are told of dora")
    await workers[1].leaves(people[1])
    await until(
        lambda: follows(people[0]) == follows(people[2]) == {"ana", "cleo", "dora"}, "ben is gone", within=6
    )
    assert not fourth.here() - {"ana", "cleo", "dora"}


async def test_a_worker_that_dies_takes_its_people_along(redis: RedisUnderTest, worker: Workers) -> None:
    """Nobody else's; and nothing of it stays in Redis."""
    workers, people = await three(worker)
    await workers[0].stop()
    took = await until(
        lambda: follows(people[1]) == follows(people[2]) == {"ben", "cleo"}, "ana is gone", within=15
    )
    assert took > 3
    reports = await redis.command("HKEYS", Names(redis.prefix).of("tea").reports)
    assert len(reports) == 2
    kept = Names(redis.prefix).of("tea").report("*").replace("{", "[{]")
    assert len(await redis.command("KEYS", kept)) == 2


async def test_whoever_moves_to_another_worker_is_not_told_of(redis: RedisUnderTest, worker: Workers) -> None:
    """A worker is stopped, its people come back elsewhere."""
    workers, people = await three(worker)
    events = [len(told(person)) for person in people[1:]]
    await workers[0].stop()
    await workers[1].person("ana")

    async def noticed() -> bool:
        return len(await redis.command("HKEYS", Names(redis.prefix).of("tea").reports)) == 2

    await until(noticed, "the worker that is gone is noticed")
    assert [len(told(person)) for person in people[1:]] == events
    assert workers[1].here() == workers[2].here() == {"ana", "ben", "cleo"}


async def test_a_wiped_redis_changes_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    """Everybody stays, nobody is told anything, and a worker that comes later finds all of them."""
    workers, people = await three(worker)
    events = [len(told(person)) for person in people]
    await redis.wipe()

    async def written() -> bool:
        return len(await redis.command("HKEYS", Names(redis.prefix).of("tea").reports)) == 3

    await until(written, "all have written again")
    late = worker()
    await late.person("dora")
    await agree([*workers, late], {"ana", "ben", "cleo", "dora"})
    assert all("left" not in change for person in people for change in told(person))
    assert [len(told(person)) for person in people] <= [count + 2 for count in events]


async def test_an_outage_of_redis_changes_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    """Paused for longer than a worker's probe lasts; what happened meanwhile is told after it."""
    workers, people = await three(worker)
    await redis.docker("pause")
    await asyncio.sleep(8)
    await workers[0].leaves(people[0])
    await asyncio.wait({asyncio.create_task(workers[1].person("dora"))})
    await redis.docker("unpause")
    await until(
        lambda: follows(people[1]) == follows(people[2]) == {"ben", "cleo", "dora"}, "all agree", within=12
    )
    left = [person["name"] for change in told(people[2]) for person in change.get("left", ())]
    assert left == ["ana"]


async def test_a_worker_that_was_taken_for_dead_comes_back(redis: RedisUnderTest, worker: Workers) -> None:
    workers, _ = await three(worker)
    doomed = workers[0].relay.manager.host_id
    names, link = Names(redis.prefix), redis.link()
    await Reports(link, names, "another").remove("tea", doomed)
    await link.close()

    async def written() -> bool:
        return bool(await redis.command("HEXISTS", names.of("tea").reports, doomed))

    await until(written, "it has written its report again")
    await agree(workers, {"ana", "ben", "cleo"})


async def test_a_lost_report_heals(redis: RedisUnderTest, proxy: Proxy, worker: Workers) -> None:
    """Somebody comes while a worker's connection is dead without a word."""
    deaf, other = worker(proxy.redis), worker()
    ana = await deaf.person("ana")
    await deaf.hears()
    proxy.cut()
    await other.person("ben")
    took = await until(lambda: "ben" in follows(ana), "ana is told of ben")
    assert took < 8


async def test_three_hundred_who_come_back_at_once_are_few_events(worker: Workers) -> None:
    """On another worker, or on the same: at most a few a second; within the grace, none at all."""
    workers = [worker() for _ in range(2)]
    for each in workers:
        await each.hears()
        each.relay.manager.presence._grace = PATIENCE  # however long it takes 300 to come back
    watcher = await workers[0].person("watcher")
    crowd = [await workers[1].person(f"p{number}") for number in range(300)]
    await until(lambda: any(change["count"] == 301 for change in told(watcher)), "all have come")
    before, begun = len(told(watcher)), time.monotonic()
    for member in crowd:
        await workers[1].leaves(member)
    await asyncio.gather(*(workers[number % 2].person(f"p{number}") for number in range(300)))
    await asyncio.sleep(5)
    assert len(told(watcher)) == before
    assert workers[0].relay.people("tea").count == 301
    assert before / (time.monotonic() - begun) < 3


async def test_a_group_is_ended_on_every_worker(worker: Workers) -> None:
    """And nobody else."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    tabs = [await one.person("ana"), await two.person("ana")]
    ben = await two.person("ben")
    for each, tab in zip((one, two), tabs, strict=True):
        await each.relay.group(tab.sid, "browser")
    await one.relay.disconnect_group("browser")
    await until(
        lambda: (
            not any(
                each.relay.manager.is_connected(tab.sid, "/")
                for each, tab in zip((one, two), tabs, strict=True)
            )
        ),
        "both tabs are ended",
    )
    assert two.relay.manager.is_connected(ben.sid, "/")
