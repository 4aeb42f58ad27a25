"""What every log promises of votes: a suite beside LogContract. It takes a `records` fixture, as
RequirementsContract does."""

import asyncio
import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from relay.log.amendments import Amendment
from relay.log.log import Entry, IdTaken, Log, NoSuchEntry, Voted
from relay.log.post import Post
from relay.log.records import Drop, Put, Records
from relay.log.rules import Denied, Preconditions, Requirement, RequirementUnmet
from relay.log.token_buckets import Limited, TokenBucket
from relay.log.votes import MOST_KEYS, Tally, TooManyKeys, Vote, Voter

from tests.unit.relay.log.buckets_contract import granted
from tests.unit.relay.log.log_contract import MakeLog, filled


class Voting:
    """Votes in one room, each with a post of its own."""

    def __init__(self, log: Log, room: str = "tea") -> None:
        self.log, self.room = log, room
        self._ids = iter(range(10_000))

    async def cast(self, seq: int, key: str, voter: str, *, off: bool = False, **post: Any) -> Voted:
        """An entry of `filled` has its number as its id."""
        vote = Vote(seq, str(seq), key, voter, f"name of {voter}", not off)
        said = Post(f"vote {next(self._ids)}", b'{"votes":%d}' % seq)
        return await self.log.vote(self.room, vote, said._replace(**post))

    async def tally(self, seq: int) -> tuple[Tally, ...]:
        [entry] = (await self.log.read(self.room, after=seq - 1, limit=1)).entries
        assert entry.seq == seq
        return entry.tally


class VotingContract:
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

    async def test_every_read_has_the_tallies_of_its_entries(self, make_log: MakeLog) -> None:
        """Wherever a page begins and ends, of entries that were amended too."""
        log = await filled(make_log(), 300)
        voting, voted = Voting(log), {1, 2, 57, 150, 151, 299, 300}
        for seq in sorted(voted):
            await voting.cast(seq, "👍", "ann")
            await voting.cast(seq, f"of-{seq}", "ben")
        for seq in (2, 150, 200):
            await log.amend("tea", seq, str(seq), b"amended", f"notice {seq}", b"notice")
        reads: list[dict[str, Any]] = [
            *({"after": after, "limit": 100} for after in (0, 1, 56, 57, 149, 150, 200, 298, 300)),
            *({"before": before, "limit": 100} for before in (2, 3, 58, 152, 250, 301)),
            {"limit": 20},
            {"after": 0, "limit": 1000},
            {"after": 100, "before": 152},
        ]
        for read in reads:
            entries = (await log.read("tea", **read)).entries
            assert {entry.seq for entry in entries if entry.tally} == {e.seq for e in entries} & voted
            for entry in entries:
                expected = ["👍", f"of-{entry.seq}"] if entry.seq in voted else []
                assert [tally.key for tally in entry.tally] == expected

    async def test_says_what_a_voter_has_cast_of_a_page(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        voting = Voting(log)
        assert await log.voted("tea", "ann", (await log.read("tea")).entries) == set()
        for seq, key, voter in ((1, "a", "ann"), (1, "b", "ben"), (2, "a", "ben"), (3, "c", "ann")):
            await voting.cast(seq, key, voter)
        await voting.cast(3, "d", "ann")
        await voting.cast(3, "d", "ben")
        await voting.cast(3, "d", "ann", off=True)
        entries = (await log.read("tea")).entries
        assert await log.voted("tea", "ann", entries) == {(1, "a"), (3, "c")}
        assert await log.voted("tea", "ben", entries[1:]) == {(2, "a"), (3, "d")}
        assert await log.voted("tea", "an", entries) == set()
        assert await log.voted("milk", "ann", (await log.read("milk")).entries) == set()

    async def test_says_who_voted_and_how(self, make_log: MakeLog) -> None:
        """Of a key, or of each; at most so many of each, in the order of their ids."""
        log = await filled(make_log(), 2)
        voting = Voting(log)
        for key in ("b", "a", "ab"):
            for voter in ("zoe", "ann", "ben"):
                await voting.cast(1, key, voter)
        await voting.cast(2, "a", "ann")
        await voting.cast(1, "ab", "ben", off=True)
        of_a = [Voter("a", id, f"name of {id}") for id in ("ann", "ben", "zoe")]
        assert await log.voters("tea", 1, "a") == of_a
        assert await log.voters("tea", 1, "a", limit=2) == of_a[:2]
        found = [(voter.key, voter.id) for voter in await log.voters("tea", 1)]
        assert found == [
            *(("b", id) for id in ("ann", "ben", "zoe")),
            *(("a", id) for id in ("ann", "ben", "zoe")),
            *(("ab", id) for id in ("ann", "zoe")),
        ]
        first = [(voter.key, voter.id) for voter in await log.voters("tea", 1, limit=1)]
        assert first == [("b", "ann"), ("a", "ann"), ("ab", "ann")]
        assert await log.voters("tea", 1, "c") == []
        assert await log.voters("tea", 9) == []
        assert await log.voters("milk", 1) == []

    async def test_a_voters_name_is_their_last_and_can_be_forgotten(self, make_log: MakeLog) -> None:
        """In one room, for all their votes there. What they voted stays."""
        log = await filled(make_log(), 2)
        await log.append("milk", Post("1", b"x"))
        votes = [("tea", 1, "a", "Ann"), ("tea", 2, "b", "Ann B. 7"), ("milk", 1, "a", "Ann")]
        for number, (room, seq, key, name) in enumerate(votes):
            await log.vote(room, Vote(seq, str(seq), key, "ann", name, True), Post(f"v {number}", b"{}"))
        assert await log.voters("tea", 1) == [Voter("a", "ann", "Ann B. 7")]
        await log.forget_voter("tea", "ann")
        await log.forget_voter("tea", "nobody")
        assert await log.voters("tea", 1) == [Voter("a", "ann", "")]
        assert await log.voters("tea", 2) == [Voter("b", "ann", "")]
        assert await log.voters("milk", 1) == [Voter("a", "ann", "Ann")]
        await log.vote("tea", Vote(2, "2", "c", "ann", "Zoe", True), Post("v 9", b"{}"))
        assert await log.voters("tea", 1) == [Voter("a", "ann", "Zoe")]

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

    async def test_votes_go_with_the_log(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 1)
        await Voting(log).cast(1, "a", "ann")
        await log.clear("tea")
        assert await log.voters("tea", 1) == []
        again = Voting(await filled(log, 1))
        assert await again.tally(1) == ()
        assert (await again.cast(1, "a", "ann")).count == 1

    async def test_trimming_takes_the_votes_of_the_oldest(self, make_log: MakeLog) -> None:
        """What is left of a log has its tallies, and what is gone has neither votes nor voters."""
        log = await filled(make_log(keep=10), 5)
        voting = Voting(log)
        await voting.cast(1, "old", "leaver")
        await voting.cast(1, "old", "stayer")
        await log.amend("tea", 2, "2", b"amended", "notice", b"notice")
        await voting.cast(2, "old", "stayer")
        for _ in range(400):
            head = (await log.head("tea")).seq
            await log.append("tea", Post(str(head + 1), b"x"))
            await voting.cast(head + 1, f"key-{head + 1}", "stayer")
        page = await log.read("tea", after=0, limit=1000)
        assert 10 <= len(page.entries) <= 250
        assert page.entries[0].seq > 100
        assert page.head.seq == page.entries[-1].seq
        for entry in page.entries:
            voted = [tally.key for tally in entry.tally]
            assert voted == ([f"key-{entry.seq}"] if entry.id == str(entry.seq) else [])
        gone = [Entry("tea", page.head.epoch, 1, "1", 0, b"x", (Tally("old", 2, 6),))]
        assert await log.voters("tea", 1) == []
        assert await log.voted("tea", "stayer", gone) == set()
        assert len(await log.voted("tea", "stayer", page.entries)) >= 5
        newest = page.entries[-2].seq
        assert await log.voters("tea", newest) == [Voter(f"key-{newest}", "stayer", "name of stayer")]
