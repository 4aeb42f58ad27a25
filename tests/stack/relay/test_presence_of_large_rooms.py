"""Who is in a room of more than a hundred, counted right at every worker, whatever happens to workers and
Redis."""

import asyncio

from relay.delivery.people import FIRST, LISTED
from relay.redis.names import Names
from relay.redis.presence_reports import AT_ONCE, Reports

from tests.stack.relay.worker import RedisUnderTest, Worker, Workers, until
from tests.support.waiting import soon


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
    # Until it knows that the room is large, it takes zoe's name as one of a small room.
    own = {f"p{number:03}" for number in range(LISTED + 50)}
    await until(
        lambda: one.relay.manager.presence._rooms["tea"].names.keys() == own, "it knows its own by name"
    )


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
