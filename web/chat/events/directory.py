"""The event `directory`: the open rooms, for programs. People have a page for it; see http/directory.py."""

from relay import Log

from chat.domain.rate_limits import RateLimit
from chat.domain.refusals import Refused
from chat.domain.room_names import check_room
from chat.events.answers import Answer
from chat.events.arguments import Options
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.rooms.directory import Directory

QUERY_MAX_CHARS = 80
"""Titles and addresses are no longer."""


class DirectoryEvents:
    """The handler of one server."""

    def __init__(self, log: Log, directory: Directory) -> None:
        self._log = log
        self._directory = directory

    def table(self) -> list[Event]:
        """Return the event, which everybody may send."""
        arguments = {"query": query, "after": after, "archived": archived}
        return [
            Event("directory", self.list, Who.EVERYBODY, RateLimit.REQUESTS, arguments, large=True),
        ]

    async def list(self, connection: Connection, query: str, after: str, archived: bool) -> Answer:
        """A page of the open rooms, each with the top of its log."""
        found = await self._directory.find(query, after, archived=archived)
        heads = await self._log.heads([each.room for each in found.rooms])
        rooms = [
            {
                "room": each.room,
                "title": each.title,
                "topic": each.topic,
                "epoch": heads[each.room].epoch,
                "head": heads[each.room].seq,
                **({"archived": True} if each.archived else {}),
            }
            for each in found.rooms
        ]
        return {"rooms": rooms, "more": found.more}


def query(options: Options) -> str:
    """Read what is sought; empty if there is nothing."""
    value = options.get("query", "")
    if not isinstance(value, str) or len(value) > QUERY_MAX_CHARS:
        raise Refused("invalid", f"`query` is a text of at most {QUERY_MAX_CHARS} characters.")
    return value.strip()


def after(options: Options) -> str:
    """Read the room after which a page begins; empty if there is none."""
    value = options.get("after")
    return "" if value is None else check_room(value)


def archived(options: Options) -> bool:
    """Read whether the archived rooms are meant, and not the others."""
    value = options.get("archived", False)
    if not isinstance(value, bool):
        raise Refused("invalid", "`archived` is true or false.")
    return value
