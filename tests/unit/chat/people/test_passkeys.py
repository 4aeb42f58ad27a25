"""Passkeys as they are kept: with their person, for as long as the person, and never one too many."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.people import person_record
from chat.people.challenge import Used
from chat.people.passkey import OF_PERSON, Passkey, now
from chat.people.passkeys import Passkeys
from chat.people.person_record import PersonRecord
from relay.memory.records import MemoryRecords

from tests.unit.chat.people.keeping import DAY, LAPTOP, Clock, Keeping


class Slow(MemoryRecords):
    """As Redis: others come in between a read and the change that follows it."""

    async def change(self, owner: str, *changes: Any, **expected: Any) -> bool:
        await asyncio.sleep(0)
        return await super().change(owner, *changes, **expected)


@pytest.fixture
def passkeys(keeping: Keeping) -> Passkeys:
    return Passkeys(keeping.store, keeping.records, 365, 1)


async def ana(keeping: Keeping) -> Identity:
    """Somebody whose login is kept."""
    cookie = keeping.cookie("Ana")
    await keeping.seen(cookie)
    return cookie


def new(size: int = 20) -> Passkey:
    return Passkey(secrets.token_bytes(size), b"a public key", 0, False, "", LAPTOP, now())


def unused() -> Used:
    return Used(secrets.token_hex(16), secrets.token_hex(16))


async def record_of(keeping: Keeping, person: str) -> PersonRecord:
    (found,) = await keeping.records.read(person_record.ask(person))
    record = PersonRecord.read(found.get(person))
    assert record is not None
    return record


async def test_a_passkey_is_kept_as_it_was_made(keeping: Keeping, passkeys: Passkeys) -> None:
    """Also one with the longest id there can be."""
    person = (await ana(keeping)).person.id
    made = [new(), new(1023)]
    for each in made:
        await passkeys.add(person, each, unused())
    assert await passkeys.of(person) == made
    assert (await record_of(keeping, person)).passkeys == 2


async def test_whoever_has_one_is_remembered_for_longer_than_a_guest(
    keeping: Keeping, passkeys: Passkeys, clock: Clock
) -> None:
    """So that they can come back after a month; and with them their logins, which would seem ended."""
    cookie = await ana(keeping)
    await passkeys.add(cookie.person.id, new(), unused())
    clock.after(days=200)
    assert len(await passkeys.of(cookie.person.id)) == 1
    assert await keeping.counts(keeping.again(cookie)) == [True]
    assert await keeping.kept(cookie) == [cookie.login]
    clock.after(days=167)
    assert await passkeys.of(cookie.person.id) == []


async def test_a_passkey_that_is_never_used_lasts_as_long_as_its_person(
    keeping: Keeping, passkeys: Passkeys, clock: Clock
) -> None:
    """Who comes by their cookie all the time, and loses it one day."""
    cookie = await ana(keeping)
    await passkeys.add(cookie.person.id, new(), unused())
    for _ in range(3):
        clock.after(days=300)
        cookie = keeping.again(cookie)
        await keeping.seen(cookie)
    assert len(await passkeys.of(cookie.person.id)) == 1


async def test_a_note_does_not_undo_what_happens_to_a_passkey_meanwhile(
    keeping: Keeping, passkeys: Passkeys, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is used, which is counted; or it is ended."""
    cookie = await ana(keeping)
    person, made = cookie.person.id, new()
    used = replace(made, uses=7)
    await passkeys.add(person, made, unused())
    change = MemoryRecords.change

    async def is_seen_while(happens: Callable[[], Awaitable[object]]) -> None:
        async def changes_late(self: MemoryRecords, *about: Any, **expected: Any) -> bool:
            monkeypatch.setattr(MemoryRecords, "change", change)
            await happens()
            return await change(self, *about, **expected)

        clock.after(days=1)
        monkeypatch.setattr(MemoryRecords, "change", changes_late)
        await keeping.seen(keeping.again(cookie))

    await is_seen_while(lambda: keeping.records.change(person, used.put(person)))
    assert await passkeys.of(person) == [used]
    await is_seen_while(lambda: passkeys.end(person))
    assert await passkeys.of(person) == []
    assert (await record_of(keeping, person)).passkeys == 0


async def test_whoever_has_none_any_more_is_remembered_as_before(
    keeping: Keeping, passkeys: Passkeys
) -> None:
    person = (await ana(keeping)).person.id
    before = (await record_of(keeping, person)).lasts
    made = new()
    await passkeys.add(person, made, unused())
    assert (await record_of(keeping, person)).lasts == 366 * DAY
    await passkeys.end(person, "0" * 32)
    assert len(await passkeys.of(person)) == 1
    await passkeys.end(person, made.digest)
    assert (await record_of(keeping, person)).lasts == before


async def test_of_many_that_are_added_at_once_none_is_too_many_and_none_is_lost(keeping: Keeping) -> None:
    """Those who don't try again are told so."""
    slow = Slow()
    slow._kept = keeping.records._kept
    passkeys = Passkeys(keeping.store, slow, 365, 1)
    person = (await ana(keeping)).person.id
    for _ in range(OF_PERSON - 2):
        await passkeys.add(person, new(), unused())
    tried = await asyncio.gather(
        *(passkeys.add(person, new(), unused()) for _ in range(4)), return_exceptions=True
    )
    refused = [each for each in tried if isinstance(each, Refused)]
    assert [each.values["reason"] for each in refused] == ["passkeys"] * 2
    assert len(await passkeys.of(person)) == OF_PERSON
    assert (await record_of(keeping, person)).passkeys == OF_PERSON


async def test_one_challenge_adds_one_passkey(keeping: Keeping, passkeys: Passkeys) -> None:
    """However often its own request tries, and whoever else has it."""
    person = (await ana(keeping)).person.id
    used = unused()
    made = new()
    for _ in range(2):
        await passkeys.add(person, made, used)
    with pytest.raises(Refused) as refused:
        await passkeys.add(person, new(), Used(used.nonce, "another"))
    assert refused.value.values["reason"] == "passkey_late"
    assert await passkeys.of(person) == [made]


async def test_of_whom_nothing_is_kept_can_have_none(passkeys: Passkeys) -> None:
    with pytest.raises(Refused) as refused:
        await passkeys.add("0" * 16, new(), unused())
    assert refused.value.values["reason"] == "passkey_not_kept"


async def test_what_another_release_keeps_besides_stays(keeping: Keeping) -> None:
    put = new().put("ana")
    again = Passkey.read(put.value[:-1] + b', "colour": "red"}')
    assert b'"colour": "red"' in again.put("ana").value
