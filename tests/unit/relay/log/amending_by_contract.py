"""What every log promises of entries that are amended by a post: a suite beside LogContract. It takes a
`records` fixture, as RequirementsContract does."""

import asyncio
import secrets

import pytest
from relay.log.amendments import Amendment, Changed
from relay.log.log import Appended, IdTaken, NoSuchEntry
from relay.log.post import Post
from relay.log.records import Put, Records
from relay.log.rules import Denied, DenyField, Preconditions, Requirement, RequirementUnmet
from relay.log.token_buckets import Limited, TokenBucket

from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog, filled

NEW = Amendment(2, "2", b"new")


class AmendingByContract:
    async def test_a_post_amends_and_is_the_notice(self, make_log: MakeLog) -> None:
        """Its id is its author's, and a repetition gets the first answer and changes nothing."""
        log = await filled(make_log(), 3)
        first = await log.amend_by("tea", [NEW], Post("same", b"2 is new", author="ann"))
        other = await log.amend_by("tea", [Amendment(2, "2", b"newer")], Post("same", b"x", author="ben"))
        again = await log.amend_by("tea", [NEW], Post("same", b"2 is new", author="ann"))
        assert [each.seq for each in (first, other, again)] == [4, 5, 4]
        assert [each.duplicate for each in (first, other, again)] == [False, False, True]
        assert again.at == first.at
        entries = (await log.read("tea")).entries
        assert [entry.data for entry in entries[1:]] == [b"newer", b"x", b"2 is new", b"x"]
        with pytest.raises(IdTaken):
            await log.amend_by("tea", [NEW], Post("same", b"something else", author="ann"))

    async def test_the_number_of_the_notice_is_put_into_what_is_new(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        new = [
            Amendment(1, "1", b'"text"\n{"a":1}', numbered="edited"),
            Amendment(2, "2", b"{}", numbered="by"),
            Amendment(3, "3", b'{"a":1}'),
        ]
        notice = await log.amend_by("tea", new, Post("notice", b"{}"))
        assert notice.seq == 4
        said = [entry.data for entry in (await log.read("tea")).entries]
        assert said == [b'"text"\n{"a":1,"edited":4}', b'{"by":4}', b'{"a":1}', b"{}"]

    @pytest.mark.parametrize(
        ("data", "numbered"),
        [(b"text", "edited"), (b"", "edited"), (b'{"a": 1 }', "edited"), (b"{}", ""), (b"{}", 'a"b')],
    )
    async def test_what_cannot_be_numbered_is_refused(
        self, make_log: MakeLog, data: bytes, numbered: str
    ) -> None:
        log = await filled(make_log(), 3)
        with pytest.raises(ValueError, match="numbered"):
            await log.amend_by("tea", [Amendment(2, "2", data, numbered=numbered)], Post("n", b"x"))
        assert (await log.head("tea")).seq == 3

    async def test_what_was_changed_meanwhile_is_not_overwritten(self, make_log: MakeLog) -> None:
        """Nothing is written then, not of other amendments either; and nobody's next try is held back."""
        log = await filled(make_log(), 3)
        mine = [Amendment(1, "1", b"mine", was=b"x"), Amendment(2, "2", b"mine", was=b"x")]
        await log.amend("tea", 2, "2", b"theirs", "theirs", b"notice")
        before = await log.read("tea")
        with pytest.raises(Changed):
            await log.amend_by("tea", mine, Post("mine", b"notice"))
        with pytest.raises(Changed):
            await log.amend_each("tea", mine, "mine", b"notice")
        assert await log.read("tea") == before
        anew = [mine[0], mine[1]._replace(was=b"theirs")]
        assert (await log.amend_by("tea", anew, Post("mine", b"notice"))).seq == 5
        assert [entry.data for entry in (await log.read("tea")).entries[:2]] == [b"mine", b"mine"]

    async def test_of_many_at_once_that_replace_the_same_one_does(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        outcomes = await asyncio.gather(
            *(
                log.amend_by("tea", [Amendment(2, "2", b"%d" % n, was=b"x")], Post(f"notice {n}", b"n"))
                for n in range(20)
            ),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appended", *["Changed"] * 19]
        [first] = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Appended)]
        assert (await log.read("tea")).entries[1].data == b"%d" % first
        assert (await log.head("tea")).seq == 4

    async def test_nothing_empty_counts_as_anything(self, make_log: MakeLog) -> None:
        """An entry without data is another than one of which no matter what it is."""
        log = await filled(make_log(), 3)
        await log.amend("tea", 2, "2", b"", "emptied", b"x")
        with pytest.raises(Changed):
            await log.amend_by("tea", [Amendment(1, "1", b"new", was=b"")], Post("1st", b"x"))
        assert (await log.amend_by("tea", [Amendment(2, "2", b"new", was=b"")], Post("2nd", b"x"))).seq == 5

    async def test_amends_nothing_that_is_not_there(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        before = await log.read("tea")
        for room, seq, id in (("tea", 3, "1"), ("tea", 4, "4"), ("tea", 0, "0"), ("milk", 1, "1")):
            with pytest.raises(NoSuchEntry):
                await log.amend_by(room, [NEW, Amendment(seq, id, b"new")], Post(f"notice {id}", b"x"))
        assert await log.read("tea") == before
        assert await log.logs() == {"tea"}

    async def test_what_keeps_a_post_out_keeps_an_amendment_out(
        self, make_log: MakeLog, records: Records
    ) -> None:
        """A repetition gets its answer all the same, but for whoever lacks what is required."""
        log = await filled(make_log(), 3)
        open_to_all = Preconditions(("no tea",), "pace", "ann", deny_field=DenyField("state:tea", "closed"))
        members = Preconditions(requires=Requirement("members:tea", "ann"))
        with pytest.raises(RequirementUnmet):
            await log.amend_by("tea", [NEW], Post("notice 0", b"x", preconditions=members))
        done = Post("done", b"x", preconditions=open_to_all)
        await log.amend_by("tea", [NEW], done)
        await log.rules.set("no tea", b"", 60)
        with pytest.raises(Denied):
            await log.amend_by("tea", [NEW], Post("notice 1", b"x", preconditions=open_to_all))
        assert (await log.amend_by("tea", [NEW], done)).seq == 4
        await log.rules.drop("no tea")
        await records.change("tea", Put("state:tea", "closed", b"1", 0, most=9))
        with pytest.raises(Denied):
            await log.amend_by("tea", [NEW], Post("notice 2", b"x", preconditions=open_to_all))
        assert (await log.amend_by("tea", [NEW], done)).seq == 4
        await log.rules.set("pace", b"30")
        paced = Preconditions(slow_mode="pace", sender="ben")
        await log.amend_by("tea", [NEW], Post("notice 3", b"x", preconditions=paced))
        with pytest.raises(Denied):
            await log.amend_by("tea", [NEW], Post("notice 4", b"x", preconditions=paced))
        assert (await log.head("tea")).seq == 5

    async def test_an_amendment_takes_tokens_if_it_is_made(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        ana = TokenBucket(secrets.token_hex(4), per_second=0.001, burst=4)
        post = Post("notice 1", b"x", rates=[ana])
        for _ in range(3):
            await log.amend_by("tea", [NEW], post)
        for wrong, error in ((Amendment(2, "3", b""), NoSuchEntry), (NEW._replace(was=b"old"), Changed)):
            with pytest.raises(error):
                await log.amend_by("tea", [wrong], Post("notice 2", b"x", rates=[ana]))
        assert await granted(log, ana, 9) == 3
        with pytest.raises(Limited):
            await log.amend_by("tea", [NEW], Post("notice 3", b"x", rates=[ana]))
        assert (await log.amend_by("tea", [NEW], post)).duplicate

    async def test_an_entry_may_be_amended_while_trimming_takes_it(self, make_log: MakeLog) -> None:
        """The notice is an entry as others are, so the oldest ones give way to it."""
        log = await filled(make_log(keep=10), 19)
        for number in range(300):
            oldest = (await log.read("tea", after=0, limit=1)).entries[0]
            amendment = Amendment(oldest.seq, oldest.id, b"amended %d" % number)
            await log.amend_by("tea", [amendment], Post(f"notice {number}", b"x"))
        page = await log.read("tea", after=0, limit=1000)
        assert [entry.seq for entry in page.entries] == list(range(page.entries[0].seq, 320))
        assert 10 <= len(page.entries) <= 250
