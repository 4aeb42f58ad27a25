"""What every log promises of the buckets that its entries take tokens from: a suite beside LogContract."""

import asyncio
import secrets
import time

import pytest
from relay.log.log import Appended, Head, Log, Page, TooManyLogs
from relay.log.post import LogCreation, Post
from relay.log.token_buckets import Limited, TokenBucket

from tests.support.waiting import PATIENCE
from tests.unit.relay.log.log_contract import MakeLog


async def let_in(log: Log, post: Post) -> Appended:
    """Append a post once there are tokens for it. A worker may be told a moment late what there is, and then
    waits so much longer."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await log.append("tea", post)
            except Limited as limited:
                await asyncio.sleep(limited.retry_after)


class BucketsContract:
    async def test_a_bucket_gives_what_it_holds_and_then_one_at_a_time(self, make_log: MakeLog) -> None:
        """Whoever was limited is told when there is another token, and finds it then; a limited entry is not
        written and takes no number."""
        log, ana = make_log(), TokenBucket("ana", per_second=1, burst=3)
        for number in range(3):
            await log.append("tea", Post(f"id{number}", b"x", rates=[ana]))
        asked = time.monotonic()
        with pytest.raises(Limited) as limited:
            await log.append("tea", Post("more", b"x", rates=[ana]))
        assert 0 < limited.value.retry_after <= 1
        assert (await log.head("tea")).seq == 3
        assert (await let_in(log, Post("more", b"x", rates=[ana]))).seq == 4
        assert time.monotonic() - asked >= limited.value.retry_after - 0.01
        with pytest.raises(Limited):
            await log.append("tea", Post("even more", b"x", rates=[ana]))

    async def test_a_bucket_holds_no_more_than_it_holds(self, make_log: MakeLog) -> None:
        """However long nothing was taken."""
        log, ana = make_log(), TokenBucket("ana", per_second=2, burst=2)
        assert await granted(log, ana, 5) == 2
        await asyncio.sleep(1.5)
        assert await granted(log, ana, 5) == 2

    async def test_a_bucket_may_fill_faster_than_the_clock_counts(self, make_log: MakeLog) -> None:
        """So that a limit can be set so high that it is none."""
        log, ana = make_log(), TokenBucket("ana", per_second=1e8, burst=10**8, cost=2)
        assert await granted(log, ana, 5) == 5

    async def test_a_retry_is_answered_however_empty_the_bucket_is(self, make_log: MakeLog) -> None:
        """It takes no token either."""
        log, ana = make_log(), TokenBucket("ana", per_second=0.01, burst=3)
        first = await log.append("tea", Post("same", b"x", rates=[ana]))
        for _ in range(9):
            assert (await log.append("tea", Post("same", b"x", rates=[ana]))).seq == first.seq
        assert await granted(log, ana, 9) == 2
        again = await log.append("tea", Post("same", b"x", rates=[ana]))
        assert (again.seq, again.duplicate) == (first.seq, True)

    async def test_an_entry_takes_of_all_its_buckets_or_of_none(self, make_log: MakeLog) -> None:
        """Each key has a bucket of its own, whatever the room."""
        log, all = make_log(), TokenBucket("all", per_second=0.01, burst=5)
        ana, ben, cleo = [TokenBucket(name, per_second=0.01, burst=3) for name in ("ana", "ben", "cleo")]
        assert await granted(log, ana, 9, all) == 3
        assert await granted(log, ben, 9, all, room="milk") == 2
        assert await granted(log, cleo, 9, all) == 0
        assert await granted(log, cleo, 9) == 3
        assert await granted(log, ben, 9) == 1

    async def test_what_is_larger_takes_more_tokens(self, make_log: MakeLog) -> None:
        """And whoever has too few is told which bucket it was, and how long until there are enough."""
        log, count = make_log(), TokenBucket("count", per_second=0.01, burst=9)
        size = TokenBucket("size", per_second=200, burst=500)
        began = time.monotonic()
        await log.append("tea", Post("large", b"x", rates=[count, size._replace(cost=400)]))
        with pytest.raises(Limited) as limited:
            await log.append("tea", Post("larger", b"x", rates=[count, size._replace(cost=300)]))
        assert limited.value.bucket.key == "size"
        assert 1 - (time.monotonic() - began) <= limited.value.retry_after <= 1
        await log.append("tea", Post("small", b"x", rates=[count, size._replace(cost=20)]))
        await let_in(log, Post("larger", b"x", rates=[count, size._replace(cost=300)]))
        assert time.monotonic() - began >= (400 + 20 + 300 - 500) / 200

    async def test_the_rate_may_be_finer_than_a_microsecond(self, make_log: MakeLog) -> None:
        log, size = make_log(), TokenBucket("size", per_second=10**8, burst=10**6, cost=10**6)
        await log.append("tea", Post("one", b"x", rates=[size]))
        await asyncio.sleep(0.05)
        await log.append("tea", Post("two", b"x", rates=[size]))

    async def test_making_a_log_takes_tokens_of_its_own(self, make_log: MakeLog) -> None:
        """Whoever is refused has made nothing; entries of a log that is there take none."""
        log, creation = make_log(), LogCreation(0, [TokenBucket("logs", per_second=0.01, burst=2)])
        for room in ("tea", "tea", "milk", "milk", "tea"):
            await log.append(room, Post(secrets.token_hex(8), b"x", creation=creation))
        with pytest.raises(Limited) as limited:
            await log.append("water", Post("id", b"x", creation=creation))
        assert limited.value.bucket.key == "logs"
        assert await log.head("water") == Head("", 0)
        assert await log.logs() == {"tea", "milk"}

    async def test_there_are_so_many_logs_and_no_more(self, make_log: MakeLog) -> None:
        """Those there are go on; one that is cleared makes place, and begins anew."""
        log, two = make_log(), LogCreation(2)
        first = await log.append("tea", Post("id", b"x", creation=two))
        await log.append("milk", Post("id", b"x", creation=two))
        with pytest.raises(TooManyLogs):
            await log.append("water", Post("id", b"x", creation=two))
        assert (await log.append("tea", Post("more", b"x", creation=two))).seq == 2
        await log.clear("tea")
        assert await log.read("tea") == Page(Head("", 0), [], more=False)
        assert await log.logs() == {"milk"}
        await log.append("water", Post("id", b"x", creation=two))
        again = await log.append("tea", Post("id", b"something else"))
        assert (again.seq, again.duplicate) == (1, False)
        assert again.epoch != first.epoch

    async def test_many_at_once_get_what_a_bucket_holds(self, make_log: MakeLog) -> None:
        log, ana = make_log(), TokenBucket("ana", per_second=0.01, burst=7)
        answers = await asyncio.gather(
            *(log.append("tea", Post(f"id{n}", b"x", rates=[ana])) for n in range(50)), return_exceptions=True
        )
        assert sum(isinstance(answer, Limited) for answer in answers) == 43
        assert sorted(answer.seq for answer in answers if not isinstance(answer, BaseException)) == [
            *range(1, 8)
        ]


async def granted(log: Log, bucket: TokenBucket, tries: int, *others: TokenBucket, room: str = "tea") -> int:
    """How many of so many new entries were taken."""
    taken = 0
    for _ in range(tries):
        try:
            await log.append(room, Post(secrets.token_hex(8), b"x", rates=[bucket, *others]))
            taken += 1
        except Limited:
            pass
    return taken
