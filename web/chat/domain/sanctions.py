"""Sanctions: mutes and bans.

Each is a rule of the relay, so it holds on every worker from the moment it is set. A browser without its
cookie is a new person, so sanctions are about addresses too. None of them holds for moderators.
"""

import json
from typing import Any, NamedTuple

from relay import Denied, Preconditions, Relay, encode

from chat.domain import room_rules
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused

KINDS = ("mute", "ban")
LONGEST = 366 * 86_400
"""Seconds that a sanction with an end may last."""


class Subject(NamedTuple):
    """Whom a sanction is about: a person, by id, or everybody at an address."""

    sort: str  # "person" or "address"
    key: str

    @property
    def group(self) -> str:
        """The relay's group of their clients."""
        return f"{self.sort} {self.key}"


class Sanctions:
    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._rules = relay.log.rules

    def preconditions(self, identity: Identity, address: str, room: str) -> Preconditions:
        """Return what has to hold before a person's message is appended."""
        if identity.moderator:
            return Preconditions()
        deny = [_name(kind, each) for kind in ("ban", "mute") for each in subjects(identity.person, address)]
        return Preconditions((*deny, room_rules.lock(room)), room_rules.slow(room), identity.person.id)

    def refusal(self, denied: Denied) -> Refused:
        """Return why a message was denied, for its sender."""
        kind, wait = denied.rule.split()[0], denied.seconds
        refusals = {
            "ban": Refused("banned", f"You are banned {_for(wait)}.", wait),
            "mute": Refused("muted", f"You are muted {_for(wait)}. You can go on reading.", wait),
            "lock": Refused("locked", "This room is locked: only moderators can write in it.", wait),
            "archived": room_rules.archived(),
            "slow": Refused("slow", f"This room is slow. You can write again in {wait} s.", wait),
        }
        return refusals[kind]

    async def check_entry(self, identity: Identity, address: str) -> None:
        """Raise Refused if the person is banned."""
        if identity.moderator:
            return
        found = await self._rules.find([_name("ban", each) for each in subjects(identity.person, address)])
        for name, rule in found.items():
            raise self.refusal(Denied(name, rule.seconds))

    async def check_mute(self, identity: Identity, address: str) -> None:
        """Raise Refused if the person is muted. Besides messages, a mute covers all that others would see: a
        new name, and typing."""
        if identity.moderator:
            return
        found = await self._rules.find([_name("mute", each) for each in subjects(identity.person, address)])
        for name, rule in found.items():
            raise self.refusal(Denied(name, rule.seconds))

    async def impose(self, kind: str, whom: Subject, about: dict[str, Any], seconds: int | None) -> None:
        """Mute or ban. A ban disconnects the clients that it is about, on every worker. `about` is for the
        list."""
        await self._rules.set(_name(kind, whom), encode(about), seconds)
        if kind == "ban":
            await self._relay.disconnect_group(whom.group)
        else:
            about = {"muted": True} | ({} if seconds is None else {"seconds": seconds})
            await self._relay.emit_to_group("muted", about, whom.group)

    async def lift(self, kind: str, whom: Subject) -> None:
        await self._rules.drop(_name(kind, whom))
        if kind == "mute":
            await self._relay.emit_to_group("muted", {"muted": False}, whom.group)

    async def list(self) -> list[dict[str, Any]]:
        """Return every mute and ban that holds: `{kind, person|address, name?, by, seconds?}`."""
        found = []
        for name, rule in sorted((await self._rules.all()).items()):
            kind, *whom = name.split(maxsplit=2)
            if kind in KINDS:
                left = {} if rule.seconds is None else {"seconds": rule.seconds}
                found.append({"kind": kind, whom[0]: whom[1], **json.loads(rule.value), **left})
        return found

    async def erase(self, person: str, name: str) -> None:
        """Take somebody's name from the list: of whoever the sanction is about, and of who imposed it. Beside
        an address, and of who imposed one, only names are kept, so there all that are `name` go. Raises
        LogUnavailable."""
        for rule, standing in (await self._rules.all()).items():
            kind, *whom = rule.split(maxsplit=2)
            if kind not in KINDS:
                continue
            about = json.loads(standing.value)
            left = {each: value for each, value in about.items() if not name or value != name}
            if whom == ["person", person]:
                left.pop("name", None)
            if left != about:
                await self._rules.set(rule, encode({"by": "", **left}), standing.seconds)

    async def of_room(self, room: str, identity: Identity, address: str) -> dict[str, Any]:
        """Return the rules of a room, as they are for this person: `{locked, slow, muted, seconds?}`."""
        mutes = [_name("mute", each) for each in subjects(identity.person, address)]
        found = await self._rules.find([*room_rules.names(room), *mutes])
        asked = room_rules.read(room, found) | {"muted": False}
        muting = [found[name] for name in mutes if name in found and not identity.moderator]
        if muting:
            asked["muted"] = True
            times = [rule.seconds for rule in muting if rule.seconds is not None]
            asked |= {"seconds": max(times)} if len(times) == len(muting) else {}
        return asked

    async def enforce(self) -> None:
        """Disconnect the banned clients of this worker: the broadcast of a ban can be lost."""
        for name in await self._rules.all():
            if name.startswith("ban "):
                await self._relay.disconnect_group_here(name.removeprefix("ban "))


def subjects(person: Person, address: str) -> list[Subject]:
    """Return the subjects of the sanctions that are about this person."""
    return [Subject("person", person.id), *([Subject("address", address)] if address else [])]


def _name(kind: str, whom: Subject) -> str:
    return f"{kind} {whom.group}"


def _for(seconds: int | None) -> str:
    if seconds is None:
        return "until a moderator lifts it"
    for unit, one, length in (
        ("days", "a day", 86_400),
        ("hours", "an hour", 3600),
        ("minutes", "a minute", 60),
    ):
        if seconds >= length:
            count = -(-seconds // length)
            return f"for {count} {unit}" if count > 1 else f"for {one}"
    return "for less than a minute"
