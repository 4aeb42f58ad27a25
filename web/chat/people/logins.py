"""The logins of people: which of them count, and how they end.

A login is kept soon after its browser connects; see login_notes.py. Its cookie is then given anew and says
so.

- A login that is kept counts until it is ended, or was not seen for LOGIN_DAYS.
- A cookie whose login is not kept counts for LOGIN_DAYS after it was signed. Those of 0.1.0 are such, those
  of people who can't be kept, and all that are left when Redis has lost what it had.
- It does not count if it says that its login was kept, and there is a record of the person from before that:
  then the login has ended. Nor if the person let no earlier cookie count.
- A login that was ended by hand is marked for a year, and counts nowhere.
- No login counts of a person who was put out for good.
"""

import asyncio
from dataclasses import replace
from time import time
from typing import NamedTuple

from relay import LogUnavailable, Records, Store

from chat.domain.identity import Identity
from chat.people import kept_login, person_record, provider_session
from chat.people.kept_login import KeptLogin
from chat.people.person_record import PersonRecord

LASTS = 365 * 86_400
"""Seconds that a cookie counts."""
AHEAD = 86_400
"""Seconds that a cookie's time may lie in the future: a clock was set back, or its worker's is ahead."""


class Standing(NamedTuple):
    """Whether a login counts. `login`: as it is kept, if it is. `record`: that of its person, if there is
    one. `known`: whether Redis could be asked."""

    counts: bool
    login: KeptLogin | None = None
    record: PersonRecord | None = None
    known: bool = True


class KeptLogins:
    def __init__(self, store: Store, records: Records, days: int = LASTS // 86_400) -> None:
        """`days`: for which a login counts after it was seen last."""
        self._store = store
        self._records = records
        self.days = days

    async def standing(self, identity: Identity) -> Standing:
        """Return how it is with somebody's login, in one round trip. While that can't be known it counts:
        people go on reading, and nothing can be written then."""
        person, login = identity.person.id, identity.login
        try:
            ended, (records, logins) = await asyncio.gather(
                self._store.marked(_ended(login)),
                self._records.read(person_record.ask(person), kept_login.ask(person, login)),
            )
        except LogUnavailable:
            return Standing(counts=True, known=False)
        record = PersonRecord.read(records.get(person))
        if ended or (record is not None and record.out):
            return Standing(False, None, record)
        if (data := logins.get(login)) is not None:
            return Standing(True, KeptLogin.read(login, data), record)
        return Standing(self.counts_unkept(identity, record), None, record)

    def counts_unkept(self, identity: Identity, record: PersonRecord | None) -> bool:
        """Return whether a cookie counts whose login is neither kept nor marked. `record`: that of its
        person."""
        if time() - identity.signed > self.days * 86_400:
            return False
        if record is None:
            return True
        if record.out:
            return False
        signed = identity.signed * 1000
        return signed >= record.since and not (identity.kept and signed >= record.at)

    async def of(self, person: str) -> list[KeptLogin]:
        """Return a person's logins, the one that was seen last first. One that another replaced is not among
        them. Raises LogUnavailable."""
        (found,) = await self._records.read(kept_login.ask(person))
        logins = [KeptLogin.read(id, data) for id, data in found.items()]
        replaced = {id for each in logins for id in each.earlier}
        return sorted((each for each in logins if each.id not in replaced), key=lambda each: -each.seen)

    async def mark(self, *logins: str) -> None:
        """Mark logins as ended. From now on they count nowhere, whatever their cookies say. Raises
        LogUnavailable."""
        await asyncio.gather(*(self._store.mark(_ended(login), LASTS + AHEAD) for login in logins))

    async def marked(self, login: str) -> bool:
        """Return whether a login is marked. Raises LogUnavailable."""
        return await self._store.marked(_ended(login))

    async def forget(self, person: str, *logins: str) -> None:
        """Keep these logins of a person no more, nor what lies beside them. Raises LogUnavailable."""
        drops = ((kept_login.drop(person, each), provider_session.drop(person, each)) for each in logins)
        await self._records.change(person, *(drop for both in drops for drop in both))

    async def refuse_earlier(self, person: str) -> None:
        """Let no cookie of a person count that was signed until now and whose login is not kept. Does nothing
        without a record of the person. Raises LogUnavailable, also if the record changed meanwhile; then it
        may be called again."""
        people, logins = await self._records.read(person_record.ask(person), kept_login.ask(person))
        data = people.get(person)
        if (record := PersonRecord.read(data)) is None:
            return
        since = replace(record, since=int(time() * 1000))
        changes = [since.put(person)]
        if since.lasts != record.lasts:  # or the logins that stay would be forgotten long before the record
            changes += (KeptLogin.read(id, each).put(person, since, self.days) for id, each in logins.items())
        if not await self._records.change(person, *changes, expect=[person_record.expect(person, data)]):
            raise LogUnavailable("The record of the person was changed at the same time.")


def _ended(login: str) -> str:
    return f"ended session {login}"  # not "login": marks of earlier releases count
