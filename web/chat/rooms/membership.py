"""Membership: how guarded rooms begin, who comes into them and who goes.

A room's records are written first, in one step, and are the truth. Then come the lists of people, which lie
elsewhere. What is missing in a list after a failure is put there when the person joins the room, or when the
same is asked for again. Every method may be called again after LogUnavailable.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import time

from relay import Drop, Expect, Fewer, LogCreation, LogUnavailable, Post, Put, Relay, encode

from chat.domain.file_deletion import NO_FILES, FileDeletion
from chat.domain.identity import Identity
from chat.domain.people import Person, clients_of
from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.domain.room_rules import archived
from chat.rooms import directory, room_list, room_record
from chat.rooms.access import (
    Access,
    Known,
    check_private,
    kind_of,
    makers_only,
    open_room,
    unknown_room,
)
from chat.rooms.addresses import Addresses
from chat.rooms.descriptions import described
from chat.rooms.found import Found
from chat.rooms.leaving import leaving, members_of
from chat.rooms.room_record import ABOUT, DIRECT, PRIVATE, About, Member

TRIES = 8
"""How often a change is tried at most. It is tried again when somebody else changed the same meanwhile."""


class Membership:
    def __init__(
        self, relay: Relay, access: Access, rooms_per_person: int, files: FileDeletion = NO_FILES
    ) -> None:
        self._relay = relay
        self._records = relay.records
        self._access = access
        self._addresses = Addresses(relay.store)
        self._most = rooms_per_person
        self._files = files

    async def create(
        self, by: Identity, title: str, topic: str, people: Iterable[str], id: str | None, limits: LogCreation
    ) -> tuple[str, Known]:
        """Make a private room of this person and others. `id`: the same one makes the same room. `limits`:
        what has to be met to begin a room. Returns its address. Raises Refused, and what Log.append
        raises."""
        self._check_lasting(by)
        maker = by.person.id
        others = [each for each in dict.fromkeys(people) if each != maker]
        room = await self._addresses.private(maker, id)
        found = await self.find(room, maker, *others)
        if found.about is not None:  # it was asked for before
            known = await self._access.look(by, room)
            unlisted = [each for each in found.members if room not in found.lists.get(each, [room])]
            await self.let_in(room, known.about, by.person, unlisted)
            return room, known
        found.check_known(others)
        self.check_limits(room, by.person, others, found)
        await self._begin(room, by.person, limits)
        now = _now()
        about = About(PRIVATE, title, topic, at=now)
        members = {maker: Member(now, by.person.name, maker=True)}
        members |= {each: Member(now, found.names[each]) for each in others}
        puts = [about.put(room), *(member.put(room, each) for each, member in members.items())]
        if await self._records.change(room, *puts, expect=[room_record.expect(room, None)]):
            await self.let_in(room, about, by.person, list(members))
        return room, await self._access.look(by, room)

    async def converse(self, by: Identity, people: Iterable[str], limits: LogCreation) -> tuple[str, Known]:
        """Make the direct room of this person and others, or let all of them in again. Returns and raises as
        `create`."""
        self._check_lasting(by)
        person = by.person.id
        others = [each for each in dict.fromkeys(people) if each != person]
        if not others:
            raise Refused("invalid", "Name one to seven others in `people`.")
        room = await self._addresses.direct([person, *others])
        found = await self.find(room, person, *others)
        if found.about is None:
            found.check_known(others)
            self.check_limits(room, by.person, others, found)
            await self._begin(room, by.person, limits)
            names = {person: by.person.name, **{each: found.names[each] for each in others}}
            about = About(DIRECT, people=names, at=_now())
        else:
            about = About.read(found.about)
        await self._make_whole(room, about, by.person, found)
        return room, await self._access.look(by, room)

    async def reopen(self, by: Identity, room: str) -> None:
        """Let all people of a direct room in again, since one of them writes there. Raises Refused if this
        person is no member of the room."""
        about = (await self._access.look(by, room)).about
        if about.kind == DIRECT:
            found = await self.find(room, *about.people)
            await self._make_whole(room, about, by.person, found)

    async def members(self, by: Identity, room: str) -> dict[str, Member]:
        """Return the members of a room by their ids, who is one longest first. Raises Refused."""
        await self._access.look(by, room)
        if not is_guarded(room):
            raise open_room()
        return members_of(await self._read_members(room))

    async def invite(self, by: Identity, room: str, person: str) -> Person:
        """Make somebody a member of a private room. Returns them. Raises Refused."""
        for _ in range(TRIES):
            about = (await self._access.look(by, room)).about
            check_private(room)
            found = await self.find(room, person)
            if person in found.members:
                await self.let_in(room, about, by.person, [] if room in found.lists[person] else [person])
                return Person(person, found.names.get(person, Member.read(found.members[person]).name))
            found.check_known([person])
            self.check_limits(room, None, [person], found)
            guest = Person(person, found.names[person])
            if await self.add(room, about, by.person, guest, found):
                return guest
        raise LogUnavailable("The members were changed by others each time.")

    async def remove(self, by: Identity, room: str, person: str) -> None:
        """End somebody's membership of a private room, on every worker. Raises Refused."""
        for _ in range(TRIES):
            await self.check_maker(by, room)
            if person == by.person.id:
                raise Refused("invalid", "Leave the room to end your own membership.")
            (own,) = await self._records.read(room_record.ask_members(room, by.person.id))
            # A room keeps a maker: this one is still there when the other goes.
            expected = [room_record.expect_member(room, by.person.id, own.get(by.person.id))]
            if await self._put_out(room, person, [room_record.drop_member(room, person)], expected):
                await self._tell_out(room, person)
                return
        raise LogUnavailable("The members were changed by others each time.")

    async def leave(self, by: Identity, room: str, sid: str) -> None:
        """End the person's own membership, on all their devices. The client `sid` is not told. With the last
        member the room ends. For whoever is no member nothing is done, so it takes as long whether there is
        such a room or not."""
        if not by.lasting:
            return
        person = by.person.id
        member, listed = await self._records.read(
            room_record.ask_members(room, person), room_list.ask(person, room)
        )
        if not member and not listed:
            return
        for _ in range(TRIES):
            members = await self._read_members(room)
            if await self._put_out(room, person, *leaving(room, person, members)):
                break
        else:
            raise LogUnavailable("The members were changed by others each time.")
        ended = [room_record.expect_members_below(room, 1)]
        if await self._records.change(room, *room_record.end(room), expect=ended):
            await self._relay.log.clear(room)
            await self._files.delete_all(room)
        await self._tell_out(room, person, sid)

    async def erase(self, room: str, person: str) -> bool:
        """Take somebody from a guarded room if they are in it, and their name from what a direct room is.
        Returns whether it had their name. Raises LogUnavailable."""
        await self.leave(Identity(Person(person, ""), ""), room, "")
        for _ in range(TRIES):
            (found,) = await self._records.read(room_record.ask(room))
            data = found.get(ABOUT)
            if data is None or not (about := About.read(data)).people.get(person):
                return False
            without = replace(about, people={**about.people, person: ""})
            if await self._records.change(room, without.put(room), expect=[room_record.expect(room, data)]):
                return True
        raise LogUnavailable("The room was described by others each time.")

    async def describe(self, by: Identity, room: str, title: str | None, topic: str | None) -> Known:
        """Change a room's title and topic; None leaves one as it is. Returns the room as it is then. Raises
        Refused if the person may not see the room, or it is archived; who may describe it is for the caller
        to check."""
        for _ in range(TRIES):
            known = await self._access.look(by, room)
            if known.archived:
                raise archived()
            (found,) = await self._records.read(room_record.ask(room))
            data = found.get(ABOUT)
            before = known.about if data is None else About.read(data)
            about = before.described(title, topic)
            changes = [about.put(room), *([] if is_guarded(room) else [directory.listing(room, about)])]
            expected = [room_record.expect(room, data), room_record.expect_in_use(room)]
            if await self._records.change(room, *changes, expect=expected):
                return known._replace(about=about)
        raise LogUnavailable("The room was described by others each time.")

    async def check_maker(self, by: Identity, room: str) -> None:
        """Raise Refused unless this person is a maker of this private room."""
        known = await self._access.look(by, room)
        check_private(room)
        if known.member is None or not known.member.maker:
            raise makers_only()

    def _check_lasting(self, by: Identity) -> None:
        if not by.lasting:
            detail = "Only who has a cookie, or a program's token, can be in such a room."
            raise Refused("forbidden", detail, reason="cookie_needed")

    async def add(self, room: str, about: About, by: Person, guest: Person, found: Found) -> bool:
        """Make somebody a member, by one who is, unless the members are no longer as they were found. Raises
        Refused."""
        found.check_place()
        own = found.members.get(by.id)
        if own is None:
            raise unknown_room()
        member = Member(_now(), guest.name)
        expected: list[Expect | Fewer] = [
            room_record.expect_member(room, by.id, own),
            room_record.expect_member(room, guest.id, None),
            room_record.expect_members_below(room, room_record.MEMBERS),
            room_record.expect_in_use(room),
        ]
        if not await self._records.change(room, member.put(room, guest.id), expect=expected):
            return False
        await self.let_in(room, about, by, [guest.id])
        return True

    def check_limits(self, room: str, by: Person | None, others: Iterable[str], found: Found) -> None:
        """Raise Refused if somebody is in too many rooms."""
        found.check_lists(room, by, others, self._most)

    async def find(self, room: str, *people: str) -> Found:
        """Return what there is of a room and of some people, in one round trip."""
        return await Found.read(self._records, room, *people)

    async def _read_members(self, room: str) -> dict[str, bytes]:
        (members,) = await self._records.read(room_record.ask_members(room))
        return members

    async def _begin(self, room: str, maker: Person, limits: LogCreation) -> None:
        """Begin the room's log, so that it counts among all rooms. Its id has a colon, which no client's
        message can have."""
        author = {"id": maker.id, "name": maker.name}
        data = encode({"made": kind_of(room), "author": author})
        await self._relay.log.append(room, Post("made:1", data, fingerprint=b"made", creation=limits))

    async def _make_whole(self, room: str, about: About, by: Person, found: Found) -> None:
        """Let all people of a direct room in."""
        missing = [person for person in about.people if person not in found.members]
        now = _now()
        puts = [Member(now, about.people[person]).put(room, person) for person in missing]
        await self._records.change(room, about.put(room), *puts, room_record.make_whole(room))
        unlisted = [person for person in about.people if room not in found.lists[person]]
        await self.let_in(room, about, by, list(dict.fromkeys([*missing, *unlisted])))

    async def let_in(self, room: str, about: About, by: Person, people: list[str]) -> None:
        """Put a room into the lists of people, and tell them."""

        async def let_in(person: str) -> None:
            others = [each for each in about.people if each != person]
            await self._records.change(person, room_list.put(person, room, others))
            if person != by.id:
                said = {
                    "room": room,
                    "about": described(Known(about), person, {}),
                    "by": {"id": by.id, "name": by.name},
                }
                await self._relay.emit_to_group("invited", said, clients_of(person))

        await asyncio.gather(*map(let_in, people))

    async def _put_out(
        self, room: str, person: str, changes: Sequence[Put | Drop], expected: Sequence[Expect | Fewer]
    ) -> bool:
        """End a membership, and take the person's clients out of the room in the same step. Returns whether
        all was as expected."""
        group = clients_of(person)
        return await self._relay.change_and_remove(room, *changes, group=group, expect=expected)

    async def _tell_out(self, room: str, person: str, but: str | None = None) -> None:
        """Take a room from the list of somebody who is no member any more, and tell all their clients but
        one."""
        await self._records.change(person, room_list.drop(person, room))
        await self._relay.emit_to_group("removed", {"room": room}, clients_of(person), skip_sid=but)


def _now() -> int:
    return int(time() * 1000)
