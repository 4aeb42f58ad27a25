"""The rules on Redis: each worker knows at once of one that is set, and asks for nothing while none is."""

from tests.stack.relay.worker import Proxy, RedisUnderTest, Worker, Workers, until


async def knows(worker: Worker, name: str) -> bool:
    return name in await worker.relay.log.rules.find([name])


async def test_while_no_rule_stands_nobody_waits_for_redis(redis: RedisUnderTest, worker: Workers) -> None:
    one = worker()
    await one.hears()
    assert await one.relay.log.rules.find(["no tea"]) == {}
    await redis.docker("pause")
    assert await one.relay.log.rules.find(["no tea"]) == {}


async def test_a_rule_that_another_worker_sets_is_known_at_once(worker: Workers) -> None:
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
        assert not await knows(each, "no tea")
    await one.relay.log.rules.set("no tea", b"why")
    assert await knows(one, "no tea")
    await until(lambda: knows(two, "no tea"), "word of it came")
    await one.relay.log.rules.drop("no tea")
    assert not await knows(two, "no tea")


async def test_a_rule_that_was_set_while_a_worker_was_cut_off_is_known_when_it_hears_again(
    proxy: Proxy, worker: Workers
) -> None:
    one, two = worker(), worker(proxy.redis)
    for each in (one, two):
        await each.hears()
        assert not await knows(each, "no tea")
    proxy.cut()
    await one.relay.log.rules.set("no tea", b"why")
    await until(lambda: knows(two, "no tea"), "the worker listens again")
