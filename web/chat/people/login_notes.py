"""The notes of who is here by which login. They are written together, soon after somebody connects.

So a connect waits for none of it: a round trip for each would be 4 % of what a connect costs. A worker that
is killed loses the notes of its last moment; its clients are noted where they connect again.

Anybody can get any number of cookies, and each is a person. So the server keeps only so many new people of an
address a day. The others lose nothing else by it: their cookies count as they did before.
"""

import asyncio
import logging
from dataclasses import replace
from time import time
from typing import NamedTuple

from relay import Ask, LogUnavailable, Quota, Records, Store

from chat.domain.identity import Identity
from chat.domain.roles import GUEST
from chat.domain.rooms_of_people import NEW_PEOPLE
from chat.people import kept_login, passkey, person_record
from chat.people.devices import Device
from chat.people.kept_login import KeptLogin
from chat.people.known_names import By, KnownNames
from chat.people.logins import KeptLogins, Standing
from chat.people.person_record import PersonRecord

logger = logging.getLogger(__name__)

FLUSH_INTERVAL = 0.2
"""Seconds between two writes."""
AT_ONCE = 100
"""Notes that one write holds at most."""
MOST_WAITING = 10_000
"""Notes that wait while Redis is away. Where there are more the oldest is dropped: its client is noted
again."""
FRESH = 600
"""Seconds for which a note is not renewed that still says the same."""


class Note(NamedTuple):
    identity: Identity
    address: str
    device: Device


class LoginNotes:
    def __init__(
        self,
        store: Store,
        records: Records,
        logins: KeptLogins,
        names: KnownNames,
        people_per_address: int,
        *,
        members: bool,
    ) -> None:
        """`members`: whether whoever has a cookie gave the access code."""
        self._store = store
        self._records = records
        self._logins = logins
        self._names = names
        self._new_people = NEW_PEOPLE[0] * people_per_address, NEW_PEOPLE[1]
        self._members = members
        self._unwritten: dict[tuple[str, str], Note] = {}

    def note(self, note: Note) -> None:
        """Note that somebody is here, unless they have no cookie."""
        if note.identity.lasting and not note.identity.program:
            self._unwritten[note.identity.person.id, note.identity.login] = note
            if len(self._unwritten) > MOST_WAITING:
                del self._unwritten[next(iter(self._unwritten))]

    def note_unless_fresh(self, note: Note, standing: Standing) -> None:
        """Do the same, unless that is kept already and was noted lately. `standing`: that of the login."""
        login, record = standing.login, standing.record
        fresh = (
            login is not None
            and time() * 1000 - login.seen < FRESH * 1000
            and (login.address, login.device) == (note.address, note.device)
            and record is not None
            and record == self._seen(record, note.identity)
        )
        if not fresh:
            self.note(note)

    @property
    def waiting(self) -> int:
        """How many notes are not written yet."""
        return len(self._unwritten)

    async def run(self) -> None:
        """Write notes until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_INTERVAL)
            try:
                await self._write()
            except LogUnavailable as error:  # they stay noted
                logger.debug("logins could not be written: %s", error)

    async def _write(self) -> None:
        while some := list(self._unwritten.values())[:AT_ONCE]:
            found = await self._records.read(*(ask for note in some for ask in _asks(note)))
            pairs = zip(some, found[::2], found[1::2], strict=True)
            written = await asyncio.gather(*(self._keep(note, *each) for note, *each in pairs))
            for note, done in zip(some, written, strict=True):
                key = note.identity.person.id, note.identity.login
                if done and self._unwritten.get(key) is note:
                    del self._unwritten[key]

    async def _keep(self, note: Note, records: dict[str, bytes], logins: dict[str, bytes]) -> bool:
        """Keep a login and its person, as `records` and `logins` have them. False if these are changed
        meanwhile: then it has to be tried again."""
        identity, now = note.identity, int(time() * 1000)
        person, login = identity.person.id, identity.login
        known, kept = records.get(person), logins.get(login)
        before = record = PersonRecord.read(known)
        if kept is None and not self._logins.counts_unkept(identity, record):
            return True
        if record is None:
            new = Quota(f"kept from {note.address}", *self._new_people)
            if await self._store.take(new) is not None:
                return True
            # To the second, as cookies are, so that none that is signed now seems to be earlier.
            record = PersonRecord(identity.person.name, GUEST, now // 1000 * 1000)
        record = self._seen(record, identity)
        here = KeptLogin(login, now, now, note.address, note.device, identity.earlier)
        if kept is not None:
            here = replace(KeptLogin.read(login, kept), seen=now, address=note.address, device=note.device)
        passkeys: dict[str, bytes] = {}
        if record.passkeys:  # they last as long as their person, whether they are used or not
            (passkeys,) = await self._records.read(passkey.ask(person))
        renewed, unchanged = passkey.renewal(person, passkeys)
        written = await self._records.change(
            person,
            record.put(person),
            here.put(person, record, self._logins.days),
            *renewed,
            expect=[
                person_record.expect(person, known),
                kept_login.expect(person, login, kept),
                *unchanged,
            ],
        )
        # After it was written, since whoever ends it marks it before it is forgotten.
        if kept is None and await self._logins.marked(login):
            await self._logins.forget(person, login)
        if written and record.role != GUEST:
            await self._names.note(identity.person, By.of(identity), before.name if before else "")
        return written

    def _seen(self, record: PersonRecord, identity: Identity) -> PersonRecord:
        return record.seen_as(identity.person, member=self._members or identity.moderator)


def _asks(note: Note) -> tuple[Ask, Ask]:
    person = note.identity.person.id
    return person_record.ask(person), kept_login.ask(person, note.identity.login)
