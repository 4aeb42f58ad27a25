"""What every log promises of entries that are appended at the same moment: a suite beside LogContract."""

import asyncio
from collections.abc import Sequence

from relay.log.log import Appended, IdTaken, Log, TooManyLogs
from relay.log.post import LogCreation, Post
from relay.log.rules import Denied, Preconditions
from relay.log.token_buckets import Limited, TokenBucket

from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog, numbers

Outcome = Appended | BaseException


class TogetherContract:
    async def test_each_of_many_at_once_is_answered_where_it_is(self, make_log: MakeLog) -> None:
        """In the order in which they were appended, in each room, however many and large they are."""
        log = make_log()
        posts = [(f"room {n % 7}", Post(f"id {n}", b"%d " % n * (1 + n % 5 * 1000))) for n in range(400)]
        answers = appended(await together(log, posts))
        for number in range(7):
            page = await log.read(f"room {number}", after=0, limit=400)
            theirs = [n for n in range(400) if n % 7 == number]
            assert [entry.id for entry in page.entries] == [f"id {n}" for n in theirs]
            assert numbers(page.entries) == [answers[n].seq for n in theirs]
            assert [entry.at for entry in page.entries] == [answers[n].at for n in theirs]
            assert [entry.data for entry in page.entries] == [posts[n][1].data for n in theirs]
            assert {answers[n].epoch for n in theirs} == {page.head.epoch}
        assert len({answer.epoch for answer in answers}) == 7

    async def test_repetitions_among_them_get_the_first_answer(self, make_log: MakeLog) -> None:
        """And the same id with something else is refused, to its sender alone."""
        log = make_log()
        before = await log.append("tea", Post("before", b"x"))
        said = (("a", b"x"), ("before", b"x"), ("a", b"x"), ("a", b"else"), ("b", b"x"), ("b", b"x"))
        first, old, again, taken, other, repeated = await together(
            log, [("tea", Post(id, data)) for id, data in said]
        )
        assert isinstance(taken, IdTaken)
        assert [(each.seq, each.duplicate) for each in appended([first, old, again, other, repeated])] == [
            (2, False),
            (before.seq, True),
            (2, True),
            (3, False),
            (3, True),
        ]

    async def test_refusals_among_them_leave_no_hole(self, make_log: MakeLog) -> None:
        """Each is refused for its own reason, and the next ones are appended as if it had not come. What it
        took of a bucket meanwhile is there again."""
        log, two = make_log(), LogCreation(2)
        ana, ben, cleo = (
            TokenBucket(name, 0.01, holds) for name, holds in (("ana", 4), ("ben", 1), ("cleo", 1))
        )
        muted = Preconditions(deny=("mute ana",))
        await log.rules.set("mute ana", b"", 60)
        # Of several rooms that begin at once any may be the first: they may be on different nodes.
        await log.append("milk", Post("0", b"x"))
        outcomes = await together(
            log,
            [
                ("tea", Post("1", b"x", creation=two, rates=[ana])),
                ("tea", Post("2", b"x", preconditions=muted, rates=[ana])),
                ("milk", Post("3", b"x", creation=two, rates=[ben])),
                ("water", Post("4", b"x", creation=LogCreation(1), rates=[ana])),
                ("tea", Post("5", b"x", creation=two, rates=[ana])),
                ("tea", Post("6", b"x", rates=[ben])),
                ("tea", Post("7", b"x", rates=[cleo])),
            ],
        )
        kinds = [Appended, Denied, Appended, TooManyLogs, Appended, Limited, Appended]
        assert [type(outcome) for outcome in outcomes] == kinds
        assert [each.seq for each in outcomes if isinstance(each, Appended)] == [1, 2, 2, 3]
        assert [entry.id for entry in (await log.read("tea")).entries] == ["1", "5", "7"]
        assert await granted(log, ana, 9) == 2

    async def test_a_pace_holds_among_them(self, make_log: MakeLog) -> None:
        log, paced = make_log(), Preconditions(slow_mode="pace", sender="ana")
        await log.rules.set("pace", b"30")
        outcomes = await together(log, [("tea", Post(f"{n}", b"x", preconditions=paced)) for n in range(3)])
        assert [type(outcome) for outcome in outcomes] == [Appended, Denied, Denied]

    async def test_one_that_gives_up_hurts_no_other(self, make_log: MakeLog) -> None:
        log = make_log()
        tasks = [asyncio.create_task(log.append("tea", Post(f"{n}", b"x"))) for n in range(30)]
        await asyncio.sleep(0)
        for task in tasks[::3]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        answered = {n: each.seq for n, each in enumerate(outcomes) if isinstance(each, Appended)}
        assert set(answered) >= {n for n in range(30) if n % 3}
        kept = {entry.id: entry.seq for entry in (await log.read("tea", after=0)).entries}
        assert answered.items() <= {int(id): seq for id, seq in kept.items()}.items()


async def together(log: Log, posts: Sequence[tuple[str, Post]]) -> list[Outcome]:
    """What becomes of posts that are appended at the same moment, each by its room."""
    return await asyncio.gather(*(log.append(*each) for each in posts), return_exceptions=True)


def appended(outcomes: Sequence[Outcome]) -> list[Appended]:
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Appended)]
