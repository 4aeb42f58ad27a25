"""A name that somebody known has is nobody else's, and neither is one that looks like it."""

from dataclasses import replace

import pytest
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST, MEMBER, OWNER
from chat.people import kept_login, known_names, person_record
from chat.people.devices import Device
from chat.people.kept_login import KeptLogin
from chat.people.known_names import By, KnownNames
from chat.people.person_record import PersonRecord
from relay.memory.records import MemoryRecords

ANA, BEN = Person("a" * 16, "Ana"), Person("b" * 16, "Ben")


class Kept:
    """Names, records and logins in memory."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.era = "first"
        self.names = KnownNames(self.records, self._now)

    async def _now(self) -> str:
        return self.era

    async def knows(self, person: Person, role: str = MEMBER, by: By = By.MEMBER, before: str = "") -> None:
        """Somebody was here who has a record and a login, and is noted."""
        record = PersonRecord(person.name, role, 1, program=by is By.PROGRAM)
        login = KeptLogin(f"login of {person.id}", 1, 1, "192.0.2.1", Device("", ""))
        await self.records.change(person.id, record.put(person.id), login.put(person.id, record, 365))
        await self.names.note(person, by, before)

    async def signs_out(self, person: Person) -> None:
        """On their only device."""
        await self.records.change(person.id, kept_login.drop(person.id, f"login of {person.id}"))

    async def refuses(self, name: str, person: str = "", by: By = By.MEMBER) -> str:
        """Return why somebody may not have this name; empty if they may."""
        try:
            await self.names.check(name, person, by)
        except Refused as refusal:
            return str(refusal.values["reason"])
        return ""


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.mark.parametrize("name", ["Ana", "ana", " A n a ", "Аnа", "Aná\u0301", "ANA"])
async def test_nobody_takes_the_name_of_a_member(kept: Kept, name: str) -> None:
    await kept.knows(ANA)
    assert await kept.refuses(name) == "name_of_member"
    assert await kept.refuses(name, BEN.id) == "name_of_member"
    assert await kept.refuses(name, ANA.id) == "", "it is their own"
    assert await kept.refuses("Anna") == ""


async def test_a_moderator_does_not_take_the_name_of_an_owner(kept: Kept) -> None:
    """Neither by the code nor by a role; and the owner not theirs."""
    await kept.knows(ANA, OWNER)
    for by in (By.MEMBER, By.BADGE):
        assert await kept.refuses("Ana", BEN.id, by) == "name_of_moderator"
    await kept.knows(BEN, by=By.BADGE)
    assert await kept.refuses("Ben", ANA.id) == "name_of_moderator"


async def test_moderators_by_the_code_may_have_names_of_each_other(kept: Kept) -> None:
    """It may be the same one in another browser, or without a cookie, who has no record."""
    await kept.names.note(replace(ANA, id=""), By.BADGE)
    assert await kept.refuses("Ana", BEN.id, By.BADGE) == ""
    assert await kept.refuses("Ana") == "name_of_moderator"


async def test_programs_may_have_names_of_each_other(kept: Kept) -> None:
    """One whose token has ended is made again under its name."""
    await kept.knows(ANA, by=By.PROGRAM)
    assert await kept.refuses("Ana", BEN.id, By.PROGRAM) == ""
    assert await kept.refuses("Ana", BEN.id) == "name_of_member"


async def test_guests_have_any_name(kept: Kept) -> None:
    """Also one that they had as members."""
    await kept.knows(ANA)
    await kept.records.change(ANA.id, PersonRecord("Ana", GUEST, 1).put(ANA.id))
    assert await kept.refuses("Ana", BEN.id) == ""


async def test_who_signed_out_everywhere_comes_back_under_the_same_name(kept: Kept) -> None:
    """As somebody new, since nothing says that it is the same person."""
    await kept.knows(ANA)
    await kept.signs_out(ANA)
    assert await kept.refuses("Ana", BEN.id) == ""
    await kept.knows(replace(BEN, name="Ana"))
    assert await kept.refuses("Ana") == "name_of_member"


async def test_after_a_change_of_the_access_code_everybody_comes_back_under_their_name(kept: Kept) -> None:
    """No cookie of before counts. Only names of those who have a role stay theirs."""
    await kept.knows(ANA)
    await kept.knows(BEN, OWNER)
    kept.era = "second"
    assert await kept.refuses("Ana") == ""
    assert await kept.refuses("Ben") == "name_of_moderator"
    await kept.knows(ANA)
    assert await kept.refuses("Ana", BEN.id) == "name_of_member", (
        "who is here by the new code has a claim by it"
    )


async def test_the_name_of_who_has_a_passkey_is_not_free(kept: Kept) -> None:
    """They come back by it, also after they signed out and after a change of the code."""
    await kept.knows(ANA)
    await kept.signs_out(ANA)
    kept.era = "second"
    await kept.records.change(ANA.id, PersonRecord("Ana", MEMBER, 1, passkeys=1).put(ANA.id))
    assert await kept.refuses("Ana", BEN.id) == "name_of_member"


async def test_the_name_of_an_owner_who_signed_out_is_not_free(kept: Kept) -> None:
    await kept.knows(ANA, OWNER)
    await kept.signs_out(ANA)
    assert await kept.refuses("Ana", BEN.id) == "name_of_moderator"


async def test_the_name_of_somebody_who_was_put_out_is_not_free(kept: Kept) -> None:
    """What they said stands under it, and no login of theirs is left."""
    await kept.knows(ANA)
    await kept.signs_out(ANA)
    await kept.records.change(ANA.id, PersonRecord("Ana", MEMBER, 1, out=True).put(ANA.id))
    assert await kept.refuses("Ana", BEN.id) == "name_of_member"


async def test_who_changes_their_name_frees_the_one_before(kept: Kept) -> None:
    """Nothing of it is kept, and it is free at once, also where the claim could not be dropped."""
    await kept.knows(ANA)
    named = replace(ANA, name="Eva")
    await kept.records.change(ANA.id, PersonRecord("Eva", MEMBER, 1).put(ANA.id))
    assert await kept.refuses("Ana", BEN.id) == ""
    await kept.knows(named, before="Ana")
    assert await kept.refuses("Eva", BEN.id) == "name_of_member"
    assert set(await kept.records.everywhere(known_names.NAMES)) == known_names.looks_of("Eva")


async def test_who_had_the_name_first_has_it(kept: Kept) -> None:
    """Two guests had one name, and both became members: neither loses it."""
    await kept.knows(ANA)
    await kept.knows(replace(BEN, name="ANA"))
    assert await kept.refuses("Ana", ANA.id) == ""
    assert await kept.refuses("Ana", BEN.id) == "name_of_member"


async def test_a_claim_whose_person_is_forgotten_is_anybodys(kept: Kept) -> None:
    await kept.names.note(ANA)
    assert await kept.refuses("Ana", BEN.id) == ""
    await kept.knows(replace(BEN, name="Ana"))
    assert await kept.refuses("Ana") == "name_of_member"
    await kept.records.change(ANA.id, person_record.PersonRecord("Ana", MEMBER, 1).put(ANA.id))
    assert await kept.refuses("Ana", ANA.id) == "name_of_member", "the claim is Ben's now"
