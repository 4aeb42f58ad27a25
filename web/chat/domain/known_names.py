"""The known names: those of moderators, which nobody else may take, in look-alikes neither.

A name is known from when a moderator comes in under it. Whoever had it before keeps it, and the wire says who
is a moderator.
"""

from relay import Recent, Store

from chat.domain.look_alikes import skeletons
from chat.domain.refusals import Refused

KNOWN = Recent("names of moderators", 3000, 180 * 86_400)
"""What the last thousand names look like, each in up to three ways, for 180 days after a moderator came."""


class KnownNames:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, name: str) -> None:
        """A moderator came in under this name. Raises LogUnavailable."""
        await self._store.remember(*((each, KNOWN) for each in skeletons(name)))

    async def check(self, name: str) -> None:
        """Raise Refused if the name is for moderators only, LogUnavailable if that can't be known."""
        for each in skeletons(name):
            if await self._store.is_recent(each, KNOWN):
                raise Refused(
                    "forbidden",
                    "A moderator has this name, or one that looks like it. Pick another.",
                    reason="name_of_moderator",
                )
