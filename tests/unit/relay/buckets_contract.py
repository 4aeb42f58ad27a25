"""What every log promises of the buckets that its entries take tokens from: a suite beside LogContract."""

import asyncio
import secrets

import pytest
from relay.buckets import Bucket, Limited
from relay.log import Log

from tests.unit.relay.log_contract import MakeLog


class BucketsContract:
    async def test_a_bucket_gives_what_it_holds_and_then_one_at_a_time(self, make_log: MakeLog) -> None:
        """Whoever was limited is told when there is another token, and finds it then; a limited entry is not
        written and takes no number."""
        log, ana = make_log(), Bucket("ana", per_second=1, at_once=3)
        for number in range(3):
            await log.append("tea", f"id{number}", b"x", buckets=[ana])
        with pytest.raises(Limited) as limited:
            await log.append("tea", "more", b"x", buckets=[ana])
        assert 0 < limited.value.retry_after <= 1
        assert (await log.head("tea")).seq == 3
        await asyncio.sleep(limited.value.retry_after + 0.01)
        assert (await log.append("tea", "more", b"x", buckets=[ana])).seq == 4
        with pytest.raises(Limited):
            await log.append("tea", "even more", b"x", buckets=[ana])

    async def test_a_bucket_holds_no_more_than_it_holds(self, make_log: MakeLog) -> None:
        """However long nothing was taken."""
        log, ana = make_log(), Bucket("ana", per_second=2, at_once=2)
        assert await granted(log, ana, 5) == 2
        await asyncio.sleep(1.5)
        assert await granted(log, ana, 5) == 2

    async def test_a_retry_is_answered_however_empty_the_bucket_is(self, make_log: MakeLog) -> None:
        """It takes no token either."""
        log, ana = make_log(), Bucket("ana", per_second=0.01, at_once=3)
        first = await log.append("tea", "same", b"x", buckets=[ana])
        for _ in range(9):
            assert (await log.append("tea", "same", b"x", buckets=[ana])).seq == first.seq
        assert await granted(log, ana, 9) == 2
        again = await log.append("tea", "same", b"x", buckets=[ana])
        assert (again.seq, again.duplicate) == (first.seq, True)

    async def test_an_entry_takes_of_all_its_buckets_or_of_none(self, make_log: MakeLog) -> None:
        """Each key has a bucket of its own, whatever the room."""
        log, all = make_log(), Bucket("all", per_second=0.01, at_once=5)
        ana, ben, cleo = [Bucket(name, per_second=0.01, at_once=3) for name in ("ana", "ben", "cleo")]
        assert await granted(log, ana, 9, all) == 3
        assert await granted(log, ben, 9, all, room="milk") == 2
        assert await granted(log, cleo, 9, all) == 0
        assert await granted(log, cleo, 9) == 3
        assert await granted(log, ben, 9) == 1

    async def test_many_at_once_get_what_a_bucket_holds(self, make_log: MakeLog) -> None:
        log, ana = make_log(), Bucket("ana", per_second=0.01, at_once=7)
        answers = await asyncio.gather(
            *(log.append("tea", f"id{n}", b"x", buckets=[ana]) for n in range(50)), return_exceptions=True
        )
        assert sum(isinstance(answer, Limited) for answer in answers) == 43
        assert sorted(answer.seq for answer in answers if not isinstance(answer, BaseException)) == [
            *range(1, 8)
        ]


async def granted(log: Log, bucket: Bucket, tries: int, *others: Bucket, room: str = "tea") -> int:
    """How many of so many new entries were taken."""
    taken = 0
    for _ in range(tries):
        try:
            await log.append(room, secrets.token_hex(8), b"x", buckets=[bucket, *others])
            taken += 1
        except Limited:
            pass
    return taken
