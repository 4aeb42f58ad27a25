"""The names of authors: they can be taken from what somebody wrote, of which all else stays.

Entries are amended as deleted ones are, many with one notice. By these notices clients drop the names that
they hold. Whoever begins again finds no name where it was taken already, and goes on.
"""

from collections.abc import Awaitable, Callable

from relay import Amendment, Log, NoSuchEntry

from chat.domain.messages import erasures, nameless

BATCH = 50
"""Entries read at once, and amended at once at most; that takes Redis some milliseconds."""


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
            without = [(each, nameless(each.data, person)) for each in page.entries]
            amendments = [Amendment(each.seq, each.id, data) for each, data in without if data is not None]
            if amendments:
                notice = erasures([each.seq for each in amendments])
                try:
                    await self._log.amend_each(room, amendments, *notice)
                except NoSuchEntry:  # the room was purged since, or its oldest entries have gone
                    continue
            more = page.more and page.entries[0].at >= since
            end = page.entries[0].seq if page.entries else None
