"""The names of authors: they can be taken from what somebody wrote, of which all else stays.

Entries are amended as deleted ones are, many with one notice. By these notices clients drop the names that
they hold. Whoever begins again finds no name where it was taken already, and goes on.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from relay import Amendment, Changed, Entry, Log, NoSuchEntry, encode

BATCH = 50
"""Entries read at once, and amended at once at most; that takes Redis some milliseconds."""


class Nameless(NamedTuple):
    """What the log keeps of an entry when a name is erased from it. `written`: the entries by that person of
    which it had the name: itself, or the one that it replies to."""

    data: bytes
    written: set[int]


class Authors:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def erase(
        self, person: str, room: str, since: int = 0, between: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Take the name of a person from all that they wrote in a room since this time, in milliseconds since
        1970. `between` is awaited before each batch. Raises LogUnavailable."""
        end, more = None, True
        while more:
            if between is not None:
                await between()
            page = await self._log.read(room, before=end, limit=BATCH)
            amendments, written = [], set[int]()
            for each in page.entries:
                if found := nameless(each, person):
                    amendments.append(Amendment(each.seq, each.id, found.data, was=each.data))
                    written |= found.written
            if amendments:
                notice = erasures(person, [each.seq for each in amendments], sorted(written))
                try:
                    await self._log.amend_each(room, amendments, *notice)
                except (Changed, NoSuchEntry):  # the room was purged since, or its oldest entries have gone
                    continue
            more = page.more and page.entries[0].at >= since
            end = page.entries[0].seq if page.entries else None


def nameless(entry: Entry, person: str) -> Nameless | None:
    """Return an entry without the name of this person, as its author and as the one whom it replies to. None
    if it has none. It is shorter than before."""
    if person.encode() not in entry.data:
        return None
    text, newline, line = entry.data.rpartition(b"\n")
    about, written = json.loads(line), set[int]()
    if _names(about, person):
        about["author"] = {"id": person, "name": ""}
        written.add(entry.seq)
    reply = about.get("reply")
    if reply is not None and _names(reply, person):
        reply["author"] = {"id": person, "name": ""}
        written.add(reply["seq"])
    return Nameless(text + newline + encode(about), written) if written else None


def erasures(person: str, amended: list[int], erased: list[int]) -> tuple[str, bytes]:
    """Return the id and the data of the entry that says that the name of the author of the entries `erased`
    was erased, wherever it stood in the entries `amended`. Two people may be erased from the same entries, so
    the id has the person's."""
    return f"erased:{person}:{amended[0]}-{amended[-1]}", encode({"erases": erased})


def _names(about: dict[str, Any], person: str) -> bool:
    """Return whether this person is the author, and has a name there."""
    author = about.get("author")
    return bool(author and author["id"] == person and author.get("name"))
