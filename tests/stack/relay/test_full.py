"""A Redis that is full takes no entries, and all that keeps order goes on."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from relay.log.amendments import Amendment
from relay.log.log import LogFull
from relay.log.post import Post
from relay.log.store import BoundedSet, Quota, Recent
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, Worker, Workers, until

ENTRY = b"x" * 40_000


async def fill(redis: RedisUnderTest, one: Worker) -> int:
    """Append until nothing more is taken; how many entries were."""
    await redis.limit(await redis.used() + 20_000_000)
    for number in range(5000):
        try:
            await one.relay.log.append("flood", Post(f"id{number}", ENTRY))
        except LogFull:
            return number
    raise AssertionError("it takes entries without end")


async def until_refused(act: Callable[[], Awaitable[Any]]) -> int:
    """Return how often it was taken before."""
    for taken in range(2000):
        if await refused(act):
            return taken
    raise AssertionError("it is taken without end")


async def refused(act: Callable[[], Awaitable[Any]]) -> bool:
    try:
        await act()
    except LogFull:
        return True
    return False


async def test_what_keeps_order_goes_on_when_it_is_full_of_entries(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Workers stay ready, and people are seen; retries are answered; rules, deletions, marks and notes are
    written; and where there is room again, entries are taken again."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    filled = await fill(redis, one)
    probe = Names(redis.prefix).alive(one.relay.manager.host_id)
    await redis.command("DEL", probe)
    await until(lambda: redis.command("EXISTS", probe), "the probe was written anew")
    assert one.relay.problem() is None
    assert (await one.relay.log.append("flood", Post("id7", ENTRY))).duplicate
    await one.relay.log.rules.set("mute ana", b"why", 60)
    assert "mute ana" in await two.relay.log.rules.find(["mute ana"])
    await one.relay.log.amend("flood", 8, "id7", b"", "notice", b"8 is deleted")
    store = one.relay.store
    await store.mark("signed out", 60)
    assert await store.marked("signed out")
    attempts = Quota("attempts", 1, 60)
    for _ in range(2):
        assert await store.take(attempts) is None
        await store.give_back(attempts)
    assert await store.add("tea", BoundedSet("rooms", 9)) is None
    addresses = Recent("addresses", 9, 60)
    await store.remember(("192.0.2.1", addresses))
    assert await store.recent(addresses) == ["192.0.2.1"]
    await store.note("audit", b"what was done", 9)
    assert await store.once("key", b"mine") == b"mine"
    await two.person("ana")
    await one.person("ben")
    await until(lambda: sees(one, {"ana", "ben"}), "who is at the other worker is seen")
    taken = await until_refused(lambda: one.say("what the deletion made room for"))
    assert (await one.relay.log.head("flood")).seq == filled + 1
    await one.relay.log.clear("flood")
    assert await one.say_until_kept("there is room again") == taken + 1


async def sees(worker: Worker, people: set[str]) -> bool:
    return worker.here() == people


async def test_the_reserve_has_an_end_and_moderators_have_the_last_of_it(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Nothing grows into the memory that Redis' container has beyond; deleting works in any case."""
    one = worker()
    await one.say("secret", id="secret")
    store, rules = one.relay.store, one.relay.log.rules
    for _ in range(400):  # what Redis uses besides is little to this
        await one.say("x" * 100_000)
    used = await redis.used()
    for share, ordinary, order in ((1.02, False, False), (1.08, True, False), (1.2, True, True)):
        await redis.limit(int(used / share))
        assert await refused(lambda: one.say("more"))
        assert await refused(lambda: store.mark(secrets.token_hex(4), 9)) == ordinary
        assert await refused(lambda: store.add("a", BoundedSet("set", 9))) == ordinary
        assert await refused(lambda: rules.set("rule", b"")) == order
        assert await refused(lambda: store.note("audit", b"", 9)) == order
    await one.relay.log.amend_each("tea", [Amendment(1, "secret", b"")], "notice", b"gone")
    assert (await one.relay.log.read("tea", after=0, limit=1)).entries[0].data == b""


async def test_a_room_of_thousands_is_told_of_at_once(worker: Workers) -> None:
    """More members than a script can hand over in one command."""
    one, two = worker(), worker()
    for number in range(4000):
        await one.person(f"person {number}")
    await two.person("ana")
    await until(lambda: counts(two, 4001), "all are told of", within=20)


async def counts(worker: Worker, people: int) -> bool:
    return worker.relay.people("tea").count == people
