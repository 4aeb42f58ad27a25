"""Targets: the messages that a client means by number and id, to change them or to answer them."""

from typing import Any, NamedTuple

from relay import Entry, Log

from chat.domain.messages import Reply, message_of
from chat.domain.people import Person
from chat.domain.refusals import Refused


class Target(NamedTuple):
    """A message as it is now, or what is left of it: as the log has it, and as the wire does."""

    entry: Entry
    message: dict[str, Any]

    @property
    def author(self) -> str:
        """The id of its author."""
        return str(self.message["author"]["id"])

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return "deleted" in self.message


class Targets:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def any(self, room: str, seq: int | None, id: str) -> Target:
        """Return a message, or what is left of it. Its number and its id have to belong together: a number
        alone means another message in another log. `id`: as of check_id, which is that of no other entry.
        Raises Refused, and LogUnavailable."""
        page = await self._log.read(room, after=max(seq or 0, 1) - 1, limit=1)
        for entry in page.entries:
            if (entry.seq, entry.id) == (seq, id):
                return Target(entry, message_of(entry))
        raise no_such_message(room)

    async def one(self, room: str, seq: int | None, id: str) -> Target:
        """The same of a message that was not deleted."""
        target = await self.any(room, seq, id)
        if target.deleted:
            raise no_such_message(room)
        return target

    async def reply(self, room: str, seq: int | None, id: str) -> Reply:
        """Return what a message keeps of the one that it answers. Raises Refused, and LogUnavailable."""
        target = await self.one(room, seq, id)
        return Reply(target.entry.seq, id, Person(target.author, target.message["author"]["name"]))


def no_such_message(room: str) -> Refused:
    """Return the refusal of what is about no message, or about one that was deleted."""
    return Refused("invalid", f"The room {room} has no such message.", reason="no_such_message")
