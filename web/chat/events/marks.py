"""The events about what a person has read. The person's other clients are told of each. One that is not told,
since an emit may be lost, finds it in the next answer to `rooms`."""

from relay import Head, Relay

from chat.domain.people import clients_of
from chat.domain.rate_limits import RateLimit
from chat.events.answers import Answer
from chat.events.arguments import level, position, room
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.events.joined import Joined
from chat.people.marks import Marks


class MarkEvents:
    """The handlers of one server."""

    def __init__(self, relay: Relay, marks: Marks, joined: Joined) -> None:
        self._relay = relay
        self._marks = marks
        self._joined = joined

    def table(self) -> list[Event]:
        """Return the events that everybody may send."""
        everybody, marks = Who.EVERYBODY, RateLimit.MARKS
        return [
            Event("read", self.read, everybody, marks, {"room": room, "upto": position}),
            Event("level", self.level, everybody, marks, {"room": room, "level": level}),
        ]

    async def read(self, connection: Connection, room: str, upto: Head) -> Answer:
        """Keep how far the person has read a room."""
        await self._joined.check(connection, room)
        head, reading, changed = await self._marks.read(connection.reader, room, upto)
        await self._joined.check_still_in(connection, room)  # the head tells how much is written there
        # Not `seq`: clients take whatever has an epoch and a `seq` for an entry of the log.
        place = {"room": room, "epoch": head.epoch, "read": reading.mark(head) or 0}
        if changed and connection.identity.lasting:
            group = clients_of(connection.person.id)
            await self._relay.emit_to_group("read", place, group, skip_sid=connection.sid)
        return place

    async def level(self, connection: Connection, room: str, level: str) -> Answer:
        """Keep of how much in a room the person wants to be told."""
        await self._joined.check(connection, room)
        _, reading, changed = await self._marks.choose(connection.reader, room, level)
        chosen = {"room": room, "level": reading.level}
        if changed and connection.identity.lasting:
            group = clients_of(connection.person.id)
            await self._relay.emit_to_group("level", chosen, group, skip_sid=connection.sid)
        return chosen
