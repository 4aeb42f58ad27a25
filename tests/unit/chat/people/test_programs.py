"""Programs: who gives a token is one person each time, until the token ends."""

from dataclasses import replace
from typing import Any

import pytest
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.people import person_record
from chat.people.person_record import PersonRecord
from chat.people.program import AFTER, MOST, Token
from chat.people.programs import WRONG, Programs
from relay import Drop
from relay.memory.records import MemoryRecords

from tests.unit.chat.people.keeping import DAY, MIA, Clock, Keeping, made

HOME = "192.0.2.1"


async def reason(programs: Programs, given: object, address: str = HOME) -> str:
    """Why a token is refused."""
    with pytest.raises(Refused) as refused:
        await programs.find(given, address)
    return str(refused.value.values["reason"])


async def person_of(keeping: Keeping, id: str) -> PersonRecord | None:
    (found,) = await keeping.records.read(person_record.ask(id))
    return PersonRecord.read(found.get(id))


async def test_a_token_names_its_program_and_only_a_digest_is_kept(
    keeping: Keeping, programs: Programs
) -> None:
    token = await made(programs)
    found = await programs.find(token.text, HOME)
    assert (found.id, found.name, found.by) == (token.person, "Bot", "Mia")
    assert token.secret not in str(keeping.records._kept)
    assert token.secret not in repr(token)
    person = await person_of(keeping, token.person)
    assert person is not None
    assert (person.name, person.program) == ("Bot", True)


async def test_a_token_that_is_none_is_refused(keeping: Keeping, programs: Programs) -> None:
    """Another's secret with this id, this one's secret with another id; and the digest, which is kept."""
    token, other = await made(programs), await made(programs, "Other")
    wrongs: tuple[object, ...] = (
        Token.new().text,
        Token(token.person, other.secret).text,
        Token(other.person, token.secret).text,
        f"tertulia_{token.person}_{token.digest}",
        f" {token.text}",
        token.secret,
        "",
        7,
        {},
    )
    for wrong in wrongs:
        assert await reason(programs, wrong) == "wrong_token"


async def test_guesses_are_counted_by_address_and_keep_nobody_out(
    keeping: Keeping, programs: Programs, clock: Clock
) -> None:
    """What can be no token is nobody's guess. Whoever has the right one may share the guesser's address."""
    token = await made(programs)
    for _ in range(2 * WRONG):
        assert await reason(programs, "tertulia_none") == "wrong_token"
    guesses = [await reason(programs, Token.new().text) for _ in range(WRONG + 2)]
    assert guesses == ["wrong_token"] * WRONG + ["wrong_tokens"] * 2
    assert (await programs.find(token.text, HOME)).id == token.person
    assert await reason(programs, Token.new().text, "192.0.2.2") == "wrong_token"
    clock.after(1)
    assert await reason(programs, Token.new().text) == "wrong_token"


async def test_guesses_of_a_network_count_together(programs: Programs) -> None:
    """A customer has any number of addresses of IPv6."""
    guesses = [await reason(programs, Token.new().text, f"2001:db8:0:{n:x}::/64") for n in range(41)]
    assert guesses == ["wrong_token"] * 40 + ["wrong_tokens"]


async def test_a_token_ends_with_its_time(keeping: Keeping, programs: Programs, clock: Clock) -> None:
    """And says so for a month; then nothing is left of the program."""
    token = await made(programs, days=7)
    clock.after(6.9)
    assert (await programs.find(token.text, HOME)).seconds == int(0.1 * DAY)
    clock.after(0.1)
    assert await reason(programs, token.text) == "token_over"
    clock.after(AFTER / DAY - 0.1)
    assert await reason(programs, token.text) == "token_over"
    clock.after(0.1)
    assert await reason(programs, token.text) == "wrong_token"
    assert await programs.all() == []


async def test_a_token_without_an_end_is_good_as_long_as_it_is_used(
    keeping: Keeping, programs: Programs, clock: Clock
) -> None:
    """Once a year at least, and the record as a person lasts as long."""
    token = await made(programs)
    for _ in range(3):
        clock.after(365)
        await programs.note([token.person], 0)
    assert (await programs.find(token.text, HOME)).seen == int(clock.now * 1000)
    assert await person_of(keeping, token.person) is not None
    clock.after(366)
    assert await reason(programs, token.text) == "wrong_token"
    assert await person_of(keeping, token.person) is None


async def test_another_token_ends_the_one_before(keeping: Keeping, programs: Programs, clock: Clock) -> None:
    """The program stays the same person, and the new token is good for as long as the old one was."""
    token = await made(programs, days=7)
    clock.after(10)
    another = Token.new(token.person)
    renewed = await programs.renew(another, Person("max", "Max"))
    assert renewed is not None
    assert (renewed.seconds, renewed.by) == (7 * DAY, "Max")
    assert (await programs.find(another.text, HOME)).id == token.person
    assert await reason(programs, token.text) == "wrong_token"
    assert await programs.renew(Token.new("nobody"), MIA) is None


async def test_what_else_is_kept_of_the_person_stays(keeping: Keeping, programs: Programs) -> None:
    """When it is noted, and when it gets another token."""
    token = await made(programs)
    person = await person_of(keeping, token.person)
    assert person is not None
    changed = replace(person, role="guest", more={"new": 1})
    await keeping.records.change(token.person, changed.put(token.person))
    await programs.note([token.person], 0)
    await programs.renew(Token.new(token.person), MIA)
    assert await person_of(keeping, token.person) == changed


async def test_what_is_ended_stays_ended(keeping: Keeping, programs: Programs) -> None:
    """The person stays: others have it in their rooms."""
    token, other = await made(programs), await made(programs, "Other")
    await programs.end(token.person)
    assert await reason(programs, token.text) == "wrong_token"
    with pytest.raises(Refused):
        await programs.confirm(token.person, token.digest)
    assert await programs.note([token.person, other.person], 0) == {other.person: other.digest}
    assert [each.id for each in await programs.all()] == [other.person]
    assert await person_of(keeping, token.person) is not None


async def test_one_that_is_ended_while_it_is_noted_does_not_come_back(
    keeping: Keeping, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does an old token, while a new one is made."""
    token, other = await made(programs), await made(programs, "Other")
    read = MemoryRecords.read

    async def read_and_end(records: MemoryRecords, *asks: Any) -> list[dict[str, bytes]]:
        found = await read(records, *asks)
        monkeypatch.setattr(MemoryRecords, "read", read)
        await programs.end(token.person)
        await programs.renew(Token.new(other.person), MIA)
        return found

    monkeypatch.setattr(MemoryRecords, "read", read_and_end)
    await programs.note([token.person, other.person], 0)
    assert await programs.of(token.person) is None
    assert await reason(programs, other.text) == "wrong_token"


async def test_there_are_a_hundred_programs_at_most(programs: Programs) -> None:
    """The hundredth may be made again, as when its answer was lost; and one that ends makes place."""
    tokens = [await made(programs, f"Bot {n}") for n in range(MOST)]
    await programs.check(tokens[-1])
    with pytest.raises(Refused) as refused:
        await programs.check(Token.new())
    assert refused.value.values == {"reason": "programs", "most": MOST}
    await programs.end(tokens[0].person)
    await programs.check(Token.new())
    assert len(await programs.all()) == MOST - 1


async def test_the_list_has_the_newest_first(programs: Programs, clock: Clock) -> None:
    for name in ("first", "second", "third"):
        await made(programs, name)
        clock.after(1)
    assert [each.name for each in await programs.all()] == ["third", "second", "first"]


async def test_a_program_whose_record_as_a_person_was_lost_has_one_again(
    keeping: Keeping, programs: Programs
) -> None:
    token = await made(programs)
    await keeping.records.change(token.person, Drop(person_record.PEOPLE, token.person))
    await programs.note([token.person], 0)
    person = await person_of(keeping, token.person)
    assert person is not None
    assert person.program
