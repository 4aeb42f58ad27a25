"""History: pages of a room's log, as the answers to `join` and `history` have them.

A page has as many messages as were asked for, and all other entries among them. Where many of these lie close
together, the log is read on, so that a client need not ask again for the sake of few messages.

Messages are read as they are by now. So in a page that is read backwards, before which a client holds
nothing, entries that changed messages have a number and say nothing. Else a page in which many react is twice
as long.
"""

from typing import Any

from relay import Entry, Log, Page

from chat.domain.kinds import is_message, kind_of
from chat.domain.messages import ANSWER_MAX_BYTES, message_of, place_of
from chat.domain.reactions import reactions_to

PAGE = 200
"""Messages that one answer has at most. The log is read in such steps."""
MOST_ENTRIES = 1000
"""Entries that one answer has at most, of all kinds."""


class History:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def read(self, room: str, after: int | None, before: int | None, limit: int) -> Page:
        """Return a page of at most so many messages. Raises LogUnavailable."""
        page = await self._log.read(room, after=after, before=before, limit=limit)
        return await self.read_on(room, page, limit, newest=after is None)

    async def read_on(self, room: str, page: Page, limit: int, *, newest: bool) -> Page:
        """Return a page that was read, and as much beyond it as an answer may have: what comes after it, or
        with `newest` what comes before. Raises LogUnavailable."""
        fitting, said = page.fitting(ANSWER_MAX_BYTES, newest=newest), _messages(page)
        while fitting is page and page.more and said < limit:
            most = min(PAGE, MOST_ENTRIES - len(page.entries))
            if most <= 0:
                break
            if newest:
                more = await self._log.read(room, before=page.entries[0].seq, limit=most)
                entries = more.entries + page.entries
            else:
                more = await self._log.read(room, after=page.entries[-1].seq, limit=most)
                entries = page.entries + more.entries
            if more.head.epoch != page.head.epoch:  # it was purged meanwhile, and began anew
                break
            page = Page(page.head if newest else more.head, entries, more.more)
            fitting, said = page.fitting(ANSWER_MAX_BYTES, newest=newest), said + _messages(more)
        return _cut(fitting, limit, newest=newest)

    async def answer(self, room: str, page: Page, person: str, *, newest: bool) -> dict[str, Any]:
        """Return what an answer has of a page, for this person. `newest`: as of `read_on`. Raises
        LogUnavailable."""
        tallied = [each for each in page.entries if each.tally]
        mine = await self._log.voted(room, person, tallied) if tallied else set()
        return {
            "room": room,
            "epoch": page.head.epoch,
            "head": page.head.seq,
            "messages": [
                _folded(each)
                if newest and kind_of(each.data).changes
                else message_of(each) | reactions_to(each, mine)
                for each in page.entries
            ],
            "more": page.more,
        }


def _folded(entry: Entry) -> dict[str, Any]:
    return {**place_of(entry), "folded": True}


def _messages(page: Page) -> int:
    return sum(map(is_message, page.entries))


def _cut(page: Page, limit: int, *, newest: bool) -> Page:
    """Return a page without what comes beyond so many messages."""
    entries = page.entries[::-1] if newest else page.entries
    found = 0
    for at, entry in enumerate(entries):
        found += is_message(entry)
        if found > limit:
            kept = entries[:at]
            return Page(page.head, kept[::-1] if newest else kept, more=True)
    return page
