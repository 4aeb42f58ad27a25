"""Who is in a room, right at every worker, whatever happens to workers and Redis."""

import asyncio
import time
from typing import Any

import pytest
from relay.delivery.people import FIRST, LISTED
from relay.redis.names import Names
from relay.redis.presence_reports import AT_ONCE, Reports

from tests.stack.relay.worker import Member, Proxy, RedisUnderTest, Worker, Workers, until
from tests.support.waiting import PATIENCE, soon
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


async def counted(redis: RedisUnderTest, room: str) -> int:
    """How many people Redis counts in a room."""
    return int(await redis.command("HLEN", Names(redis.prefix).of(room).people))


async def fill(worker: Worker, room: str, names: list[str]) -> None:
    for name in names:
        await worker.person(name, room)


def shows(worker: Worker, room: str) -> tuple[int, list[str]]:
    """What a newcomer is shown."""
    people = worker.relay.people(room)
    return people.count, [member.name for member in people.first]


async def test_a_worker_knows_no_more_of_a_large_room_at_others_than_it_tells(worker: Workers) -> None:
    one, two = worker(), worker()
    await fill(one, "tea", [f"p{number:03}" for number in range(LISTED + 50)])
    await fill(two, "tea", ["zoe"])
    everybody = LISTED + 51, [f"p{number:03}" for number in range(FIRST)]
    await until(lambda: shows(two, "tea") == everybody, "the others are counted")
    presence = two.relay.manager.presence
    assert presence.reports("tea") == {}
    assert presence._rooms["tea"].names == {"zoe": "zoe"}
    await until(lambda: shows(one, "tea")[0] == LISTED + 51, "zoe is counted at the other worker")
    assert one.relay.manager.presence._rooms["tea"].names.keys() == {
        f"p{number:03}" for number in range(LISTED + 50)
    }


async def test_a_worker_that_dies_takes_along_its_people_of_a_large_room(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """However many they are. Whoever is at another worker too stays."""
    doomed, other, third = [worker() for _ in range(3)]
    for each in (doomed, other, third):
        await each.hears()
    names = [f"p{number:04}" for number in range(2 * AT_ONCE + LISTED)]
    await fill(doomed, "tea", names)
    await fill(other, "tea", names[: LISTED + 10])
    await fill(third, "tea", ["zoe"])
    await soon(lambda: shows(third, "tea")[0] == len(names) + 1, what="all are counted")
    await doomed.stop()
    left = LISTED + 11, names[:FIRST]
    await until(lambda: shows(other, "tea") == shows(third, "tea") == left, "they are gone", within=45)
    assert await counted(redis, "tea") == LISTED + 11
    assert len(await redis.command("HKEYS", Names(redis.prefix).of("tea").reports)) == 2
    kept = Names(redis.prefix).of("tea").report("*").replace("{", "[{]")
    assert len(await redis.command("KEYS", kept)) == 2


async def test_a_wiped_redis_counts_the_people_of_a_large_room_again(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Also where somebody comes before anybody noticed."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    names = [f"p{number:03}" for number in range(2 * LISTED)]
    await asyncio.gather(fill(one, "tea", names[::2]), fill(two, "tea", names[1::2]))
    await until(lambda: shows(one, "tea") == shows(two, "tea") == (len(names), names[:FIRST]), "all know")
    await redis.wipe()
    await one.person("zoe")

    async def all_are_counted() -> bool:
        return await counted(redis, "tea") == len(names) + 1

    await until(all_are_counted, "all are counted again")
    everybody = len(names) + 1, names[:FIRST]
    await until(lambda: shows(one, "tea") == shows(two, "tea") == everybody, "all know again")


async def test_a_worker_that_was_half_taken_for_dead_comes_back(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Somebody began to remove its report, and did not end it."""
    one, two = worker(), worker()
    names = [f"p{number:03}" for number in range(LISTED + 50)]
    await fill(one, "tea", names)
    await fill(two, "tea", ["zoe"])
    await until(lambda: shows(one, "tea")[0] == len(names) + 1, "zoe is counted")
    link = redis.link()
    reports = Reports(link, Names(redis.prefix), "another")
    room, doomed = Names(redis.prefix).of("tea"), one.relay.manager.host_id
    keys = room.reports, room.report(doomed), room.people, room.partition.changed_reports
    assert await reports._remove.run((len(keys), *keys, doomed, "tea", 20)) == [1]
    await link.close()
    assert await counted(redis, "tea") == len(names) + 1 - 20

    async def all_are_counted() -> bool:
        return await counted(redis, "tea") == len(names) + 1

    await until(all_are_counted, "all are counted again")


async def test_nothing_is_kept_of_a_room_that_all_have_left(redis: RedisUnderTest, worker: Workers) -> None:
    one, two = worker(), worker()
    members = [
        (each, await each.person(f"p{number:03}")) for number in range(LISTED + 10) for each in (one, two)
    ]
    await until(lambda: shows(one, "tea")[0] == LISTED + 10, "all are counted")
    for each, member in members:
        await each.leaves(member)
    kept = redis.prefix + "*:tea"

    async def nothing_is_kept() -> bool:
        return not await redis.command("KEYS", kept)

    await until(nothing_is_kept, "nothing is kept")
