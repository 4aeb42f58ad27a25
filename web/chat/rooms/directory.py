"""The directory of open rooms: those in which something was written, with the titles that moderators gave.
Those that are archived stand apart.

No guarded room is in it. The titles lie in lists of their own, one in each partition, so that all of them are
read in one round trip; and so do the archived rooms. The lists are a hint, and a room's record is the truth.
"""

import asyncio
import json
from time import monotonic
from typing import NamedTuple

from relay import Drop, Log, Put, Records, encode

from chat.domain.room_names import is_guarded
from chat.rooms.room_record import UNTIL_DROPPED, About

TITLES, ARCHIVED = "titles", "archived"
"""The names of the lists. Their fields are the addresses of open rooms."""
IN_PARTITION = 1000
"""Rooms in each of 256 lists."""
PAGE = 50
"""Rooms that are shown at once."""
FRESH = 10.0
"""Seconds for which a worker shows what it read. However many look, it asks Redis once in that time."""


class Listed(NamedTuple):
    """A room as the directory shows it. `title` and `topic` may be empty."""

    room: str
    title: str = ""
    topic: str = ""
    archived: bool = False


class Found(NamedTuple):
    """A page of the directory. `more`: whether there are others after it."""

    rooms: list[Listed]
    more: bool


class Directory:
    def __init__(self, log: Log, records: Records) -> None:
        self._log = log
        self._records = records
        self._rooms: list[tuple[str, Listed]] = []
        """Each with the words that a search looks at."""
        self._read_at = -FRESH
        self._reading = asyncio.Lock()

    async def find(self, text: str = "", after: str = "", *, archived: bool = False) -> Found:
        """Return the rooms whose address, title or topic has this text, in the order of their addresses, from
        the one after `after` on: those that are archived, or the others. Raises LogUnavailable."""
        async with self._reading:  # whoever asks meanwhile gets the same answer
            if monotonic() - self._read_at >= FRESH:
                self._rooms = await self._read()
                self._read_at = monotonic()
        sought = text.casefold()
        found = [
            each
            for words, each in self._rooms
            if each.archived == archived and each.room > after and sought in words
        ]
        return Found(found[:PAGE], len(found) > PAGE)

    async def _read(self) -> list[tuple[str, Listed]]:
        rooms, titles, archived = await asyncio.gather(
            self._log.logs(), self._records.everywhere(TITLES), self._records.everywhere(ARCHIVED)
        )
        listed = [
            Listed(room, **(json.loads(titles[room]) if room in titles else {}), archived=room in archived)
            for room in sorted(rooms)
            if not is_guarded(room)
        ]
        return [(" ".join(each[:3]).casefold(), each) for each in listed]


def listing(room: str, about: About) -> Put | Drop:
    """Return what keeps an open room's title where the directory finds it."""
    if not about.title and not about.topic:
        return Drop(TITLES, room)
    content = encode({"title": about.title, "topic": about.topic})
    return Put(TITLES, room, content, UNTIL_DROPPED, IN_PARTITION)


def archiving(room: str, archived: bool) -> Put | Drop:
    """Return what keeps that an open room is archived where the directory finds it."""
    if archived:
        return Put(ARCHIVED, room, b"1", UNTIL_DROPPED, IN_PARTITION)
    return Drop(ARCHIVED, room)
