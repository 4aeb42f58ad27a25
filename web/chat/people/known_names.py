"""The known names: those of members, moderators and programs. Nobody else may take one, or one that looks
like it.

Each name has claims, one for each way in which it looks, that lie in the partitions of these looks and not in
that of whoever has the name: so a sign-in finds them without knowing whose they are. A claim says whose the
name is. What is kept of that person is the truth: a claim counts while the person is a member, has such a
name, and can come back to it. Who has signed out everywhere can't, nor can anybody after the access code was
changed: then they are somebody new, who may have the name. Names of those who have a role or a passkey, of
programs and of those who were put out stay theirs. A claim by a badge counts by itself, since who gives the
moderators' code may have no record.

Who had a name before somebody known took it keeps it; the wire says who is a moderator. Two who take a new
name in the same second may both have it: it is known once the first is noted.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from hashlib import sha256
from time import time
from typing import NamedTuple

from relay import Ask, Drop, Expect, Put, Records

from chat.domain.identity import Identity
from chat.domain.look_alikes import skeletons
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST, MODERATE
from chat.people import kept_login, person_record
from chat.people.person_record import MEMBERS_LAST, PersonRecord

NAMES = "names"
"""The name of the records that hold claims. Their fields are the looks."""
IN_PARTITION = 3000
"""Claims in each of 256 partitions: of a thousand people, up to three of each. Where there are more, those go
that would be forgotten first."""
BADGES_LAST = 180 * 86_400
"""Seconds for which a claim by a badge counts after the name was used last."""
RENEWED = 86_400_000
"""Milliseconds after which a claim is written again, so that it lasts."""


class By(StrEnum):
    """How somebody is known. Those with a badge may take names of each other, and so may programs: each may
    be the same one who comes back as another person."""

    MEMBER = "member"
    BADGE = "badge"
    PROGRAM = "program"

    @classmethod
    def of(cls, identity: Identity) -> "By":
        """Return how this one is known, if at all."""
        if identity.program:
            return cls.PROGRAM
        return cls.BADGE if identity.badge else cls.MEMBER


class Claim(NamedTuple):
    """`person`: the id of whose the name is, empty if nobody would be the same the next time; `at`: when it
    was written, in milliseconds since 1970; `era`: the one of the cookies then, see Logins.era."""

    person: str
    by: By
    at: int
    era: str

    @classmethod
    def read(cls, data: bytes) -> "Claim":
        """Return the claim that was kept."""
        content = json.loads(data)
        return cls(content["person"], By(content["by"]), content["at"], content["era"])

    def put(self, look: str) -> Put:
        """Return what keeps it."""
        lasts = BADGES_LAST if self.by is By.BADGE else MEMBERS_LAST
        return Put(NAMES, look, json.dumps(self._asdict()).encode(), lasts, IN_PARTITION)


class Holder(NamedTuple):
    """What is kept of whose a claim is: the record, and whether there is a login."""

    record: PersonRecord | None
    signed_in: bool


Holders = dict[str, Holder]
"""By the ids of people."""


async def no_era() -> str:
    """Return the era where no cookie is read."""
    return ""


class KnownNames:
    def __init__(self, records: Records, era: Callable[[], Awaitable[str]] = no_era) -> None:
        """`era()`: that of the cookies that count now. May raise LogUnavailable."""
        self._records = records
        self._era = era

    async def check(self, name: str, person: str = "", by: By = By.MEMBER) -> None:
        """Return if somebody may take a name: `person`, their id if they have one, and how they are or would
        be known. Raises Refused if it is somebody else's, LogUnavailable if that can't be known."""
        claims = (Claim.read(each) for each in (await self._read(looks_of(name))).values())
        others = [
            each
            for each in claims
            if not (person and each.person == person) and (each.by is By.MEMBER or each.by is not by)
        ]
        holders, era = await self._holders(others), await self._era()
        for each in others:
            if _counts(each, holders, era, name):
                record = holders[each.person].record if each.by is not By.BADGE else None
                raise _of_moderator() if record is None or record.role in MODERATE else _of_member()

    async def note(self, person: Person, by: By = By.MEMBER, before: str = "") -> None:
        """Note that somebody known has a name. `person`: with an empty id if they have none that lasts;
        `before`: the name that they had. Others' claims that count stay. Raises LogUnavailable."""
        looks = looks_of(person.name)
        found = await self._read(looks | (looks_of(before) if before else set()))
        claims = {look: Claim.read(data) for look, data in found.items()}
        holders, era = await self._holders(claims.values()), await self._era()
        mine = Claim(person.id, by, int(time() * 1000), era)
        changes: list[tuple[str, Put | Drop]] = []
        for look in looks:
            there = claims.get(look)
            if there is None or _replaces(mine, there, _counts(there, holders, era, person.name)):
                changes.append((look, mine.put(look)))
        for look, there in claims.items():
            if look not in looks and there.person == person.id and there.by is not By.BADGE:
                changes.append((look, Drop(NAMES, look)))
        # As it was found: who wrote one at the same time has it.
        await asyncio.gather(
            *(
                self._records.change(look, change, expect=[Expect(NAMES, look, found.get(look))])
                for look, change in changes
            )
        )

    async def forget(self, person: Person) -> None:
        """Let somebody's name be taken by others. Raises LogUnavailable."""
        for look, data in (await self._read(looks_of(person.name))).items():
            if Claim.read(data).person == person.id:
                await self._records.change(look, Drop(NAMES, look), expect=[Expect(NAMES, look, data)])

    async def _read(self, looks: set[str]) -> dict[str, bytes]:
        found = await self._records.read(*(Ask(look, NAMES, (look,)) for look in looks))
        return {look: data for each in found for look, data in each.items()}

    async def _holders(self, claims: Iterable[Claim]) -> Holders:
        """Return what is kept of those whose claims do not count by themselves."""
        people = list({each.person for each in claims if each.by is not By.BADGE})
        if not people:
            return {}
        asks = (ask for id in people for ask in (person_record.ask(id), kept_login.ask(id)))
        found = await self._records.read(*asks)
        return {
            id: Holder(PersonRecord.read(records.get(id)), bool(logins))
            for id, records, logins in zip(people, found[::2], found[1::2], strict=True)
        }


def looks_of(name: str) -> set[str]:
    """Return digests of what a name looks like. Two names look alike if they share one."""
    return {sha256(each.encode()).hexdigest()[:32] for each in skeletons(name)}


def _counts(claim: Claim, holders: Holders, era: str, name: str) -> bool:
    """Return whether a claim keeps others from a name."""
    if claim.by is By.BADGE:
        return True
    record, signed_in = holders[claim.person]
    if record is None or record.role == GUEST or looks_of(record.name).isdisjoint(looks_of(name)):
        return False
    stays = claim.by is By.PROGRAM or record.role in MODERATE or record.out or record.passkeys > 0
    return stays or (signed_in and claim.era == era)


def _replaces(mine: Claim, there: Claim, counts: bool) -> bool:
    """Return whether a claim takes the place of another. `counts`: whether that one does."""
    if mine.person and mine.person == there.person:
        if mine.by is there.by:
            return mine.at - there.at > RENEWED or mine.era != there.era
        return there.by is not By.BADGE
    return not counts or (mine.by is By.BADGE and there.by is By.BADGE)


def _of_moderator() -> Refused:
    detail = "A moderator has this name, or one that looks like it. Pick another."
    return Refused("forbidden", detail, reason="name_of_moderator")


def _of_member() -> Refused:
    detail = (
        "Somebody who is known here has this name, or one that looks like it. Pick another. If it is you, "
        "come back by a passkey or a link from another device of yours, or ask a moderator for a link."
    )
    return Refused("forbidden", detail, reason="name_of_member")
