"""Invitations: tickets by which somebody new comes in, and into a room.

The tickets lie where their secrets say. A room's partition has the list of those that lead there. It is a
hint: the tickets are the truth, and those that are no longer open are left out.
"""

from relay import Ask, Drop, Put, Records

from chat.domain.identity import Identity
from chat.domain.moderators import check_moderator
from chat.domain.refusals import Refused
from chat.domain.room_names import is_guarded
from chat.people.ticket import AFTER, Kind, State, Ticket, digest_of, new_secret
from chat.people.tickets import Tickets

MOST = 100
"""Open invitations of one room."""
LISTED = 10 * MOST
"""What a room's list holds, also of those that are over and have not been looked for since."""
MOST_USES = 1000
SHORTEST, LONGEST = 3600, 30 * 86_400
"""Seconds that one may last."""


class Invitations:
    def __init__(self, records: Records, tickets: Tickets) -> None:
        self._records = records
        self._tickets = tickets

    async def check(self, room: str, by: Identity) -> None:
        """Return if this one may make one more to this room. Raises Refused, and LogUnavailable."""
        if len(await self.of(room, by)) >= MOST:
            detail = f"{room} has {MOST} open invitations. Withdraw one first."
            raise Refused("limit", detail, reason="invitations_of_room", most=MOST)

    async def make(self, room: str, uses: int, seconds: int, by: Identity) -> str:
        """Return the secret of a new invitation. Raises LogUnavailable."""
        secret = new_secret()
        # Listed before it counts, so that none counts that nobody can withdraw.
        listing = Put(_name(room), digest_of(secret), b"1", seconds + AFTER, LISTED)
        await self._records.change(room, listing)
        await self._tickets.keep(secret, Kind.INVITATION, uses, seconds, by.person.name, room=room)
        return secret

    async def of(self, room: str, by: Identity) -> list[Ticket]:
        """Return the open invitations to a room, the one that ends first first. Raises Refused, and
        LogUnavailable."""
        check_invites(by, room)
        listed = await self._listed(room)
        found = await self._tickets.all(*listed) if listed else []
        # One that is listed and not there may be about to be made.
        known = [each for each in found if each is not None]
        if over := [each for each in known if each.state is not State.OPEN]:
            await self._records.change(room, *(Drop(_name(room), each.digest) for each in over))
        return sorted((each for each in known if each.state is State.OPEN), key=lambda each: each.end)

    async def withdraw(self, room: str, digest: str, by: Identity) -> None:
        """Let nobody come in by it any more. What is no invitation to this room stays as it is. Raises
        Refused, and LogUnavailable."""
        check_invites(by, room)
        if digest in await self._listed(room):
            await self._tickets.withdraw(digest)
            await self._records.change(room, Drop(_name(room), digest))

    async def _listed(self, room: str) -> list[str]:
        (found,) = await self._records.read(Ask(room, _name(room)))
        return list(found)


def check_invites(by: Identity, room: str) -> None:
    """Raise Refused unless this one may invite to a room: to an open one, a moderator. To a guarded one
    nobody may by a link yet."""
    check_moderator(by)
    if is_guarded(room):
        raise Refused("no_such_room", "There is no such room.")


def _name(room: str) -> str:
    return f"invitations:{room}"
