"""What is kept of how far people have read, whoever else reads at the same time."""

import asyncio
from dataclasses import replace

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.roles import GUEST, MEMBER
from chat.people.marks import Marks, Reader
from chat.people.person_record import PersonRecord
from chat.people.reading import LEVELS, Reading
from relay import Head, LogUnavailable, Post
from relay.memory.log import MemoryLog
from relay.memory.records import MemoryRecords
from relay.memory.store import MemoryStore

from tests.unit.chat.people.keeping import Clock


class Marking:
    """A room of ten messages, and the marks in it. Two people of an address may be new in a day."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chat.people.marks.NEW_PEOPLE", (2, 86_400))
        self.log = MemoryLog(lambda entry: None, keep=0, dedup_ttl=60)
        self.store, self.records = MemoryStore(), MemoryRecords()
        self.marks = Marks(self.log, self.store, self.records, rooms_per_person=2, people_per_address=1)

    async def says(self, *ids: int) -> Head:
        """Messages come into the room. Its head is returned."""
        for id in ids:
            await self.log.append("tea", Post(str(id), b"{}"))
        return await self.log.head("tea")

    def reader(self, name: str = "Ana") -> Reader:
        return Reader(Identity.of(Person.named(name)), "192.0.2.1")

    def another_device(self, reader: Reader) -> Reader:
        return Reader(Identity.of(reader.identity.person), reader.address)

    async def read(self, reader: Reader, upto: Head) -> int | None:
        """The mark after somebody has read up to an entry."""
        changed = await self.marks.read(reader, "tea", upto)
        return changed.reading.mark(changed.head)

    async def mark(self, reader: Reader) -> int | None:
        """The mark as all of the person's devices are told it."""
        reading = (await self.marks.of(reader)).get("tea", Reading())
        return reading.mark(await self.log.head("tea"))


@pytest.fixture
def marking(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Marking:
    return Marking(monkeypatch)


async def test_what_one_device_has_read_all_have_read(marking: Marking) -> None:
    head = await marking.says(1, 2, 3)
    phone = marking.reader()
    laptop = marking.another_device(phone)
    assert await marking.mark(laptop) is None
    assert await marking.read(phone, head) == 3
    assert await marking.mark(laptop) == 3
    assert await marking.mark(marking.reader("Ben")) is None


async def test_a_mark_never_goes_back(marking: Marking) -> None:
    head = await marking.says(1, 2, 3)
    ana = marking.reader()
    assert await marking.read(ana, head) == 3
    assert await marking.read(ana, head._replace(seq=1)) == 3
    assert await marking.mark(ana) == 3


async def test_nobody_has_read_beyond_the_head(marking: Marking) -> None:
    head = await marking.says(1, 2)
    ana = marking.reader()
    assert await marking.read(ana, head._replace(seq=99)) == 2
    await marking.says(3)
    assert await marking.mark(ana) == 2


async def test_of_devices_that_read_at_the_same_time_the_furthest_wins(
    marking: Marking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reads before any writes, as on several workers."""
    head = await marking.says(*range(1, 6))
    phone = marking.reader()
    devices = [phone, *(marking.another_device(phone) for _ in range(4))]
    await marking.marks.choose(phone, "tea", "none")
    read = marking.records.read

    async def slowly(*asks: object) -> object:
        found = await read(*asks)  # type: ignore[arg-type]
        for _ in range(3):
            await asyncio.sleep(0)
        return found

    monkeypatch.setattr(marking.records, "read", slowly)
    order = [head._replace(seq=seq) for seq in (2, 5, 1, 4, 3)]
    answers = await asyncio.gather(*map(marking.read, devices, order))
    assert max(answer or 0 for answer in answers) == 5
    assert await marking.mark(phone) == 5


async def test_a_mark_that_can_not_be_written_is_not_said_to_be_kept(
    marking: Marking, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await marking.says(1)

    async def never(*_: object, **__: object) -> bool:
        return False

    ana = marking.reader()
    await marking.marks.choose(ana, "tea", "none")
    monkeypatch.setattr(marking.records, "change", never)
    with pytest.raises(LogUnavailable):
        await marking.read(ana, head)


async def test_a_mark_of_another_log_is_not_kept(marking: Marking) -> None:
    before = await marking.says(1, 2, 3)
    ana = marking.reader()
    await marking.read(ana, before)
    await marking.log.clear("tea")
    head = await marking.says(4, 5)
    assert await marking.mark(ana) is None
    assert await marking.read(ana, before) is None
    assert await marking.read(ana, head._replace(seq=1)) == 1


async def test_nothing_was_read_of_a_log_that_began_after_the_room_was_seen_empty(marking: Marking) -> None:
    ana = marking.reader()
    assert await marking.read(ana, Head("", 0)) == 0
    await marking.says(1, 2)
    assert await marking.mark(ana) == 0


async def test_a_mark_that_does_not_move_writes_nothing(
    marking: Marking, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await marking.says(1)
    ana = marking.reader()
    assert (await marking.marks.read(ana, "tea", head)).changed
    monkeypatch.delattr(marking.records.__class__, "change")
    assert not (await marking.marks.read(ana, "tea", head)).changed


@pytest.mark.parametrize("level", LEVELS)
async def test_a_level_stays_while_the_mark_moves(marking: Marking, level: str) -> None:
    head = await marking.says(1)
    ana = marking.reader()
    await marking.marks.choose(ana, "tea", level)
    assert await marking.mark(ana) is None
    await marking.read(ana, head)
    assert (await marking.marks.of(ana))["tea"] == Reading(head.epoch, 1, level)


async def test_what_another_release_keeps_besides_stays(marking: Marking) -> None:
    head = await marking.says(1)
    reading = Reading.read(b'{"colour": "red"}').moved(head, 1)
    assert Reading.read(reading.data()) == replace(reading, more={"colour": "red"})


async def test_without_a_cookie_a_mark_is_the_connections(marking: Marking) -> None:
    head = await marking.says(1)
    program = Reader(Identity.of(Person.named("Bot"), lasting=False), "192.0.2.1")
    assert await marking.read(program, head) == 1
    assert await marking.read(program, head._replace(seq=0)) == 1
    assert await marking.mark(program) == 1
    assert not marking.records._kept


async def test_one_connection_knows_so_many_at_most(marking: Marking) -> None:
    """Of a client that enters one room after the other."""
    program = Reader(Identity.of(Person.named("Bot"), lasting=False), "192.0.2.1")
    for number in range(20):
        await marking.marks.choose(program, f"room-{number}", "none")
    assert list(program.own) == [f"room-{number}" for number in range(15, 20)]


async def test_of_new_people_at_an_address_only_so_many_are_kept(marking: Marking) -> None:
    """The others have their marks while they are connected; and nobody else loses anything."""
    head = await marking.says(1, 2)
    people = [marking.reader(name) for name in ("Ana", "Ben", "Cleo")]
    for reader in people:
        assert await marking.read(reader, head._replace(seq=1)) == 1
    assert [await marking.mark(marking.another_device(each)) for each in people] == [1, 1, None]
    for reader in people:
        assert await marking.read(reader, head) == 2
    assert [await marking.mark(each) for each in people] == [2, 2, 2]


@pytest.mark.parametrize(("role", "days"), [(GUEST, 30), (MEMBER, 366)])
async def test_marks_last_as_long_as_their_person(
    marking: Marking, clock: Clock, role: str, days: int
) -> None:
    head = await marking.says(1)
    ana = marking.reader()
    id = ana.identity.person.id
    record = PersonRecord("Ana", role, 0)
    await marking.records.change(id, record.put(id))
    await marking.read(ana, head)
    clock.after(days - 1)
    assert await marking.mark(ana) == 1
    clock.after(2)
    assert await marking.mark(ana) is None


async def test_marks_of_rooms_that_were_left_give_way(marking: Marking, clock: Clock) -> None:
    """The longest ago first."""
    ana = marking.reader()
    for number in range(7):
        await marking.marks.choose(ana, f"room-{number}", "none")
        clock.after(0.01)
    assert sorted(await marking.marks.of(ana)) == [f"room-{number}" for number in range(2, 7)]
