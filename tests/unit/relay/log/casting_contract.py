"""What every log promises of a vote that is cast: a suite beside LogContract. It takes `records`, as
RequirementsContract does."""

import asyncio
import json
import secrets
from dataclasses import replace

import pytest
from relay.log.amendments import Amendment
from relay.log.log import IdTaken, NoSuchEntry, Voted
from relay.log.post import Post
from relay.log.records import Drop, Put, Records
from relay.log.rules import Denied, Preconditions, Requirement, RequirementUnmet
from relay.log.token_buckets import Limited, TokenBucket
from relay.log.votes import MOST_KEYS, Tally, TooManyKeys, Vote

from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog, filled
from tests.unit.relay.log.voting import Voting


class CastingContract:
    async def test_votes_are_counted_and_each_is_said(self, make_log: MakeLog) -> None:
        """Whoever reads the entry gets how many there are, and whoever reads on learns of each."""
        log = await filled(make_log(), 3)
        voting = Voting(log)
        answers = [
            await voting.cast(2, "👍", "ann"),
            await voting.cast(2, "👍", "ben"),
            await voting.cast(2, "tea!", "ann"),
            await voting.cast(2, "👍", "ann", off=True),
        ]
        assert [answer.count for answer in answers] == [1, 2, 1, 1]
        assert [answer.appended.seq for answer in answers if answer.appended] == [4, 5, 6, 7]
        page = await log.read("tea")
        assert [entry.tally for entry in page.entries[:2]] == [(), (Tally("👍", 1, 4), Tally("tea!", 1, 6))]
        said = [json.loads(entry.data) for entry in page.entries[3:]]
        assert said == [{"votes": 2, "count": count} for count in (1, 2, 1, 1)]
        assert page.head.seq == 7

    async def test_the_data_of_an_entry_stays_as_it_was(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        before = (await log.read("tea")).entries
        await Voting(log).cast(2, "👍", "ann")
        after = (await log.read("tea")).entries
        assert [replace(entry, tally=()) for entry in after[:3]] == before

    async def test_the_count_is_put_at_the_end_of_what_the_post_says(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 1)
        for data in (b"{}", b'"text"\n{"a":{"b":1}}'):
            await Voting(log).cast(1, "👍", secrets.token_hex(4), id=data.decode(), data=data)
        said = [entry.data for entry in (await log.read("tea", after=1)).entries]
        assert said == [b'{"count":1}', b'"text"\n{"a":{"b":1},"count":2}']

    async def test_a_vote_that_changes_nothing_says_nothing(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        voting = Voting(log)
        assert await voting.cast(2, "👍", "ann", off=True) == Voted(None, 0)
        await voting.cast(2, "👍", "ann")
        await voting.cast(2, "👍", "ben")
        assert await voting.cast(2, "👍", "ann") == Voted(None, 2)
        assert await voting.cast(2, "👎", "ann", off=True) == Voted(None, 0)
        assert await voting.cast(2, "👍", "zoe", off=True) == Voted(None, 2)
        assert (await log.head("tea")).seq == 5

    async def test_a_key_that_had_no_voter_begins_anew(self, make_log: MakeLog) -> None:
        """It comes behind those that have some, at the number of the vote that brought it back."""
        voting = Voting(await filled(make_log(), 1))
        await voting.cast(1, "a", "ann")
        await voting.cast(1, "b", "ann")
        assert (await voting.cast(1, "a", "ann", off=True)).count == 0
        assert await voting.tally(1) == (Tally("b", 1, 3),)
        await voting.cast(1, "a", "ben")
        assert await voting.tally(1) == (Tally("b", 1, 3), Tally("a", 1, 5))
        for key, voter in (("a", "ben"), ("b", "ann")):
            await voting.cast(1, key, voter, off=True)
        assert await voting.tally(1) == ()

    async def test_a_retry_gets_the_first_answer_and_what_counts_now(self, make_log: MakeLog) -> None:
        """Also after the vote was taken back: a repetition brings nothing back."""
        log = await filled(make_log(), 1)
        voting = Voting(log)
        first = await voting.cast(1, "👍", "ann", id="same", author="ann")
        await voting.cast(1, "👍", "ben")
        again = await voting.cast(1, "👍", "ann", id="same", author="ann")
        assert first.appended
        assert again == Voted(replace(first.appended, duplicate=True), 2)
        await voting.cast(1, "👍", "ann", off=True)
        last = await voting.cast(1, "👍", "ann", id="same", author="ann")
        assert last == Voted(replace(first.appended, duplicate=True), 1)
        assert await voting.tally(1) == (Tally("👍", 1, 2),)
        with pytest.raises(IdTaken):
            await voting.cast(1, "👍", "ann", id="same", author="ann", data=b'{"other":1}')
        assert (await log.head("tea")).seq == 4

    async def test_without_deduplication_only_the_vote_itself_counts(self, make_log: MakeLog) -> None:
        """Nothing is kept of the post's id: not a repetition's, and none of the others'."""
        log = await filled(make_log(), 1)
        vote = Vote(1, "1", "👍", "ann", "Ann", True, dedup=False)
        first = await log.vote("tea", vote, Post("same", b"{}"))
        assert await log.vote("tea", vote, Post("same", b"{}")) == Voted(None, 1)
        assert (await log.vote("tea", vote._replace(cast=False), Post("same", b"{}"))).count == 0
        last = await log.vote("tea", vote, Post("same", b"{}"))
        assert [each.appended.seq for each in (first, last) if each.appended] == [2, 4]
        assert not last.duplicate
        assert (await log.append("tea", Post("same", b"x"))).seq == 5

    async def test_a_fingerprint_says_what_a_retry_repeats(self, make_log: MakeLog) -> None:
        voting = Voting(await filled(make_log(), 1))
        await voting.cast(1, "👍", "ann", id="same", fingerprint=b"f")
        again = await voting.cast(1, "👍", "ann", id="same", data=b'{"name":"Ann"}', fingerprint=b"f")
        assert again.duplicate

    async def test_many_at_once_are_counted_each(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 1)
        voting = Voting(log)
        voters = [f"voter{n}" for n in range(40)]
        answers = await asyncio.gather(*(voting.cast(1, "👍", voter) for voter in [*voters, *voters]))
        assert sorted(answer.count for answer in answers if answer.appended) == list(range(1, 41))
        assert [(tally.key, tally.count) for tally in await voting.tally(1)] == [("👍", 40)]
        said = [json.loads(entry.data)["count"] for entry in (await log.read("tea", after=1)).entries]
        assert said == list(range(1, 41))

    async def test_votes_for_nothing_but_the_entry_that_is_meant(self, make_log: MakeLog) -> None:
        """By number and id both: a number means nothing in another log. No log is made either."""
        log = await filled(make_log(), 3)
        for room, seq, id in (("tea", 3, "1"), ("tea", 4, "4"), ("tea", 0, "0"), ("milk", 1, "1")):
            with pytest.raises(NoSuchEntry):
                await log.vote(room, Vote(seq, id, "👍", "ann", "Ann", True), Post(f"vote {id}", b"{}"))
        assert (await log.head("tea")).seq == 3
        assert await log.logs() == {"tea"}

    async def test_votes_only_for_an_entry_that_begins_as_it_says(self, make_log: MakeLog) -> None:
        """Of an entry that was amended counts what it has now."""
        log = make_log()
        for id, data in (("1", b'"text"'), ("2", b"\xff\x00text"), ("3", b"")):
            await log.append("tea", Post(id, data))

        async def cast(seq: int, begins: bytes) -> Voted:
            vote = Vote(seq, str(seq), secrets.token_hex(4), "ann", "Ann", True, begins)
            return await log.vote("tea", vote, Post(secrets.token_hex(4), b"{}"))

        for seq, begins in ((1, b'"'), (1, b'"text"'), (2, b"\xff\x00"), (3, b"")):
            assert (await cast(seq, begins)).appended
        await log.amend_by("tea", [Amendment(1, "1", b"{}")], Post("edit", b"{}"))
        head = await log.head("tea")
        for seq, begins in ((1, b'"'), (2, b"\xff\x01"), (2, b"text"), (3, b'"')):
            with pytest.raises(NoSuchEntry):
                await cast(seq, begins)
        assert await log.head("tea") == head
        assert (await cast(1, b"{")).appended

    async def test_an_entry_has_so_many_keys_and_no_more(self, make_log: MakeLog) -> None:
        """Those that it has can go on being cast, and one that nobody has any more makes room."""
        log = await filled(make_log(), 2)
        voting = Voting(log)
        for number in range(MOST_KEYS):
            await voting.cast(1, f"key{number}", "ann")
        head = await log.head("tea")
        with pytest.raises(TooManyKeys):
            await voting.cast(1, "new", "ann")
        assert await voting.cast(1, "new", "ann", off=True) == Voted(None, 0)
        assert await log.head("tea") == head
        await voting.cast(2, "new", "ann")
        assert (await voting.cast(1, "key7", "ben")).count == 2
        await voting.cast(1, "key3", "ann", off=True)
        await voting.cast(1, "new", "ben")
        assert len(await voting.tally(1)) == MOST_KEYS

    @pytest.mark.parametrize(
        ("key", "voter", "data"),
        [
            ("", "ann", b"{}"),
            ("a b", "ann", b"{}"),
            ("a\n", "ann", b"{}"),
            ("a", "", b"{}"),
            ("a", "ann b", b"{}"),
            ("k" * 201, "ann", b"{}"),
            ("a", "ann", b"no object"),
        ],
    )
    async def test_a_vote_that_cannot_be_kept_is_refused(
        self, make_log: MakeLog, key: str, voter: str, data: bytes
    ) -> None:
        log = await filled(make_log(), 1)
        with pytest.raises(ValueError, match="vote"):
            await log.vote("tea", Vote(1, "1", key, voter, "Ann", True), Post("vote", data))
        for seq in (-1, 2**53, 10**30):
            with pytest.raises(ValueError, match="whole number"):
                await log.vote("tea", Vote(seq, "1", "a", "ann", "Ann", True), Post("vote", b"{}"))
        assert (await log.head("tea")).seq == 1

    async def test_what_keeps_a_post_out_keeps_a_vote_out(self, make_log: MakeLog, records: Records) -> None:
        log = await filled(make_log(), 1)
        voting = Voting(log)
        requires = Preconditions(("no tea",), requires=Requirement("members:tea", "ann"))
        with pytest.raises(RequirementUnmet):
            await voting.cast(1, "a", "ann", preconditions=requires)
        await records.change("tea", Put("members:tea", "ann", b"{}", 0, most=9))
        await voting.cast(1, "a", "ann", id="done", preconditions=requires)
        await log.rules.set("no tea", b"", 60)
        with pytest.raises(Denied):
            await voting.cast(1, "b", "ann", preconditions=requires)
        assert (await voting.cast(1, "a", "ann", id="done", preconditions=requires)).duplicate
        await records.change("tea", Drop("members:tea", "ann"))
        with pytest.raises(RequirementUnmet):
            await voting.cast(1, "a", "ann", id="done", preconditions=requires)
        assert await voting.tally(1) == (Tally("a", 1, 2),)
        assert (await log.head("tea")).seq == 2

    async def test_a_vote_takes_tokens_if_it_changes_something(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 1)
        voting = Voting(log)
        ana = TokenBucket(secrets.token_hex(4), per_second=0.001, burst=5)
        for _ in range(3):
            await voting.cast(1, "a", "ann", rates=[ana])
        await voting.cast(1, "b", "ann", rates=[ana], id="b")
        await voting.cast(1, "b", "ann", rates=[ana], id="b")
        with pytest.raises(NoSuchEntry):
            await voting.cast(9, "a", "ann", rates=[ana])
        assert await granted(log, ana, 9) == 3
        with pytest.raises(Limited):
            await voting.cast(1, "c", "ann", rates=[ana])
        assert (await voting.cast(1, "b", "ann", rates=[ana], id="b")).duplicate
        assert [tally.key for tally in await voting.tally(1)] == ["a", "b"]
