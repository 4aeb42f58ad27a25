"""Invitations: tickets by which people come into a room; and into the chat, if they are new.

To an open room a moderator invites. To a private room each of its members does: whoever comes by such a link
is a member from then on, unless whom it is from is none any more.

The tickets lie where their secrets say. A room's partition has the list of those that lead there. It is a
hint: the tickets are the truth, and those that are no longer open are left out.
"""

from typing import NamedTuple

from relay import Ask, Drop, Put, Records

from chat.domain.identity import Identity
from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.people.ticket import AFTER, Kind, State, Ticket, digest_of, new_secret
from chat.people.tickets import Tickets
from chat.rooms.access import Access, check_private

MOST = 100
"""Open invitations of one room."""
LISTED = 10 * MOST
"""What a room's list holds, also of those that are over and have not been looked for since."""
MOST_USES = 1000
SHORTEST, LONGEST = 3600, 30 * 86_400
"""Seconds that one may last."""


class Inviter(NamedTuple):
    """Somebody who may invite to a room. `title`: what the room is called, for them; `own`: the id of whose
    invitations they may see and withdraw; empty: all."""

    identity: Identity
    room: str
    title: str
    own: str

    def may_see(self, ticket: Ticket) -> bool:
        return self.own in ("", ticket.inviter)


class Invitations:
    def __init__(self, records: Records, tickets: Tickets, access: Access) -> None:
        self._records = records
        self._tickets = tickets
        self._access = access

    async def inviter(self, identity: Identity, room: str) -> Inviter:
        """Return somebody as one who may invite to this room: to an open one, a moderator; to a private one,
        its members. Raises Refused, to whoever is no member as if there were no such room; and
        LogUnavailable."""
        if not is_guarded(room):
            check_moderator(identity)
            return Inviter(identity, room, room, "")
        known = await self._access.look(identity, room)
        check_private(room)
        makes = known.member is not None and known.member.maker
        return Inviter(identity, room, known.about.title, "" if makes else identity.person.id)

    async def check(self, by: Inviter) -> None:
        """Return if there may be one more invitation to the room. Raises Refused, and LogUnavailable."""
        await self._access.check_in_use(by.identity, by.room)
        if len(await self._open(by.room)) >= MOST:
            detail = f"The room has {MOST} open invitations. Withdraw one first."
            raise Refused("limit", detail, reason="invitations_of_room", most=MOST)

    async def make(self, by: Inviter, uses: int, seconds: int) -> str:
        """Return the secret of a new invitation. Raises LogUnavailable."""
        secret, room, person = new_secret(), by.room, by.identity.person
        inviter = person.id if is_guarded(room) else ""
        # Listed before it counts, so that none counts that nobody can withdraw.
        listing = Put(_name(room), digest_of(secret), b"1", seconds + AFTER, LISTED)
        await self._records.change(room, listing)
        await self._tickets.keep(
            secret, Kind.INVITATION, uses, seconds, person.name, room=room, inviter=inviter
        )
        return secret

    async def of(self, by: Inviter) -> list[Ticket]:
        """Return the open invitations that this one may see, the one that ends first first. Raises
        LogUnavailable."""
        seen = [each for each in await self._open(by.room) if by.may_see(each)]
        return sorted(seen, key=lambda each: each.end)

    async def withdraw(self, by: Inviter, digest: str) -> None:
        """Let nobody come in by it any more. What is no invitation to this room, or may not be seen by this
        one, stays as it is. Raises LogUnavailable."""
        if digest not in await self._listed(by.room):
            return
        (found,) = await self._tickets.all(digest)
        if found is not None and by.may_see(found):
            await self._tickets.withdraw(digest)
            await self._records.change(by.room, Drop(_name(by.room), digest))

    async def _open(self, room: str) -> list[Ticket]:
        """Return the open invitations to a room, and take those that are over from its list."""
        listed = await self._listed(room)
        found = await self._tickets.all(*listed) if listed else []
        # One that is listed and not there may be about to be made.
        known = [each for each in found if each is not None]
        if over := [each for each in known if each.state is not State.OPEN]:
            await self._records.change(room, *(Drop(_name(room), each.digest) for each in over))
        return [each for each in known if each.state is State.OPEN]

    async def _listed(self, room: str) -> list[str]:
        (found,) = await self._records.read(Ask(room, _name(room)))
        return list(found)


def _name(room: str) -> str:
    return f"invitations:{room}"
