"""What every log promises, whoever keeps it: subclass LogContract and give it a `make_log` fixture."""

import asyncio
import secrets
from dataclasses import replace
from typing import Protocol

import pytest
from relay.buckets import Bucket, Limited
from relay.log import Entry, Head, IdTaken, Log, NoSuchEntry
from relay.rules import Barred, Gate, Rule


class MakeLog(Protocol):
    def __call__(self, *, keep: int = 0, window: int = 60) -> Log: ...


class LogContract:
    async def test_numbers_a_rooms_entries_from_one_without_holes(self, make_log: MakeLog) -> None:
        log = make_log()
        answers = [await log.append("tea", f"id{n}", b"x") for n in range(5)]
        assert [answer.seq for answer in answers] == [1, 2, 3, 4, 5]
        assert len({answer.epoch for answer in answers}) == 1
        assert all(answer.epoch for answer in answers)

    async def test_numbers_each_room_on_its_own(self, make_log: MakeLog) -> None:
        """Rooms share neither numbers nor epochs."""
        log = make_log()
        tea = await log.append("tea", "1", b"x")
        milk = await log.append("milk", "1", b"x")
        assert (tea.seq, milk.seq) == (1, 1)
        assert tea.epoch != milk.epoch

    async def test_returns_what_was_appended(self, make_log: MakeLog) -> None:
        """Any id and data come back as they were: spaces, line ends, bytes that are no text."""
        log = make_log()
        data = b'{"text": "\xc3\xa9 \n"}\x00\xff'
        answer = await log.append("tea", "an id\n 7", data)
        page = await log.read("tea")
        [entry] = page.entries
        assert (entry.room, entry.id, entry.data) == ("tea", "an id\n 7", data)
        assert (entry.epoch, entry.seq, entry.at) == (answer.epoch, answer.seq, answer.at)
        assert page.head == Head(answer.epoch, 1)

    async def test_a_retry_gets_the_first_answer_and_changes_nothing(self, make_log: MakeLog) -> None:
        log = make_log()
        first = await log.append("tea", "same", b"first")
        await log.append("tea", "other", b"x")
        again = await log.append("tea", "same", b"by another road", same=b"first")
        assert (again.epoch, again.seq, again.at) == (first.epoch, first.seq, first.at)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert [entry.data for entry in (await log.read("tea")).entries] == [b"first", b"x"]

    async def test_twenty_at_once_are_one(self, make_log: MakeLog) -> None:
        log = make_log()
        answers = await asyncio.gather(*(log.append("tea", "same", b"x") for _ in range(20)))
        assert {answer.seq for answer in answers} == {1}
        assert sum(not answer.duplicate for answer in answers) == 1
        assert (await log.head("tea")).seq == 1

    async def test_an_id_that_comes_with_something_else_is_refused(self, make_log: MakeLog) -> None:
        """Two senders with one id: neither is told that the other's entry is theirs, and nothing is lost."""
        log = make_log()
        await log.append("tea", "1", b"from ann")
        with pytest.raises(IdTaken):
            await log.append("tea", "1", b"from bob")
        assert (await log.append("milk", "1", b"from bob")).seq == 1
        assert [entry.data for entry in (await log.read("tea")).entries] == [b"from ann"]

    async def test_an_id_is_forgotten_after_the_window(self, make_log: MakeLog) -> None:
        log = make_log(window=1)
        await log.append("tea", "same", b"x")
        async with asyncio.timeout(5):
            while (await log.append("tea", "same", b"x")).duplicate:
                await asyncio.sleep(0.05)
        assert (await log.head("tea")).seq == 2

    async def test_reads_the_newest_oldest_first(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 10)
        page = await log.read("tea", limit=3)
        assert numbers(page.entries) == [8, 9, 10]
        assert page.more

    async def test_reads_backwards_to_the_beginning(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 10)
        page = await log.read("tea", before=8, limit=4)
        assert (numbers(page.entries), page.more) == ([4, 5, 6, 7], True)
        page = await log.read("tea", before=4, limit=3)
        assert (numbers(page.entries), page.more) == ([1, 2, 3], False)
        assert (await log.read("tea", before=1)).entries == []

    async def test_reads_on_from_a_number(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 10)
        page = await log.read("tea", after=0, limit=4)
        assert (numbers(page.entries), page.more) == ([1, 2, 3, 4], True)
        page = await log.read("tea", after=6, limit=4)
        assert (numbers(page.entries), page.more) == ([7, 8, 9, 10], False)
        assert (await log.read("tea", after=10)).entries == []
        assert (await log.read("tea", after=99)).entries == []

    async def test_reads_between_two_numbers(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 10)
        page = await log.read("tea", after=3, before=7)
        assert (numbers(page.entries), page.more) == ([4, 5, 6], False)
        page = await log.read("tea", after=3, before=7, limit=2)
        assert (numbers(page.entries), page.more) == ([4, 5], True)
        assert (await log.read("tea", after=7, before=4)).entries == []

    async def test_a_room_nobody_wrote_to_is_empty(self, make_log: MakeLog) -> None:
        """It has no epoch yet, and reading does not make one."""
        log = make_log()
        page = await log.read("tea")
        assert (page.head, page.entries, page.more) == (Head("", 0), [], False)
        assert await log.head("tea") == Head("", 0)

    async def test_tells_many_heads_at_once(self, make_log: MakeLog) -> None:
        log = await filled(make_log(), 3)
        heads = await log.heads(["tea", "milk"])
        assert heads == {"tea": await log.head("tea"), "milk": Head("", 0)}
        assert heads["tea"].seq == 3
        assert await log.heads([]) == {}

    async def test_keeps_at_least_what_it_should_and_numbers_on(self, make_log: MakeLog) -> None:
        """Trimming takes the oldest; the numbers go on, and a retry of a trimmed entry is still known."""
        log = await filled(make_log(keep=10), 500)
        kept = numbers((await log.read("tea", after=0, limit=500)).entries)
        assert kept == list(range(kept[0], 501))
        assert 10 <= len(kept) <= 250
        assert (await log.append("tea", "1", b"x")).seq == 1
        assert (await log.append("tea", "new", b"x")).seq == 501

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

    async def test_a_retry_of_an_amended_entry_gets_its_first_answer(self, make_log: MakeLog) -> None:
        """And brings nothing back."""
        log = make_log()
        first = await log.append("tea", "same", b"secret")
        await log.amend("tea", 1, "same", b"", "notice", b"gone")
        again = await log.append("tea", "same", b"secret")
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
            await log.append("tea", str(n), b"x")
        kept = (await log.read("tea", after=0, limit=1000)).entries
        assert numbers(kept) == list(range(kept[0].seq, 701))
        assert 10 <= len(kept) <= 250
        assert all(entry.data == b"x" for entry in kept)

    async def test_a_rule_keeps_an_entry_out(self, make_log: MakeLog) -> None:
        """While it stands, and whoever set it; what was appended before is answered all the same."""
        log = make_log()
        first = await log.append("tea", "1", b"x", gate=Gate(bars=("no ann", "no tea")))
        await log.rules.set("no tea", b"why", 60)
        with pytest.raises(Barred) as barred:
            await log.append("tea", "2", b"x", gate=Gate(bars=("no ann", "no tea")))
        assert barred.value.rule == "no tea"
        assert barred.value.seconds in (59, 60)
        assert (await log.append("tea", "1", b"x", gate=Gate(bars=("no tea",)))).seq == first.seq
        assert (await log.append("tea", "3", b"x", gate=Gate(bars=("no milk",)))).seq == 2
        await log.rules.drop("no tea")
        assert (await log.append("tea", "2", b"x", gate=Gate(bars=("no tea",)))).seq == 3

    async def test_a_pace_keeps_the_same_one_from_speaking_on(self, make_log: MakeLog) -> None:
        """In that room; at once by twenty tries, one gets through, and the end of the pace ends the wait."""
        log = make_log()

        async def say(room: str, id: str, who: str) -> int | None:
            try:
                await log.append(room, id, b"x", gate=Gate(pace=f"pace {room}", who=who))
            except Barred as barred:
                return barred.seconds
            return 0

        assert await say("tea", "free", "ann") == 0
        await log.rules.set("pace tea", b"30")
        waits = await asyncio.gather(*(say("tea", f"ann {n}", "ann") for n in range(20)))
        assert sorted(map(bool, waits)) == [False] + [True] * 19
        assert {wait for wait in waits if wait} <= {29, 30}
        assert [await say("tea", "ben", "ben"), await say("milk", "ann", "ann")] == [0, 0]
        await log.rules.set("pace tea", b"1")
        async with asyncio.timeout(5):
            while await say("tea", "later", "ann"):
                await asyncio.sleep(0.05)
        await log.rules.drop("pace tea")
        assert await say("tea", "last", "ann") == 0

    async def test_what_a_rule_keeps_out_takes_no_token(self, make_log: MakeLog) -> None:
        """What passes the rules does; what a bucket keeps out starts no pace; a repetition meets neither."""
        log, gate = make_log(), Gate(bars=("no tea",), pace="pace", who="ann")
        bucket = [Bucket(secrets.token_hex(4), per_second=0.01, at_once=2)]
        first = await log.append("tea", "1", b"x", gate=gate, buckets=bucket)
        await log.rules.set("no tea", b"")
        for n in range(5):
            with pytest.raises(Barred):
                await log.append("tea", f"kept out {n}", b"x", gate=gate, buckets=bucket)
        await log.rules.drop("no tea")
        await log.append("tea", "2", b"x", gate=gate, buckets=bucket)
        await log.rules.set("pace", b"30")
        with pytest.raises(Limited):
            await log.append("tea", "3", b"x", gate=gate, buckets=bucket)
        await log.append("tea", "3", b"x", gate=gate)
        with pytest.raises(Barred):
            await log.append("tea", "4", b"x", gate=gate, buckets=bucket)
        await log.rules.set("no tea", b"")
        again = await log.append("tea", "1", b"x", gate=gate, buckets=bucket)
        assert (again.seq, again.duplicate) == (first.seq, True)

    async def test_rules_stand_for_their_time_or_until_dropped(self, make_log: MakeLog) -> None:
        rules = make_log().rules
        await rules.set("brief", b"1", 1)
        await rules.set("lasting", b"\x00 2")
        await rules.set("changed", b"3", 1)
        await rules.set("changed", b"4")
        assert await rules.find(["brief", "none"]) == {"brief": Rule(b"1", 1)}
        assert await rules.find([]) == {}
        async with asyncio.timeout(5):
            while await rules.all() != {"lasting": Rule(b"\x00 2", None), "changed": Rule(b"4", None)}:
                await asyncio.sleep(0.05)
        for name in ("brief", "lasting"):
            await rules.drop(name)
        assert await rules.find(["lasting"]) == {}

    async def test_a_bucket_gives_what_it_holds_and_then_one_at_a_time(self, make_log: MakeLog) -> None:
        """Whoever was limited is told when there is another token, and finds it then; a limited entry is not
        written and takes no number."""
        log, ana = make_log(), Bucket("ana", per_second=5, at_once=3)
        for number in range(3):
            await log.append("tea", f"id{number}", b"x", buckets=[ana])
        with pytest.raises(Limited) as limited:
            await log.append("tea", "more", b"x", buckets=[ana])
        assert 0 < limited.value.retry_after <= 0.2
        assert (await log.head("tea")).seq == 3
        await asyncio.sleep(limited.value.retry_after + 0.01)
        assert (await log.append("tea", "more", b"x", buckets=[ana])).seq == 4
        with pytest.raises(Limited):
            await log.append("tea", "even more", b"x", buckets=[ana])

    async def test_a_bucket_holds_no_more_than_it_holds(self, make_log: MakeLog) -> None:
        """However long nothing was taken."""
        log, ana = make_log(), Bucket("ana", per_second=20, at_once=2)
        assert await granted(log, ana, 5) == 2
        await asyncio.sleep(0.3)
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


async def filled(log: Log, count: int) -> Log:
    await asyncio.gather(*(log.append("tea", str(n), b"x") for n in range(1, count + 1)))
    return log


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]
