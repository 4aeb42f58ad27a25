"""What all records promise, whoever keeps them: subclass RecordsContract and give it a `records` fixture."""

import asyncio

import pytest
from relay.log.records import (
    MOST_BYTES,
    MOST_CHARS,
    MOST_FIELDS,
    Ask,
    Drop,
    Expect,
    Expectation,
    Fewer,
    Put,
    Records,
)

from tests.unit.relay.log.store_contract import until

ANA = "ana", "rooms of ana"


def put(field: str, value: bytes = b"", seconds: int = 60, most: int = 9) -> Put:
    return Put("rooms of ana", field, value, seconds, most)


async def fields(records: Records) -> str:
    """Ana's fields, in order."""
    return "".join(sorted((await records.read(Ask(*ANA)))[0]))


class RecordsContract:
    async def test_what_was_put_is_read_until_it_is_dropped(self, records: Records) -> None:
        assert await records.read(Ask(*ANA)) == [{}]
        assert await records.change("ana", put("a", b"\x00one"), put("b"), put("c", b"", seconds=0))
        assert await records.read(Ask(*ANA)) == [{"a": b"\x00one", "b": b"", "c": b""}]
        assert await records.read(Ask(*ANA, ("b", "d"))) == [{"b": b""}]
        assert await records.change("ana", put("a", b"two"), Drop("rooms of ana", "b"), put("c", b"three"))
        assert await records.read(Ask(*ANA)) == [{"a": b"two", "c": b"three"}]
        for field in "abc":
            assert await records.change("ana", Drop("rooms of ana", field))
        assert await records.read(Ask(*ANA), Ask(*ANA, ("a",))) == [{}, {}]

    async def test_many_owners_are_read_at_once(self, records: Records) -> None:
        """Each answer is in the place of its question; owners who share a record are told apart by its
        fields."""
        people = [f"person {number}" for number in range(50)]
        for person in people:
            await records.change(person, Put("people", person, person.encode(), 60, 100))
        found = await records.read(*(Ask(person, "people", (person,)) for person in people))
        assert found == [{person: person.encode()} for person in people]
        assert await records.read(Ask("nobody", "people", ("nobody",))) == [{}]

    async def test_what_many_owners_share_is_read_in_every_partition(self, records: Records) -> None:
        """What has another name is not among it."""
        people = [f"person {number}" for number in range(40)]
        for person in people:
            await records.change(
                person, Put("people", person, person.encode(), 60, 100), Put("rooms", person, b"", 60, 100)
            )
        await records.change("person 7", Drop("people", "person 7"))
        assert await records.everywhere("people") == {
            person: person.encode() for person in people if person != "person 7"
        }
        assert await records.everywhere("tickets") == {}

    async def test_several_records_of_an_owner_change_together_or_not_at_all(self, records: Records) -> None:
        other = Put("people", "ana", b"Ana", 60, 100)
        missing, there = Expect("people", "ana", None), Expect("people", "ana", b"Ana")
        assert not await records.change("ana", put("a"), other, expect=[there])
        assert await records.read(Ask(*ANA), Ask("ana", "people", ("ana",))) == [{}, {}]
        assert await records.change("ana", put("a"), other, expect=[missing])
        assert await records.read(Ask(*ANA), Ask("ana", "people", ("ana",))) == [{"a": b""}, {"ana": b"Ana"}]
        assert not await records.change("ana", put("b"), expect=[missing])
        assert not await records.change("ana", put("b"), expect=[there, Expect("rooms of ana", "a", b"x")])
        assert not await records.change("ana", put("b"), expect=[Expect("people", "ana", b"")])
        assert await records.change("ana", Drop("people", "ana"), expect=[there])
        assert await records.read(Ask(*ANA), Ask("ana", "people", ("ana",))) == [{"a": b""}, {}]

    async def test_of_twenty_who_expect_the_same_one_makes_the_change(self, records: Records) -> None:
        expect = [Expect("rooms of ana", "a", None)]
        changes = (records.change("ana", put("a", b"%d" % number), expect=expect) for number in range(20))
        assert (await asyncio.gather(*changes)).count(True) == 1

    async def test_a_record_has_fewer_fields_than_expected_in_the_change_itself(
        self, records: Records
    ) -> None:
        """However many are added at once. One that is not there has none."""
        few = [Fewer("rooms of ana", 5)]
        changes = (records.change("ana", put(f"{number}", most=99), expect=few) for number in range(20))
        assert (await asyncio.gather(*changes)).count(True) == 5
        assert len((await records.read(Ask(*ANA)))[0]) == 5
        both: list[Expectation] = [Fewer("logins of ana", 1), Expect("rooms of ana", "missing", None)]
        assert await records.change("ana", Put("logins of ana", "phone", b"1", 60, 100), expect=both)
        gone = Drop("logins of ana", "phone")
        assert not await records.change("ana", gone, expect=[Fewer("logins of ana", 1)])
        assert await records.read(Ask("ana", "logins of ana")) == [{"phone": b"1"}]

    async def test_a_field_is_forgotten_after_its_time(self, records: Records) -> None:
        """By itself, and as if it had never been there."""
        await records.change("ana", put("a", seconds=1), put("b"), put("c", seconds=1))
        await records.change("ana", put("c", seconds=0))
        await until(lambda: fields(records), "bc")
        assert await records.change("ana", put("a"), expect=[Expect("rooms of ana", "a", None)])

    async def test_where_there_are_too_many_those_that_end_first_give_way(self, records: Records) -> None:
        """Not the one that is put, however soon it ends; those that don't end are the last to go."""
        lasting = {"a": 0, "b": 50, "c": 20, "d": 40}
        for field, seconds in lasting.items():
            await records.change("ana", put(field, seconds=seconds, most=4))
        for field, left in ("c", "abcd"), ("e", "abde"), ("f", "abdf"), ("g", "abdg"):
            await records.change("ana", put(field, seconds=9, most=4))
            assert await fields(records) == left
        await records.change("ana", put("h", seconds=9, most=2))
        assert await fields(records) == "ah"
        for field in "ijk":
            await records.change("ana", put(field, seconds=0, most=2))
            assert field in await fields(records)

    async def test_a_record_may_have_thousands_of_fields(self, records: Records) -> None:
        names = [f"{number:04}" for number in range(MOST_FIELDS + 1)]
        for first in range(0, len(names), 500):
            puts = [
                put(name, seconds=100 + int(name), most=MOST_FIELDS) for name in names[first : first + 500]
            ]
            assert await records.change("ana", *puts)
        assert sorted((await records.read(Ask(*ANA)))[0]) == names[1:]

    async def test_what_is_too_large_is_refused(self, records: Records) -> None:
        long = "x" * (MOST_CHARS + 1)
        for too_large in (
            put("a", b"x" * (MOST_BYTES + 1)),
            put(long),
            put("a", most=0),
            put("a", most=MOST_FIELDS + 1),
            Put(long, "a", b"", 9, 9),
            Drop("a", long),
        ):
            with pytest.raises(ValueError, match="at most"):
                await records.change("ana", put("b"), too_large)
        with pytest.raises(ValueError, match="at most"):
            await records.change(long, put("b"))
        with pytest.raises(ValueError, match="at most"):
            await records.change("ana", put("b"), expect=[Expect(long, "b", None)])
        with pytest.raises(ValueError, match="at most"):
            await records.change("ana", put("b"), expect=[Fewer(long, 9)])
        assert await records.read(Ask(*ANA)) == [{}]
        assert await records.change("ana", put("x" * MOST_CHARS, b"x" * MOST_BYTES))

    @pytest.mark.parametrize("odd", ["{other}", "a\nb", "}{", "\u00fc\U0001f600", "*", " "])
    async def test_any_text_may_be_an_owner_a_name_and_a_field(self, records: Records, odd: str) -> None:
        assert await records.change(odd, Put(odd, odd, odd.encode(), 60, 9), expect=[Expect(odd, odd, None)])
        assert await records.read(Ask(odd, odd), Ask(odd, odd, (odd,))) == [{odd: odd.encode()}] * 2
        assert await records.read(Ask(odd, f"another{odd}")) == [{}]

    async def test_what_would_be_of_other_owners_too_is_refused(self, records: Records) -> None:
        """Nobody would notice for long: on Redis few owners are in one partition."""
        assert await records.change("ana", Put("online", "phone of ana", b"1", 60, 9), Drop("people", "ana"))
        for shared in Put("online", "phone", b"1", 60, 9), Drop("online", "phone"):
            with pytest.raises(ValueError, match="'online of ana'"):
                await records.change("ana", put("a"), shared)
        for expected in Expect("online", "phone", None), Fewer("online", 3):
            with pytest.raises(ValueError, match="'online of ana'"):
                await records.change("ana", put("a"), expect=[expected])
        for ask in Ask("ana", "online"), Ask("ana", "online", ("phone of ana", "phone")):
            with pytest.raises(ValueError, match="'online of ana'"):
                await records.read(Ask(*ANA), ask)
        assert await records.read(Ask(*ANA), Ask("ana", "online", ("phone of ana",))) == [
            {},
            {"phone of ana": b"1"},
        ]
