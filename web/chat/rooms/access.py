"""Access: the one place that says who may learn of a room, read it and write in it.

Open rooms are for everybody. Of a guarded room only its members learn: to all others it is what an address
is that somebody made up. The record is asked in either case, so that the answers take the same time.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from relay import DenyField, Preconditions, Records, Requirement

from chat.domain.identity import Identity
from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY, is_guarded
from chat.domain.room_rules import archived
from chat.rooms import room_record
from chat.rooms.room_record import ARCHIVED, DIRECT, OPEN, PRIVATE, WHOLE, About, Member


class Known(NamedTuple):
    """A room, as somebody may know it. `member`: what they are in it; None in an open room. `archived`:
    whether nobody writes in it any more."""

    about: About
    member: Member | None = None
    archived: bool = False


class Access:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def look(self, identity: Identity, room: str) -> Known:
        """Return what a room is, in one round trip. Raises Refused to whom there is no such room, and
        LogUnavailable."""
        if not is_guarded(room):
            (found,) = await self._records.read(room_record.ask(room))
            return known(room, found, {}, "")
        if not identity.lasting:
            raise unknown_room()
        person = identity.person.id
        found, members = await self._records.read(
            room_record.ask(room), room_record.ask_members(room, person)
        )
        return known(room, found, members, person)

    async def of_members(self, room: str, people: Collection[str]) -> set[str]:
        """Return those of these people who are members of a guarded room. Raises LogUnavailable."""
        if not people:
            return set()
        (found,) = await self._records.read(room_record.ask_members(room, *people))
        return set(found)

    async def check(self, identity: Identity, room: str) -> None:
        """Raise Refused to whom there is no such room; for a guarded one also LogUnavailable."""
        if is_guarded(room):
            await self.look(identity, room)

    async def check_in_use(self, identity: Identity, room: str) -> None:
        """Raise Refused to whom there is no such room, and if it is archived. Raises LogUnavailable."""
        if can_be_archived(room):
            if (await self.look(identity, room)).archived:
                raise archived()
        else:
            await self.check(identity, room)

    async def check_archiving(self, identity: Identity, room: str) -> None:
        """Raise Refused unless somebody may archive a room: an open one moderators, a private one its makers,
        and moderators who are members. Raises LogUnavailable."""
        known = await self.look(identity, room)
        if room == LOBBY:
            detail = "The lobby is where everybody comes in, and is never archived."
            raise Refused("invalid", detail, reason="lobby")
        if not is_guarded(room):
            check_moderator(identity)
            return
        check_private(room)
        if not identity.moderator and not (known.member is not None and known.member.maker):
            raise makers_only()

    async def keeps_order(self, identity: Identity, room: str) -> bool:
        """Return whether somebody may delete what others wrote: in open rooms moderators, in a guarded one
        its makers, and moderators who are members. Raises Refused to whom there is no such room, and
        LogUnavailable."""
        if not is_guarded(room):
            return identity.moderator
        known = await self.look(identity, room)
        return identity.moderator or (known.member is not None and known.member.maker)


def known(room: str, found: dict[str, bytes], members: dict[str, bytes], person: str) -> Known:
    """Return a room as a person may know it, by what was found of its records. Raises Refused to whom there
    is no such room."""
    about = About.read(found[room_record.ABOUT]) if room_record.ABOUT in found else None
    if not is_guarded(room):
        return Known(about or About(OPEN), archived=ARCHIVED in found)
    if about is None or person not in members:
        raise unknown_room()
    return Known(about, Member.read(members[person]), ARCHIVED in found)


def requiring(room: str, identity: Identity, preconditions: Preconditions) -> Preconditions:
    """Return what has to hold besides these before a message of somebody in a room is appended. It is checked
    in the append itself, so whoever was put out has not written anything after it, nor has anybody after the
    room was archived."""
    requirement = None
    if kind_of(room) == DIRECT:
        requirement = Requirement(room_record.name_of(room), WHOLE)
    elif is_guarded(room):
        requirement = Requirement(room_record.members_of(room), identity.person.id)
    deny_field = DenyField(room_record.name_of(room), ARCHIVED) if can_be_archived(room) else None
    return replace(preconditions, requires=requirement, deny_field=deny_field)


def can_be_archived(room: str) -> bool:
    """Return whether a room may be archived: not the lobby, in which everybody is, nor a direct one."""
    return room != LOBBY and kind_of(room) != DIRECT


def kind_of(room: str) -> str:
    """Return of which kind a room is, by its address."""
    if not is_guarded(room):
        return OPEN
    return DIRECT if room.startswith("d") else PRIVATE


def check_private(room: str) -> None:
    """Raise Refused unless a room is private, for somebody who is a member if it is guarded."""
    if kind_of(room) == DIRECT:
        detail = "Who is in a direct room, and how it is called, does not change."
        raise Refused("forbidden", detail, reason="direct_room")
    if kind_of(room) != PRIVATE:
        raise open_room()


def place_of(room: str) -> dict[str, str]:
    """Return where something was done, for the audit log. Moderators who are no members of a guarded room
    don't learn its address."""
    return {"kind": kind_of(room)} if is_guarded(room) else {"room": room}


def open_room() -> Refused:
    """Return the refusal of what only guarded rooms have."""
    return Refused("invalid", "An open room has no members: everybody may join it.")


def makers_only() -> Refused:
    """Return the refusal of what only makers of a room do."""
    return Refused("forbidden", "Only a maker of the room can do this.", reason="makers_only")


def unknown_room() -> Refused:
    """Return the refusal of whatever is about a room that somebody may not learn of, or that there is not."""
    return Refused("no_such_room", "There is no such room.", reason="unknown_room")
