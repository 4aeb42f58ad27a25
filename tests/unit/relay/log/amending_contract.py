"""What every log promises of the entries that are amended: a suite beside LogContract."""

from dataclasses import replace

import pytest
from relay.log.amendments import Amendment
from relay.log.log import Head, NoSuchEntry
from relay.log.post import Post

from tests.unit.relay.log.log_contract import MakeLog, filled, numbers


class AmendingContract:
    async def test_amends_an_entry_in_its_place_and_says_so_at_the_end(self, make_log: MakeLog) -> None:
        """Number, id and time stay; whoever reads on gets the notice, once however often it was asked for."""
        log = await filled(make_log(), 5)
        before = (await log.read("tea")).entries
        told = await log.amend("tea", 3, "3", b"new\n\x00 data", "notice", b"3 is new")
        again = await log.amend("tea", 3, "3", b"newer", "notice", b"3 is new")
        assert (told.seq, told.duplicate) == (6, False)
        assert (again.seq, again.at, again.duplicate) == (6, told.at, True)
        page = await log.read("tea")
        assert numbers(page.entries) == [1, 2, 3, 4, 5, 6]
        assert page.entries[2] == replace(before[2], data=b"new\n\x00 data")
        assert page.entries[:2] + page.entries[3:5] == before[:2] + before[3:]
        [notice] = (await log.read("tea", after=5)).entries
        assert (notice.id, notice.data, notice.at) == ("notice", b"3 is new", told.at)
        assert page.head == Head(told.epoch, 6)

    async def test_amends_nothing_but_the_entry_that_is_meant(self, make_log: MakeLog) -> None:
        """By number and id both: a number means nothing in another log."""
        log = await filled(make_log(), 3)
        before = await log.read("tea")
        for room, seq, id in (("tea", 3, "1"), ("tea", 4, "4"), ("tea", 0, "0"), ("milk", 1, "1")):
            with pytest.raises(NoSuchEntry):
                await log.amend(room, seq, id, b"new", f"notice {id}", b"gone")
        assert await log.read("tea") == before

    async def test_amends_several_with_one_notice_or_none(self, make_log: MakeLog) -> None:
        """Wherever they lie in a log of several hundred."""
        log, seqs = await filled(make_log(), 400), [2, 3, 150, 151, 152, 399, 400]
        several = [Amendment(seq, str(seq), b"gone") for seq in seqs]
        with pytest.raises(NoSuchEntry):
            await log.amend_each("tea", [*several, Amendment(5, "6", b"gone")], "notice", b"x")
        assert b"gone" not in [entry.data for entry in (await log.read("tea", after=0, limit=500)).entries]
        told = await log.amend_each("tea", several, "notice", b"x")
        assert told.seq == 401
        page = await log.read("tea", after=0, limit=500)
        assert numbers(page.entries) == [*range(1, 402)]
        assert [entry.seq for entry in page.entries if entry.data == b"gone"] == seqs

    async def test_a_retry_of_an_amended_entry_gets_its_first_answer(self, make_log: MakeLog) -> None:
        """And brings nothing back."""
        log = make_log()
        first = await log.append("tea", Post("same", b"secret"))
        await log.amend("tea", 1, "same", b"", "notice", b"gone")
        again = await log.append("tea", Post("same", b"secret"))
        assert (again.seq, again.at, again.duplicate) == (1, first.at, True)
        assert [entry.data for entry in (await log.read("tea")).entries] == [b"", b"gone"]

    async def test_an_entry_can_be_amended_again(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        await log.amend("tea", 2, "2", b"new", "one", b"x")
        await log.amend("tea", 2, "2", b"newer", "two", b"x")
        await log.amend("tea", 1, "1", b"newest", "three", b"x")
        page = await log.read("tea")
        assert [entry.data for entry in page.entries] == [b"newest", b"newer", b"x", b"x", b"x", b"x"]

    async def test_reads_as_ever_wherever_something_was_amended(self, make_log: MakeLog) -> None:
        """Every way of reading gives what it gave before, in order and without a hole."""
        log, amended = await filled(make_log(), 400), {1, 2, 57, 200, 201, 399, 400}
        for seq in sorted(amended):
            await log.amend("tea", seq, str(seq), b"amended", f"notice {seq}", b"notice")
        for after in (0, 1, 50, 57, 150, 199, 200, 390, 400, 406):
            page = await log.read("tea", after=after, limit=100)
            assert numbers(page.entries) == list(range(after + 1, min(after + 100, 407) + 1))
            assert page.more == (after + 100 < 407)
        for before in (1, 2, 3, 58, 100, 201, 250, 401, 408):
            page = await log.read("tea", before=before, limit=100)
            assert numbers(page.entries) == list(range(max(1, before - 100), before))
            assert page.more == (before > 101)
        everything = (await log.read("tea", after=0, limit=1000)).entries
        assert {entry.seq for entry in everything if entry.data == b"amended"} == amended
        assert all(entry.id == str(entry.seq) for entry in everything[:400])
        between = await log.read("tea", after=190, before=210)
        assert (numbers(between.entries), between.more) == (list(range(191, 210)), False)

    async def test_trimming_takes_what_was_amended_too(self, make_log: MakeLog) -> None:
        log = await filled(make_log(keep=10), 300)
        oldest = (await log.read("tea", after=0, limit=1)).entries[0]
        await log.amend("tea", oldest.seq, oldest.id, b"amended", "notice", b"notice")
        assert (await log.read("tea", after=0, limit=1)).entries[0].data == b"amended"
        for n in range(301, 700):
            await log.append("tea", Post(str(n), b"x"))
        kept = (await log.read("tea", after=0, limit=1000)).entries
        assert numbers(kept) == list(range(kept[0].seq, 701))
        assert 10 <= len(kept) <= 250
        assert all(entry.data == b"x" for entry in kept)
