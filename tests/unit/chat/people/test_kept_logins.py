"""Which logins count."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from chat.people import login_notes
from chat.people.kept_login import OF_PERSON
from chat.people.login_notes import Note
from relay import LogUnavailable
from relay.memory.records import MemoryRecords
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.redis.store import RedisStore

from tests.unit.chat.people.keeping import PHONE, Clock, Keeping
from tests.unit.relay.redis.fake_redis import Command, Visitor
from tests.unit.relay.redis.linked import linked


async def test_a_login_is_kept_once_its_browser_was_here(keeping: Keeping) -> None:
    """A cookie alone keeps nothing: anybody can get any number of those."""
    ana = keeping.cookie()
    assert await keeping.counts(ana) == [True]
    assert await keeping.kept(ana) == []
    await keeping.seen(ana, device=PHONE)
    [login] = await keeping.logins.of(ana.person.id)
    assert (login.id, login.address, login.device) == (ana.login, "192.0.2.1", PHONE)
    assert login.at == login.seen == int(keeping.clock.now * 1000)
    assert await keeping.counts(ana, keeping.again(ana)) == [True, True]


async def test_a_kept_login_that_was_ended_counts_nowhere(keeping: Keeping) -> None:
    """Neither its cookie nor the one before it, and nobody else's ends with it."""
    before, other, eve = keeping.cookie(), keeping.cookie("Ben"), keeping.cookie("Eve")
    await keeping.seen(before, other)
    after = keeping.again(before)
    await keeping.ends(after)
    assert await keeping.counts(before, after, other, keeping.again(other), eve) == [
        False,
        False,
        *[True] * 3,
    ]
    await keeping.seen(before, after)
    assert await keeping.kept(before) == []
    keeping.store._kept.clear()  # as if it had not been marked, since too many were
    assert await keeping.counts(after) == [False]


async def test_a_login_that_was_idle_has_ended(clock: Clock) -> None:
    """Whatever other logins of the person do. One that is used goes on."""
    keeping = Keeping(clock, days=7, members=True)
    laptop = keeping.cookie()
    phone = keeping.another(laptop)
    await keeping.seen(laptop, phone)
    laptop, phone = keeping.again(laptop), keeping.again(phone)
    for _ in range(8):
        clock.after(days=1)
        assert await keeping.counts(phone) == [True]
        await keeping.seen(phone)
    assert await keeping.counts(laptop, phone) == [False, True]
    assert await keeping.kept(laptop) == [phone.login]


async def test_a_guest_who_was_away_is_the_same_person(keeping: Keeping) -> None:
    """Of a guest nothing is left after a month, and the cookie goes on counting for its year."""
    ana = keeping.cookie()
    await keeping.seen(ana)
    ana = keeping.again(ana)
    for days in (29, 1.5, 0.6, 100):
        keeping.clock.after(days)
        assert await keeping.counts(ana) == [True], days
    assert await keeping.kept(ana) == []
    await keeping.seen(ana)
    assert await keeping.kept(ana) == [ana.login]
    keeping.clock.after(234)
    assert await keeping.counts(ana) == [False], "a year is over"


async def test_a_member_is_remembered_for_as_long_as_a_cookie_counts(clock: Clock) -> None:
    keeping = Keeping(clock, members=True)
    ana = keeping.cookie()
    await keeping.seen(ana)
    clock.after(days=364)
    assert await keeping.kept(ana) == [ana.login]


async def test_cookies_count_although_everything_was_lost(keeping: Keeping) -> None:
    """On every device of a person, whichever comes first."""
    laptop = keeping.cookie()
    phone = keeping.another(laptop)
    await keeping.seen(laptop, phone)
    laptop, phone = keeping.again(laptop), keeping.again(phone)
    keeping.clock.after(days=1)
    keeping.loses_everything()
    for each in (laptop, phone):
        assert await keeping.counts(laptop, phone) == [True, True]
        await keeping.seen(each)
    assert set(await keeping.kept(laptop)) == {laptop.login, phone.login}


async def test_whoever_ends_all_others_ends_those_that_were_never_noted(keeping: Keeping) -> None:
    """A copy of an old cookie, say. What is signed later counts."""
    laptop = keeping.cookie()
    never_noted, phone = keeping.another(laptop), keeping.another(laptop)
    await keeping.seen(laptop, phone)
    keeping.clock.after(days=1)
    await keeping.logins.refuse_earlier(laptop.person.id)
    await keeping.logins.forget(laptop.person.id, phone.login)
    ended = [never_noted, phone, keeping.again(phone)]
    assert await keeping.counts(laptop, *ended) == [True, False, False, False]
    keeping.clock.after(days=0.1)
    later = keeping.another(laptop)
    assert await keeping.counts(later) == [True]
    await keeping.seen(never_noted, later)
    assert set(await keeping.kept(laptop)) == {laptop.login, later.login}


async def test_what_a_guest_refused_is_refused_for_as_long_as_the_cookies_count(keeping: Keeping) -> None:
    laptop = keeping.cookie()
    never_noted = keeping.another(laptop)
    await keeping.seen(laptop)
    keeping.clock.after(days=1)
    await keeping.logins.refuse_earlier(laptop.person.id)
    keeping.clock.after(days=300)
    assert await keeping.counts(never_noted, laptop) == [False, True]


async def test_nothing_is_made_of_somebody_who_is_not_kept(keeping: Keeping) -> None:
    ana = keeping.cookie()
    await keeping.logins.refuse_earlier(ana.person.id)
    assert keeping.records._kept == {}


async def test_a_login_that_replaced_another_stands_for_both(keeping: Keeping) -> None:
    """Somebody became a moderator: that is one browser."""
    before = keeping.cookie()
    await keeping.seen(before)
    after = replace(keeping.again(before).promoted(), signed=int(keeping.clock.now))
    assert await keeping.counts(after) == [True]
    await keeping.seen(after)
    [login] = await keeping.logins.of(before.person.id)
    assert login.ids == (after.login, before.login)


async def test_a_person_has_so_many_logins(keeping: Keeping) -> None:
    """Those go that were seen longest ago."""
    first = keeping.cookie()
    others = [keeping.another(first) for _ in range(OF_PERSON)]
    for each in (first, *others):
        keeping.clock.after(days=0.01)
        await keeping.seen(replace(each, signed=int(keeping.clock.now)))
    assert set(await keeping.kept(first)) == {each.login for each in others}


async def test_an_address_brings_so_many_new_people_a_day(keeping: Keeping) -> None:
    """The others are not kept, and lose nothing else. Who is kept already is noted however many came."""
    people = [keeping.cookie(f"Ana {number}") for number in range(17)]
    await keeping.seen(*people)
    assert [len(await keeping.kept(each)) for each in people] == [1] * 15 + [0] * 2
    assert await keeping.counts(*people) == [True] * 17
    await keeping.seen(people[0], device=PHONE)
    assert (await keeping.logins.of(people[0].person.id))[0].device == PHONE
    await keeping.seen(people[15], address="192.0.2.2")
    keeping.clock.after(days=1.1)
    await keeping.seen(people[16])
    assert [len(await keeping.kept(each)) for each in people[15:]] == [1, 1]


async def test_what_was_noted_lately_is_not_written_again(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand who come back after a rollout are no thousand writes. What changed is written at once."""
    ana = keeping.cookie()
    await keeping.seen(ana)
    written: list[Any] = []
    change = MemoryRecords.change

    async def noted(*arguments: Any, **options: Any) -> bool:
        written.append(arguments)
        return await change(*arguments, **options)

    monkeypatch.setattr(MemoryRecords, "change", noted)
    keeping.clock.now += login_notes.FRESH - 1
    await keeping.seen(ana)
    assert written == []
    await keeping.seen(ana.named("Anna"))
    await keeping.seen(ana.named("Anna"), device=PHONE)
    await keeping.seen(ana.named("Anna"), device=PHONE, address="192.0.2.9")
    assert len(written) == 3
    keeping.clock.now += login_notes.FRESH + 1
    await keeping.seen(ana.named("Anna"), device=PHONE, address="192.0.2.9")
    assert len(written) == 4
    [login] = await keeping.logins.of(ana.person.id)
    assert login.at < login.seen == int(keeping.clock.now * 1000)


async def test_a_login_that_ends_while_it_is_noted_is_not_kept(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = keeping.cookie()
    change = MemoryRecords.change

    async def late(*arguments: Any, **options: Any) -> bool:
        monkeypatch.setattr(MemoryRecords, "change", change)
        await keeping.ends(ana)
        return await change(*arguments, **options)

    monkeypatch.setattr(MemoryRecords, "change", late)
    await keeping.seen(ana)
    assert await keeping.kept(ana) == []


async def test_what_another_release_keeps_stays(keeping: Keeping) -> None:
    """While workers of two releases run."""
    ana = keeping.cookie()
    await keeping.seen(ana)
    for name, fields in keeping.records._kept.items():
        keeping.records._kept[name] = {
            field: (value.replace(b"{", b'{"state": "out", ', 1), until)
            for field, (value, until) in fields.items()
        }
    await keeping.seen(ana.named("Anna"), device=PHONE)
    kept = [value for fields in keeping.records._kept.values() for value, _ in fields.values()]
    assert len(kept) == 2
    assert all(b'"state": "out"' in value for value in kept), kept


async def test_while_nothing_can_be_asked_people_go_on_reading(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise LogUnavailable("away")

    monkeypatch.setattr(MemoryRecords, "read", away)
    assert await keeping.counts(keeping.cookie()) == [True]


async def test_notes_are_written_when_redis_is_back(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = keeping.cookie()
    change, failed = MemoryRecords.change, asyncio.Event()

    async def away(*_: Any, **__: Any) -> bool:
        failed.set()
        monkeypatch.setattr(MemoryRecords, "change", change)
        raise LogUnavailable("away")

    monkeypatch.setattr(MemoryRecords, "change", away)
    await keeping.seen(ana)
    assert failed.is_set()
    assert await keeping.kept(ana) == [ana.login]


async def test_so_many_notes_wait_while_redis_is_away(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest of them: who was let in before is noted again in an hour."""
    monkeypatch.setattr(login_notes, "MOST_WAITING", 2)
    people = [keeping.cookie() for _ in range(3)]
    for each in people:
        keeping.notes.note(Note(each, "192.0.2.1", PHONE))
    await keeping.written()
    assert [len(await keeping.kept(each)) for each in people] == [0, 1, 1]


async def test_how_a_login_stands_is_asked_in_one_round_trip(keeping: Keeping) -> None:
    """As many as when only the mark was asked for."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        replies = {b"EXISTS": b":0\r\n", b"HMGET": b"*1\r\n$-1\r\n"}
        visitor.say(b"".join(replies.get(command[0], b"+OK\r\n") for command in commands))

    async with linked(answer) as (link, redis):
        names = Names("test:")
        logins = type(keeping.logins)(RedisStore(link, names), RedisRecords(link, names))
        assert (await logins.standing(keeping.cookie())).counts
        asked = [sorted(command[0] for command in batch) for batch in redis.visitors[0].seen]
        assert [batch for batch in asked if b"EXISTS" in batch] == [[b"EXISTS", b"HMGET", b"HMGET"]]
