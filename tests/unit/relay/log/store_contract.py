"""What every store promises, whoever keeps it: subclass StoreContract and give it a `store` fixture."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from relay.log.store import BoundedSet, Quota, Recent, Store

from tests.support.waiting import PATIENCE


async def until(ask: Callable[[], Awaitable[Any]], answer: Any) -> None:
    """Ask until this is the answer."""
    async with asyncio.timeout(PATIENCE):
        while await ask() != answer:
            await asyncio.sleep(0.05)


class StoreContract:
    async def test_what_was_given_first_is_what_all_agree_on(self, store: Store) -> None:
        assert await store.once("key", b"\x00mine") == b"\x00mine"
        assert await store.once("key", b"theirs") == b"\x00mine"
        assert await store.once("another", b"theirs") == b"theirs"

    async def test_a_quota_is_spent_until_its_time_is_over(self, store: Store) -> None:
        quota = Quota("c", 2, 1)
        assert [await store.take(quota) for _ in range(2)] == [None, None]
        assert await store.take(quota) == (quota, 1)
        await until(lambda: store.take(quota), None)

    async def test_a_quota_can_be_given_back(self, store: Store) -> None:
        """No more than was counted."""
        quota = Quota("c", 1, 60)
        await store.give_back(quota, Quota("never counted", 1, 60))
        for _ in range(3):
            assert await store.take(quota) is None
            await store.give_back(quota)
        assert await store.take(quota) is None
        assert (await store.take(quota) or (None,))[0] == quota
        assert await store.take(Quota("never counted", 1, 60)) is None

    async def test_counts_in_all_quotas_or_in_none(self, store: Store) -> None:
        """And says which one is spent."""
        one, other, both = Quota("one", 2, 60), Quota("other", 9, 60), Quota("both", 3, 60)
        assert [await store.take(one, both) for _ in range(2)] == [None, None]
        for _ in range(5):
            assert (await store.take(one, both) or (None,))[0] == one
        assert await store.take(other, both) is None
        assert (await store.take(other, both) or (None,))[0] == both
        assert await store.take(other._replace(most=2)) is None  # it was counted once
        assert await store.take(other._replace(most=2)) is not None

    async def test_twenty_at_once_take_no_more_than_a_quota_has(self, store: Store) -> None:
        quota = Quota("c", 5, 60)
        answers = await asyncio.gather(*(store.take(quota) for _ in range(20)))
        assert answers.count(None) == 5

    async def test_remembers_a_mark_for_its_time(self, store: Store) -> None:
        assert not await store.marked("gone")
        await store.mark("gone", 1)
        assert await store.marked("gone")
        await until(lambda: store.marked("gone"), False)

    async def test_adds_to_all_sets_or_to_none(self, store: Store) -> None:
        """And says which one is full."""
        assert await store.add("a", BoundedSet("one", 2), BoundedSet("all", 3)) is None
        assert await store.add("b", BoundedSet("one", 2), BoundedSet("all", 3)) is None
        assert await store.add("c", BoundedSet("one", 2), BoundedSet("all", 3)) == "one"
        assert await store.add("c", BoundedSet("two", 2), BoundedSet("all", 3)) is None
        assert await store.add("d", BoundedSet("two", 2), BoundedSet("all", 3)) == "all"
        assert await store.members("one") == {"a", "b"}
        assert await store.members("two") == {"c"}
        assert await store.add("a", BoundedSet("two", 2), BoundedSet("all", 3)) is None

    async def test_remembers_those_who_came_last(self, store: Store) -> None:
        """Who comes again is the newest; the oldest gives way."""
        one, two = Recent("one", 2, 60), Recent("two", 9, 60)
        await store.remember(("a", one), ("b", one), ("a", two))
        await store.remember(("a", one), ("c", one))
        assert await store.recent(one) == ["c", "a"]
        assert await store.recent(two) == ["a"]
        assert [await store.is_recent(each, one) for each in "abc"] == [True, False, True]
        assert await store.recent(Recent("three", 9, 60)) == []
        assert not await store.is_recent("a", Recent("three", 9, 60))

    async def test_each_is_remembered_for_its_time(self, store: Store) -> None:
        """Whoever else comes meanwhile."""
        recent = Recent("one", 9, 1)
        await store.remember(("a", recent))
        while await store.is_recent("a", recent):
            await store.remember(("b", recent))
        assert await store.recent(recent) == ["b"]
        await until(lambda: store.recent(recent), [])

    async def test_what_is_kept_of_a_member_goes_when_it_gives_way(self, store: Store) -> None:
        """And stays while it is among the last, or where nothing is to go along."""
        here = Recent("people here", 2, 60, along="kept of ")
        for person in "abac":
            await store.remember(("place", Recent(f"kept of {person}", 9, 60)), (person, here))
        assert await store.recent(here) == ["c", "a"]
        kept = [await store.recent(Recent(f"kept of {person}", 9, 60)) for person in "abc"]
        assert kept == [["place"], [], ["place"]]
        await store.remember(("d", here._replace(along="")))
        assert await store.recent(here) == ["d", "c"]
        assert await store.recent(Recent("kept of a", 9, 60)) == ["place"]

    async def test_removes_from_a_set(self, store: Store) -> None:
        await store.add("a", BoundedSet("one", 1))
        await store.remove("one", "a")
        await store.remove("one", "a")
        assert await store.members("one") == set()
        assert await store.add("b", BoundedSet("one", 1)) is None

    async def test_a_set_is_forgotten_after_its_time(self, store: Store) -> None:
        await store.add("a", BoundedSet("one", 9, 1), BoundedSet("all", 9))
        await until(lambda: store.members("one"), set())
        assert await store.members("all") == {"a"}
        await store.add("b", BoundedSet("one", 9, 60))
        assert await store.members("one") == {"b"}

    async def test_twenty_at_once_are_counted_right(self, store: Store) -> None:
        """No set takes more than it may."""
        places = [BoundedSet(f"person {number}", 9) for number in range(20)]
        answers = await asyncio.gather(
            *(store.add(f"room {number}", place, BoundedSet("all", 5)) for number, place in enumerate(places))
        )
        assert answers.count("all") == 15
        assert len(await store.members("all")) == 5

    async def test_the_last_notes_are_kept_in_order(self, store: Store) -> None:
        for number in range(500):
            await store.note("notes", f"\x00 {number}".encode(), 20)
        newest = await store.notes("notes", limit=3)
        assert [note.what for note in newest] == [b"\x00 499", b"\x00 498", b"\x00 497"]
        assert newest[0].at >= newest[1].at > 1_600_000_000_000
        [older, *_] = await store.notes("notes", before=newest[2].id)
        assert older.what == b"\x00 496"
        assert 20 <= len(await store.notes("notes", limit=1000)) <= 150
        assert await store.notes("others") == []

    async def test_what_notes_say_is_replaced_and_all_else_stays(self, store: Store) -> None:
        """Ids, times and order; and the next note comes after them."""
        for number in range(10):
            await store.note("notes", f"\x00 {number}".encode(), 20)
        before = await store.notes("notes")
        changed = {before[2].id: b"two", before[9].id: b"\x00 nine", "1-1": b"never there"}
        await store.rewrite_notes("notes", changed)
        assert await store.notes("notes") == [
            note._replace(what=changed.get(note.id, note.what)) for note in before
        ]
        await store.note("notes", b"next", 20)
        newest, second, *_ = await store.notes("notes")
        assert (newest.what, second) == (b"next", before[0])
        await store.rewrite_notes("others", {"1-1": b"never there"})
        assert await store.notes("others") == []

    async def test_whatever_is_kept_under_a_key_is_forgotten(self, store: Store) -> None:
        recent = Recent("recent", 9, 60)
        await store.remember(("a", recent), ("b", recent))
        await store.add("a", BoundedSet("one", 9))
        await store.mark("marked", 60)
        for key in ("recent", "one", "marked", "never there"):
            await store.forget(key)
        assert await store.recent(recent) == []
        assert await store.members("one") == set()
        assert not await store.marked("marked")
