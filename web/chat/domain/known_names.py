"""The known names: names of moderators. Nobody else may take one, or a name that looks like one.

A name is known once a moderator has used it. A person who had it before keeps it; the wire says
who is a moderator.
"""

from relay import Recent, Store

from chat.domain.look_alikes import skeletons
from chat.domain.refusals import Refused

KNOWN = Recent("names of moderators", 3000, 180 * 86_400)
"""The skeletons of the last thousand names, up to three of each, for 180 days after the last use."""


class KnownNames:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, name: str) -> None:
        """Note that a moderator has this name. Raises LogUnavailable."""
        await self._store.remember(*((each, KNOWN) for each in skeletons(name)))

    async def check(self, name: str) -> None:
        """Raise Refused if the name is a moderator's, LogUnavailable if that can't be known."""
        for each in skeletons(name):
            if await self._store.is_recent(each, KNOWN):
                raise Refused(
                    "forbidden",
                    "A moderator has this name, or one that looks like it. Pick another.",
                    reason="name_of_moderator",
                )
