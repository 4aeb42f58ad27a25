"""The passkeys of people: added, used to come back, and ended, on whatever worker.

Each change is one step in the person's partition. It remembers the challenge with what it was used for, so
that two requests with one challenge do not both succeed. The record of the person counts the passkeys: it
changes with each that comes or goes, so there is never one too many.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from relay import Drop, LogUnavailable, Put, Quota, Records, Store

from chat.domain.address import quotas_of
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.rooms_of_people import NEW_PEOPLE
from chat.people import ceremony, kept_login, passkey, person_record
from chat.people.ceremony import RelyingParty, Said, wrong_passkey
from chat.people.challenge import Used
from chat.people.devices import Device
from chat.people.kept_login import KeptLogin
from chat.people.passkey import OF_PERSON, Passkey, digest_of, now
from chat.people.person_record import PersonRecord

logger = logging.getLogger(__name__)

WITHIN = 600
"""Seconds for which wrong passkeys count, and what a person adds."""
WRONG = 20
BY_NETWORK = {56: 40, 48: 200}
"""Wrong passkeys within that time: from one address, and from the networks of IPv6 with such a prefix around
it. Nobody finds a right one by trying, so this only keeps tries from costing much."""
ADDED = 20
"""Passkeys that a person may try to add within that time."""
TRIES = 5

CheckCode = Callable[[Passkey], Awaitable[str]]
"""`check_code(passkey)` returns its `code` from now on. Raises Refused if the access code is needed."""


class Passkeys:
    def __init__(self, store: Store, records: Records, days: int, people_per_address: int) -> None:
        """`days`: for which a login counts after it was seen last."""
        self._store = store
        self._records = records
        self._days = days
        self._added = NEW_PEOPLE[0] * people_per_address, NEW_PEOPLE[1]

    async def of(self, person: str) -> list[Passkey]:
        """Return a person's passkeys, the oldest first. Raises LogUnavailable."""
        (found,) = await self._records.read(passkey.ask(person))
        return sorted((Passkey.read(data) for data in found.values()), key=lambda each: each.at)

    async def check_more(self, person: str, address: str) -> None:
        """Return if the person may add one, and count that. Raises Refused, and LogUnavailable."""
        mine = Quota(f"passkeys of {person}", ADDED, WITHIN)
        if spent := await self._store.take(mine, Quota(f"passkeys added from {address}", *self._added)):
            detail = "Too many passkeys were added by you or at your address."
            raise Refused("rate_limited", detail, spent.seconds, reason="many_passkeys")

    async def add(self, person: str, new: Passkey, used: Used) -> None:
        """Keep a new passkey of a person. Raises Refused, and LogUnavailable."""
        for _ in range(TRIES):
            people, passkeys, challenges, logins = await self._records.read(
                person_record.ask(person), passkey.ask(person), used.ask(person), kept_login.ask(person)
            )
            if used.is_ours(challenges.get(used.nonce)):
                return
            _check_unused(challenges)
            data = people.get(person)
            record = PersonRecord.read(data)
            if record is None or record.out or record.program:
                raise not_kept()
            if len(passkeys) >= OF_PERSON:
                raise too_many()
            after = replace(record, passkeys=len(passkeys) + 1)
            changes: list[Put | Drop] = [after.put(person), new.put(person), used.put(person)]
            if after.lasts != record.lasts:  # or the logins would be forgotten long before, and so seem ended
                changes += (
                    KeptLogin.read(id, each).put(person, after, self._days) for id, each in logins.items()
                )
            expected = [
                person_record.expect(person, data),
                passkey.expect(person, new.digest, None),
                used.expect(person),
            ]
            if await self._records.change(person, *changes, expect=expected):
                logger.info("Passkey added", extra={"about": {"person": person}})
                return
        raise LogUnavailable("The record of the person was changed by others each time.")

    async def count_try(self, address: str) -> Callable[[], Awaitable[None]]:
        """Count a try to come back; what is returned takes that back. Raises Refused, and LogUnavailable."""
        counted = quotas_of("wrong passkeys", address, WRONG, BY_NETWORK, WITHIN)
        if spent := await self._store.take(*counted):
            detail = "Too many passkeys that are none of this chat were tried at your address."
            raise Refused("rate_limited", detail, spent.seconds, reason="wrong_passkeys")
        return lambda: self._store.give_back(*counted)

    async def come_back(
        self,
        said: Said,
        party: RelyingParty,
        used: Used,
        login: str,
        address: str,
        device: Device,
        check_code: CheckCode,
    ) -> Identity:
        """Return as whom somebody comes back, with a new login of this id, which is kept. May be called again
        with the same `used` and `login`. Raises Refused, and LogUnavailable."""
        person, challenge = ceremony.person_in(said), ceremony.challenge_in(said)
        digest = digest_of(ceremony.id_in(said))
        for _ in range(TRIES):
            people, passkeys, challenges = await self._records.read(
                person_record.ask(person), passkey.ask(person, digest), used.ask(person)
            )
            known, data = people.get(person), passkeys.get(digest)
            record = PersonRecord.read(known)
            if record is None or record.out or data is None:
                raise wrong_passkey()
            identity = Identity(Person(person, record.name), login, kept=True)
            if used.is_ours(challenges.get(used.nonce)):
                return identity
            before = Passkey.read(data)
            shown = await asyncio.to_thread(ceremony.shown, said, party, challenge, before.key)
            _check_unused(challenges)
            if (shown.uses or before.uses) and shown.uses <= before.uses:
                about = {"person": person, "passkey": digest, "uses": shown.uses, "before": before.uses}
                logger.warning("A passkey counted back: there may be a copy of it", extra={"about": about})
                raise copied()
            code = await check_code(before)
            at = now()
            after = replace(before, uses=shown.uses, synced=shown.synced, code=code, used=at)
            written = await self._records.change(
                person,
                record.put(person),
                after.put(person),
                used.put(person),
                KeptLogin(login, at, at, address, device).put(person, record, self._days),
                expect=[
                    person_record.expect(person, known),
                    passkey.expect(person, digest, data),
                    used.expect(person),
                ],
            )
            if written:
                logger.info("Came back by a passkey", extra={"about": {"person": person}})
                return identity
        raise LogUnavailable("The record of the person was changed by others each time.")

    async def end(self, person: str, *digests: str) -> None:
        """End some of a person's passkeys; all if none are named. Logins that began with them go on. Raises
        LogUnavailable."""
        for _ in range(TRIES):
            people, passkeys = await self._records.read(person_record.ask(person), passkey.ask(person))
            ended = [digest for digest in passkeys if not digests or digest in digests]
            if not ended:
                return
            if await self._ended(person, people.get(person), ended, len(passkeys) - len(ended)):
                logger.info("Passkeys ended", extra={"about": {"person": person, "passkeys": len(ended)}})
                return
        raise LogUnavailable("The record of the person was changed by others each time.")

    async def _ended(self, person: str, data: bytes | None, ended: Collection[str], left: int) -> bool:
        changes: list[Put | Drop] = [*passkey.drops(person, ended)]
        if (record := PersonRecord.read(data)) is not None:
            changes.append(replace(record, passkeys=left).put(person))
        return await self._records.change(person, *changes, expect=[person_record.expect(person, data)])


def _check_unused(challenges: Collection[str]) -> None:
    if challenges:
        raise late()


def late() -> Refused:
    """Return the refusal of a challenge that was used already, or is over."""
    detail = "That took longer than five minutes, or it was sent twice. Try again."
    return Refused("forbidden", detail, reason="passkey_late")


def copied() -> Refused:
    """Return the refusal of a passkey that seems to be in two places."""
    detail = (
        "This passkey counts its uses, and has counted back: there may be a copy of it. Come in another way."
    )
    return Refused("forbidden", detail, reason="passkey_copied")


def too_many() -> Refused:
    """Return the refusal of one passkey more."""
    detail = f"You have {OF_PERSON} passkeys, the most there can be. End one first."
    return Refused("limit", detail, reason="passkeys", most=OF_PERSON)


def not_kept() -> Refused:
    """Return the refusal of a passkey of somebody of whom nothing is kept."""
    detail = "The server does not keep your login. Open a room, and try again in a moment."
    return Refused("forbidden", detail, reason="passkey_not_kept")
