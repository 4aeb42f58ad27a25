"""What amend.lua is told of amendments."""

from __future__ import annotations

from collections.abc import Sequence

from relay.log.amendments import Amendment
from relay.log.log import Appended
from relay.redis.append import ENTRY, NewEntry
from relay.redis.appends import Appends
from relay.redis.link import Link
from relay.redis.script import Script

SOURCE = *ENTRY, "find_entry.lua", "amend.lua"


class Amending:
    def __init__(self, link: Link, appends: Appends) -> None:
        self._script = Script(link, *SOURCE)
        self._full = Script(link, *SOURCE, allow_oom=True)
        self._appends = appends

    async def amend(
        self, amendments: Sequence[Amendment], notice: NewEntry, *, in_full: bool = False
    ) -> Appended:
        """Amend entries and append the notice. `in_full`: also in a Redis that is full; what is new is then
        smaller than what was. Raises as NewEntry.answer."""
        script = self._full if in_full else self._script
        words = [word for amendment in amendments for word in _words(amendment)]
        (reply,) = await script.run((*self._appends.call([notice]), *words))
        return notice.answer(reply)


def _words(amendment: Amendment) -> tuple[str | bytes | int, ...]:
    seq, id, data, was, numbered = amendment
    return seq, id, data, numbered or "", int(was is not None), was or b""
