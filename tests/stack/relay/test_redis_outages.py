"""What becomes of a log on Redis when Redis hangs, dies, restarts or is full: nothing that was answered."""

import asyncio
import time

import pytest
from relay.log.log import Appended, LogFull, LogUnavailable
from relay.log.post import Post
from relay.log.token_buckets import TokenBucket
from relay.redis.link import Link
from relay.redis.log import RedisLog

from tests.stack.relay.worker import RedisUnderTest
from tests.support.waiting import PATIENCE
from tests.unit.relay.log.log_contract import filled
from tests.unit.relay.log.together_contract import together


async def test_an_answered_append_survives_a_kill(redis: RedisUnderTest, link: Link) -> None:
    """Each of 20 entries is answered, and after `kill -9` of Redis each is there."""
    log = redis.log(link)
    await filled(log, 20)
    await redis.docker("kill", "--signal=KILL")
    await redis.docker("start")
    await redis.ready()
    assert [entry.seq for entry in (await log.read("tea")).entries] == list(range(1, 21))
    assert (await log.append("tea", Post("7", b"x"))).seq == 7


async def test_a_silent_redis_is_unavailable_within_two_seconds(redis: RedisUnderTest, link: Link) -> None:
    """Callers that wait behind one another included; and a retry settles what became of it."""
    log = redis.log(link)
    await filled(log, 1)
    await redis.docker("pause")
    begun = time.monotonic()
    waits: list[float] = []

    async def ask(number: int) -> None:
        await asyncio.sleep(number * 0.01)
        asked = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.append("tea", Post(f"id{number}", b"x"))
        waits.append(time.monotonic() - asked)

    await asyncio.gather(*(ask(number) for number in range(300)))
    assert max(waits) < 2
    assert time.monotonic() - begun < 6
    await redis.docker("unpause")
    await until_answered(log)  # the circuit breaker may still be open
    answers = [await log.append("tea", Post(f"id{number}", b"x")) for number in range(300)]
    assert sorted(answer.seq for answer in answers) == list(range(2, 302))
    assert (await log.head("tea")).seq == 301


async def test_a_redis_that_is_gone_is_unavailable(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await redis.docker("kill")
    with pytest.raises(LogUnavailable):
        await log.append("tea", Post("1", b"x"))
    await redis.docker("start")
    await until_answered(log)
    assert (await log.append("tea", Post("1", b"x"))).seq == 1


async def test_a_closed_connection_is_replaced_unnoticed(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    for number in range(5):
        await redis.command("CLIENT", "KILL", "TYPE", "normal")
        assert (await log.append("tea", Post(f"again{number}", b"x"))).seq == number + 2


async def test_a_restarted_redis_knows_the_script_again(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    await redis.command("SCRIPT", "FLUSH")
    await filled(log, 10)
    assert (await log.head("tea")).seq == 10


async def test_no_late_reply_reaches_another_caller(redis: RedisUnderTest, link: Link) -> None:
    """Callers give up at random moments, Redis stalls; every answer still belongs to its question."""
    log = redis.log(link)
    answers: dict[str, Appended] = {}
    gave_up: set[str] = set()

    async def ask(id: str, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                answers[id] = await log.append("tea", Post(id, id.encode()))
        except (TimeoutError, LogUnavailable):
            gave_up.add(id)

    async def insist(id: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while id not in answers:
                await ask(id, PATIENCE)

    for round in range(8):
        if round % 4 == 2:
            await redis.command("CLIENT", "PAUSE", "1200")
        hasty = (ask(f"{round}-{n}", 0.0005 * n) for n in range(100))
        patient = (insist(f"{round}-patient-{n}") for n in range(10))
        await asyncio.gather(*hasty, *patient)
    await until_answered(log)
    page = await log.read("tea", after=0, limit=2000)
    written = {entry.id: entry.seq for entry in page.entries}
    assert len(answers) >= 80, "those who insist are answered"
    assert len(gave_up) > 8, "others gave up"
    assert len(written) == len(page.entries)
    assert {id: answer.seq for id, answer in answers.items()} == {id: written[id] for id in answers}
    assert all(entry.data == entry.id.encode() for entry in page.entries)


async def until_answered(log: RedisLog) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await log.head("tea")
                return
            except LogUnavailable:
                await asyncio.sleep(0.05)


async def test_a_full_redis_refuses_and_changes_nothing(redis: RedisUnderTest, link: Link) -> None:
    log = redis.log(link)
    await filled(log, 1)
    await redis.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        with pytest.raises(LogUnavailable, match="maxmemory"):
            await log.append("tea", Post("more", b"x"))
    finally:
        await redis.command("CONFIG", "SET", "maxmemory", "0")
    assert (await log.append("tea", Post("more", b"x"))).seq == 2


async def test_a_full_redis_answers_each_of_a_call(redis: RedisUnderTest, link: Link) -> None:
    """What is a repetition gets its answer, and the others are refused."""
    log = redis.log(link)
    await filled(log, 1)
    ana = TokenBucket("ana", per_second=1, burst=9)
    await redis.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        posts = [Post("a", b"x", rates=[ana]), Post("1", b"x"), Post("b", b"x")]
        outcomes = await together(log, [("tea", post) for post in posts])
    finally:
        await redis.command("CONFIG", "SET", "maxmemory", "0")
    assert [type(outcome) for outcome in outcomes] == [LogFull, Appended, LogFull]
    assert (await log.append("tea", Post("b", b"x"))).seq == 2


async def test_an_amended_log_survives_a_kill(redis: RedisUnderTest, link: Link) -> None:
    log = await filled(redis.log(link), 50)
    await log.amend("tea", 20, "20", b"gone", "notice", b"notice")
    await log.rules.set("no tea", b"", 600)
    before = await log.read("tea")
    await redis.docker("kill", "--signal=KILL")
    await redis.docker("start")
    await redis.ready()
    assert await log.read("tea") == before
    assert list(await log.rules.all()) == ["no tea"]
    assert (await log.append("tea", Post("next", b"x"))).seq == 52
