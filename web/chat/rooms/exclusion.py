"""Exclusion: somebody is put out for good, by whatever way they would come.

The person's record says so, and then no login of theirs counts, and no link leads to them. Their passkeys are
ended, and stay so when they are taken back. A ban without an end keeps them from writing from that moment on,
and disconnects them on every worker, also on one that did not hear of it. They leave the rooms that they were
members of. What they wrote stays; with their name, unless that is erased (see erasure.py).
"""

from dataclasses import replace

from relay import LogUnavailable, Relay

from chat.domain.identity import Identity
from chat.domain.people import Person, clients_of
from chat.domain.sanctions import Sanctions, Subject
from chat.people import kept_login, passkey, person_record, provider_session
from chat.people.person_record import PersonRecord
from chat.rooms import room_list
from chat.rooms.membership import Membership

TRIES = 5


class Exclusion:
    def __init__(self, relay: Relay, sanctions: Sanctions, membership: Membership) -> None:
        self._relay = relay
        self._records = relay.records
        self._sanctions = sanctions
        self._membership = membership

    async def put_out(self, person: Person, by: Person, *, erase: bool = False) -> None:
        """Put somebody out. `erase`: begin to erase their name. May be called again, and then does what was
        not done. Raises LogUnavailable."""
        await self._say(person.id, out=True, erase=erase)
        about = {"by": by.name} if erase else {"name": person.name, "by": by.name}
        await self._sanctions.impose("ban", Subject("person", person.id), about, None)
        await self.enforce(person.id)

    async def enforce(self, person: str) -> None:
        """Disconnect somebody who is out, and take them from all rooms in their list. Raises
        LogUnavailable."""
        await self._relay.disconnect_group(clients_of(person))
        (listed,) = await self._records.read(room_list.ask(person))
        for room in listed:
            await self._membership.leave(Identity(Person(person, ""), ""), room, "")

    async def take_back(self, person: str) -> None:
        """Let somebody in again. They come by a way back, since no login of theirs is left. Raises
        LogUnavailable."""
        await self._say(person, out=False)
        await self._sanctions.lift("ban", Subject("person", person))

    async def _say(self, person: str, *, out: bool, erase: bool = False) -> None:
        for _ in range(TRIES):
            people, logins, sessions, passkeys = await self._records.read(
                person_record.ask(person),
                kept_login.ask(person),
                provider_session.ask(person),
                passkey.ask(person),
            )
            data = people.get(person)
            if (record := PersonRecord.read(data)) is None:
                return
            dropped = [
                *(kept_login.drop(person, login) for login in logins),
                *(provider_session.drop(person, login) for login in sessions),
                *passkey.drops(person, passkeys),
            ]
            said = replace(record, out=out, passkeys=0)
            if erase and not record.erased:
                said = replace(said, name="", was=record.name, erased=True)
            expected = [person_record.expect(person, data)]
            if await self._records.change(person, said.put(person), *dropped, expect=expected):
                return
        raise LogUnavailable("The record of the person was changed by others each time.")
