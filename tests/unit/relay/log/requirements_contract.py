"""What every log promises of posts that require something, or that a field of a record denies: a suite beside
LogContract. It takes a `records` fixture besides `make_log`: the records of the same keeper."""

import asyncio
import secrets

import pytest
from relay.log.log import Appended, Log
from relay.log.post import LogCreation, Post
from relay.log.records import Drop, Put, Records
from relay.log.rules import Denied, DenyField, Preconditions, Requirement, RequirementUnmet
from relay.log.token_buckets import TokenBucket

from tests.support.waiting import PATIENCE
from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog
from tests.unit.relay.log.together_contract import together

ROOM, RECORD, STATE = "tea", "members:tea", "state:tea"
UNLESS_CLOSED = Preconditions(deny_field=DenyField(STATE, "closed"))


def of(person: str) -> Preconditions:
    return Preconditions(requires=Requirement(RECORD, person))


async def let_in(records: Records, person: str, seconds: int = 0) -> None:
    await records.change(ROOM, Put(RECORD, person, b"{}", seconds, most=100))


async def close(records: Records, closed: bool) -> None:
    change = Put(STATE, "closed", b"1", 0, most=9) if closed else Drop(STATE, "closed")
    await records.change(ROOM, change)


async def put_out(records: Records, person: str) -> None:
    await records.change(ROOM, Drop(RECORD, person))


class RequirementsContract:
    async def test_a_post_is_kept_while_what_it_requires_is_there(
        self, make_log: MakeLog, records: Records
    ) -> None:
        """Nothing is written otherwise, nor is a log made."""
        log = make_log()
        with pytest.raises(RequirementUnmet):
            await log.append(ROOM, Post("1", b"x", preconditions=of("ann")))
        assert await log.logs() == set()
        await let_in(records, "ann")
        assert (await log.append(ROOM, Post("1", b"x", preconditions=of("ann")))).seq == 1
        with pytest.raises(RequirementUnmet):
            await log.append(ROOM, Post("2", b"x", preconditions=of("ben")))
        await put_out(records, "ann")
        with pytest.raises(RequirementUnmet):
            await log.append(ROOM, Post("3", b"x", preconditions=of("ann")))
        assert (await log.append(ROOM, Post("4", b"x"))).seq == 2

    async def test_what_is_required_may_end_by_itself(self, make_log: MakeLog, records: Records) -> None:
        log, numbers = make_log(), iter(range(1000))
        await let_in(records, "ann", seconds=1)

        async def keep_appending() -> None:
            while True:
                await log.append(ROOM, Post(str(next(numbers)), b"x", preconditions=of("ann")))
                await asyncio.sleep(0.05)

        with pytest.raises(RequirementUnmet):
            async with asyncio.timeout(PATIENCE):
                await keep_appending()

    async def test_who_was_put_out_learns_nothing_by_trying(
        self, make_log: MakeLog, records: Records
    ) -> None:
        """Neither whether an earlier post was kept, nor which rules stand, nor what a bucket has."""
        log, bucket = make_log(), [TokenBucket(secrets.token_hex(4), per_second=0.01, burst=2)]
        await let_in(records, "ann")
        ruled = Preconditions(("no tea",), "pace", "ann", Requirement(RECORD, "ann"))
        await log.append(ROOM, Post("kept", b"x", preconditions=ruled, rates=bucket))
        await put_out(records, "ann")

        async def try_all() -> None:
            for id, data in (("kept", b"x"), ("kept", b"else"), ("new", b"x")):
                with pytest.raises(RequirementUnmet):
                    await log.append(ROOM, Post(id, data, preconditions=ruled, rates=bucket))

        await try_all()
        await log.rules.set("pace", b"30")
        await try_all()
        await log.rules.set("no tea", b"why")
        await try_all()
        assert await granted(log, bucket[0], 9) == 1

    async def test_a_repetition_is_answered_to_who_is_let_in_again(
        self, make_log: MakeLog, records: Records
    ) -> None:
        log = make_log()
        await let_in(records, "ann")
        first = await log.append(ROOM, Post("kept", b"x", preconditions=of("ann")))
        await put_out(records, "ann")
        await let_in(records, "ann")
        again = await log.append(ROOM, Post("kept", b"x", preconditions=of("ann")))
        assert (again.seq, again.duplicate) == (first.seq, True)

    async def test_each_of_many_at_once_has_its_own(self, make_log: MakeLog, records: Records) -> None:
        """Whether those beside it require something or not, in this room or another."""
        log = make_log()
        await let_in(records, "ann")
        await records.change("milk", Put("members:milk", "ben", b"{}", 0, most=100))
        ben, ann = (Preconditions(requires=Requirement("members:milk", who)) for who in ("ben", "ann"))
        posts = [
            (ROOM, Post("1", b"x")),
            (ROOM, Post("2", b"x", preconditions=of("ann"))),
            ("milk", Post("3", b"x", preconditions=ben)),
            (ROOM, Post("4", b"x", preconditions=of("ben"))),
            ("milk", Post("5", b"x")),
            (ROOM, Post("6", b"x", preconditions=of("ann"), creation=LogCreation(9))),
            ("milk", Post("7", b"x", preconditions=ann)),
            (ROOM, Post("8", b"x")),
        ]
        outcomes = await together(log, posts)
        unmet = [outcome for outcome in outcomes if not isinstance(outcome, Appended)]
        assert [type(outcome) for outcome in unmet] == [RequirementUnmet] * 2
        assert await ids(log, ROOM) == ["1", "2", "6", "8"]
        assert await ids(log, "milk") == ["3", "5"]

    @pytest.mark.parametrize(
        ("field", "error"), [("", ValueError), (None, TypeError), ("\ud800", ValueError)]
    )
    async def test_a_requirement_that_says_nothing_is_refused(
        self, make_log: MakeLog, field: str, error: type[Exception]
    ) -> None:
        with pytest.raises(error, match="required field of a post"):
            await make_log().append(ROOM, Post("1", b"x", preconditions=of(field)))

    async def test_a_field_keeps_posts_out_while_it_is_there(
        self, make_log: MakeLog, records: Records
    ) -> None:
        """Nothing is written meanwhile, nor is a log made."""
        log = make_log()
        await close(records, True)
        with pytest.raises(Denied) as denied:
            await log.append(ROOM, Post("1", b"x", preconditions=UNLESS_CLOSED, creation=LogCreation(9)))
        assert (denied.value.rule, denied.value.seconds) == ("closed", None)
        assert await log.logs() == set()
        await close(records, False)
        assert (await log.append(ROOM, Post("1", b"x", preconditions=UNLESS_CLOSED))).seq == 1
        await close(records, True)
        with pytest.raises(Denied):
            await log.append(ROOM, Post("2", b"x", preconditions=UNLESS_CLOSED))
        assert await ids(log, ROOM) == ["1"]

    async def test_what_a_field_denies_takes_no_tokens_and_tells_what_was_kept(
        self, make_log: MakeLog, records: Records
    ) -> None:
        log, bucket = make_log(), [TokenBucket(secrets.token_hex(4), per_second=0.01, burst=2)]
        kept = Post("kept", b"x", preconditions=UNLESS_CLOSED, rates=bucket)
        await log.append(ROOM, kept)
        await close(records, True)
        with pytest.raises(Denied):
            await log.append(ROOM, kept._replace(id="new"))
        assert (await log.append(ROOM, kept)).duplicate
        assert await granted(log, bucket[0], 9) == 1

    async def test_a_requirement_comes_before_what_denies(self, make_log: MakeLog, records: Records) -> None:
        log = make_log()
        both = Preconditions(requires=Requirement(RECORD, "ann"), deny_field=DenyField(STATE, "closed"))
        await close(records, True)
        with pytest.raises(RequirementUnmet):
            await log.append(ROOM, Post("1", b"x", preconditions=both))
        await let_in(records, "ann")
        with pytest.raises(Denied):
            await log.append(ROOM, Post("1", b"x", preconditions=both))
        await close(records, False)
        assert (await log.append(ROOM, Post("1", b"x", preconditions=both))).seq == 1

    async def test_what_denies_one_of_many_at_once_denies_no_other(
        self, make_log: MakeLog, records: Records
    ) -> None:
        log = make_log()
        await let_in(records, "ann")
        await close(records, True)
        both = Preconditions(requires=Requirement(RECORD, "ann"), deny_field=DenyField(STATE, "closed"))
        milk = Preconditions(deny_field=DenyField("state:milk", "closed"))
        posts = [
            (ROOM, Post("1", b"x", preconditions=of("ann"))),
            (ROOM, Post("2", b"x", preconditions=both)),
            (ROOM, Post("3", b"x")),
            ("milk", Post("4", b"x", preconditions=milk)),
            (ROOM, Post("5", b"x", preconditions=UNLESS_CLOSED)),
            (ROOM, Post("6", b"x", preconditions=of("ann"))),
        ]
        outcomes = await together(log, posts)
        denied = [outcome for outcome in outcomes if not isinstance(outcome, Appended)]
        assert [type(outcome) for outcome in denied] == [Denied] * 2
        assert await ids(log, ROOM) == ["1", "3", "6"]
        assert await ids(log, "milk") == ["4"]

    async def test_a_deny_field_that_says_nothing_is_refused(self, make_log: MakeLog) -> None:
        nothing = Preconditions(deny_field=DenyField(STATE, ""))
        with pytest.raises(ValueError, match="deny field of a post is empty"):
            await make_log().append(ROOM, Post("1", b"x", preconditions=nothing))


async def ids(log: Log, room: str) -> list[str]:
    return [entry.id for entry in (await log.read(room)).entries]
