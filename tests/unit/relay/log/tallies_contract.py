"""What every log promises of votes that are read, and how long they stay: a suite beside LogContract."""

from typing import Any

from relay.log.log import Entry
from relay.log.post import Post
from relay.log.votes import Tally, Vote, Voter

from tests.unit.relay.log.log_contract import MakeLog, filled
from tests.unit.relay.log.voting import Voting


class TalliesContract:
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
