"""Admission: how somebody comes into a private room by an invitation, whom none of its members has added.

An invitation is good as long as whom it is from is a member. That is checked in the step in which somebody
becomes one, so nobody comes in by somebody who was put out.
"""

from typing import NamedTuple

from relay import LogUnavailable

from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.rooms.access import unknown_room
from chat.rooms.membership import TRIES, Membership
from chat.rooms.room_record import About


class Welcome(NamedTuple):
    """How somebody stands in front of a private room, with an invitation. `title`: what it is called;
    `member`: whether they are in already; `gone`: "room" or "inviter", if one of these is; `refusal`: what
    else keeps them out now."""

    title: str
    member: bool = False
    gone: str = ""
    refusal: Refused | None = None


class Admission:
    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    async def look(self, room: str, inviter: str, guest: Person | None) -> Welcome:
        """Return how it is with an invitation of this member, for somebody, or for somebody of whom nothing
        is known yet (None). In one round trip. Raises LogUnavailable."""
        found = await self._membership.find(room, *([guest.id] if guest else []))
        if found.about is None:
            return Welcome("", gone="room")
        title = About.read(found.about).title
        if guest is not None and guest.id in found.members:
            return Welcome(title, member=True)
        if inviter not in found.members:
            return Welcome(title, gone="inviter")
        try:
            self._membership.check_limits(room, guest, [], found)
            found.check_place()
        except Refused as refusal:
            return Welcome(title, refusal=refusal)
        return Welcome(title)

    async def admit(self, room: str, inviter: Person, guest: Person) -> None:
        """Make somebody a member by an invitation of this member. Does little for whoever is one. Raises
        Refused if the room or the inviter is gone, or there is no place any more; and LogUnavailable: then it
        may be called again."""
        for _ in range(TRIES):
            found = await self._membership.find(room, guest.id)
            if found.about is None:
                raise unknown_room()
            about = About.read(found.about)
            if guest.id in found.members:
                unlisted = [] if room in found.lists[guest.id] else [guest.id]
                await self._membership.let_in(room, about, inviter, unlisted)
                return
            self._membership.check_limits(room, guest, [], found)
            if await self._membership.add(room, about, inviter, guest, found):
                return
        raise LogUnavailable("The members were changed by others each time.")
