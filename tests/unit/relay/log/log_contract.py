"""What every log promises, whoever keeps it: subclass LogContract and give it a `make_log` fixture.

Amending, rules and buckets have suites of their own beside it, which the same class is to subclass.
"""

import asyncio
from typing import Any, Protocol

import pytest
from relay.log.amendments import Amendment
from relay.log.log import Entry, Head, IdTaken, Log
from relay.log.post import Post
from relay.log.rules import Preconditions

from tests.support.waiting import PATIENCE


class MakeLog(Protocol):
    def __call__(self, *, keep: int = 0, dedup_ttl: int = 60) -> Log: ...


class LogContract:
    async def test_numbers_a_rooms_entries_from_one_without_holes(self, make_log: MakeLog) -> None:
        log = make_log()
        answers = [await log.append("tea", Post(f"id{n}", b"x")) for n in range(5)]
        assert [answer.seq for answer in answers] == [1, 2, 3, 4, 5]
        assert len({answer.epoch for answer in answers}) == 1
        assert all(answer.epoch for answer in answers)

    @pytest.mark.parametrize("odd", [-1, 2**53, 10**30, 1.0, True, "1"])
    async def test_what_is_no_number_of_an_entry_is_refused(self, make_log: MakeLog, odd: Any) -> None:
        """As a client may send it. The log is not away because of it."""
        log = await filled(make_log(), 1)
        for place in {"after": odd}, {"before": odd}, {"after": 0, "before": odd}:
            with pytest.raises(ValueError, match="whole number from 0"):
                await log.read("tea", **place)
        with pytest.raises(ValueError, match="`seq` is a whole number"):
            await log.amend_by("tea", [Amendment(odd, "1", b"x")], Post("edit", b"x"))
        for limit in (0, -1):
            with pytest.raises(ValueError, match="`limit` is a whole number"):
                await log.read("tea", limit=limit)
        for place in (
            {"before": 0},
            {"after": 2**53 - 1},
            {"after": 0, "before": 1},
            {"after": 5, "before": 2},
        ):
            assert (await log.read("tea", **place)).entries == []

    async def test_numbers_each_room_on_its_own(self, make_log: MakeLog) -> None:
        """Rooms share neither numbers nor epochs."""
        log = make_log()
        tea = await log.append("tea", Post("1", b"x"))
        milk = await log.append("milk", Post("1", b"x"))
        assert (tea.seq, milk.seq) == (1, 1)
        assert tea.epoch != milk.epoch

    async def test_returns_what_was_appended(self, make_log: MakeLog) -> None:
        """Any id and data come back as they were: spaces, line ends, bytes that are no text."""
        log = make_log()
        data = b'{"text": "\xc3\xa9 \n"}\x00\xff'
        answer = await log.append("tea", Post("an id\n 7", data))
        page = await log.read("tea")
        [entry] = page.entries
        assert (entry.room, entry.id, entry.data) == ("tea", "an id\n 7", data)
        assert (entry.epoch, entry.seq, entry.at) == (answer.epoch, answer.seq, answer.at)
        assert page.head == Head(answer.epoch, 1)

    async def test_a_retry_gets_the_first_answer_and_changes_nothing(self, make_log: MakeLog) -> None:
        log = make_log()
        first = await log.append("tea", Post("same", b"first"))
        await log.append("tea", Post("other", b"x"))
        again = await log.append("tea", Post("same", b"by another road", fingerprint=b"first"))
        assert (again.epoch, again.seq, again.at) == (first.epoch, first.seq, first.at)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert [entry.data for entry in (await log.read("tea")).entries] == [b"first", b"x"]

    @pytest.mark.parametrize(
        ("room", "post"),
        [
            ("tea", Post("half \ud800", b"x")),
            ("tea", Post(None, b"x")),  # type: ignore[arg-type]
            ("tea", Post("1", "text")),  # type: ignore[arg-type]
            ("tea", Post("1", b"x", fingerprint="text")),  # type: ignore[arg-type]
            ("tea", Post("1", b"x", author="\udfff")),
            ("tea", Post("1", b"x", preconditions=Preconditions(sender="\udfff"))),
            ("half \ud800", Post("1", b"x")),
        ],
    )
    async def test_what_cannot_be_kept_is_said_to_its_sender_alone(
        self, make_log: MakeLog, room: str, post: Post
    ) -> None:
        log = make_log()
        await log.append("tea", Post("before", b"x"))
        posts = [("tea", Post("a", b"x")), (room, post), ("tea", Post("b", b"x"))]
        first, bad, second = await asyncio.gather(
            *(log.append(room, post) for room, post in posts), return_exceptions=True
        )
        assert isinstance(bad, (TypeError, ValueError))
        assert "of a post" in str(bad)
        assert [kept.seq for kept in (first, second) if not isinstance(kept, BaseException)] == [2, 3]

    async def test_twenty_at_once_are_one(self, make_log: MakeLog) -> None:
        log = make_log()
        answers = await asyncio.gather(*(log.append("tea", Post("same", b"x")) for _ in range(20)))
        assert {answer.seq for answer in answers} == {1}
        assert sum(not answer.duplicate for answer in answers) == 1
        assert (await log.head("tea")).seq == 1

    async def test_an_id_that_comes_with_something_else_is_refused(self, make_log: MakeLog) -> None:
        """Two senders with one id: neither is told that the other's entry is theirs, and nothing is lost."""
        log = make_log()
        await log.append("tea", Post("1", b"from ann"))
        with pytest.raises(IdTaken):
            await log.append("tea", Post("1", b"from bob"))
        assert (await log.append("milk", Post("1", b"from bob"))).seq == 1
        assert [entry.data for entry in (await log.read("tea")).entries] == [b"from ann"]

    async def test_an_id_is_its_authors(self, make_log: MakeLog) -> None:
        """Whoever uses it before or after gets an entry of their own, whatever they say."""
        log = make_log()
        eve = await log.append("tea", Post("build-7", b"it failed", author="eve"))
        bot = await log.append("tea", Post("build-7", b"it failed", author="bot"))
        other = await log.append("tea", Post("build-7", b"something else", author="zoe"))
        assert [eve.seq, bot.seq, other.seq] == [1, 2, 3]
        again = await log.append("tea", Post("build-7", b"it failed", author="bot"))
        assert (again.seq, again.duplicate) == (2, True)
        assert [entry.id for entry in (await log.read("tea")).entries] == ["build-7"] * 3
        with pytest.raises(IdTaken):
            await log.append("tea", Post("build-7", b"it works", author="bot"))

    async def test_an_id_is_forgotten_after_the_time_to_live(self, make_log: MakeLog) -> None:
        log = make_log(dedup_ttl=1)
        await log.append("tea", Post("same", b"x"))
        async with asyncio.timeout(PATIENCE):
            while (await log.append("tea", Post("same", b"x"))).duplicate:
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
        assert (await log.append("tea", Post("1", b"x"))).seq == 1
        assert (await log.append("tea", Post("new", b"x"))).seq == 501


async def filled(log: Log, count: int) -> Log:
    """So many at a time as are answered soon, also where the machine is busy."""
    numbers = range(1, count + 1)
    for first in range(0, count, 50):
        await asyncio.gather(*(log.append("tea", Post(str(n), b"x")) for n in numbers[first : first + 50]))
    return log


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]
