"""Logins that somebody ends by hand: marked, disconnected and forgotten."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from chat.people.logins import KeptLogins

logger = logging.getLogger(__name__)


class EndedLogins:
    def __init__(self, kept: KeptLogins, disconnect: Callable[[str], Awaitable[None]]) -> None:
        """`disconnect(group)` disconnects a group's clients on every worker."""
        self._kept = kept
        self._disconnect = disconnect

    async def end(self, person: str, ids: Iterable[str]) -> None:
        """End logins of a person, and disconnect their clients on every worker. They are forgotten last: as
        long as they are kept, whoever tries again finds them. Raises LogUnavailable."""
        ended = [*ids]
        if not ended:
            return
        await self._kept.mark(*ended)
        for login in ended:
            await self._disconnect(login)
        await self._kept.forget(person, *ended)
        logger.info("Logins ended", extra={"about": {"person": person, "logins": len(ended)}})

    async def end_all(self, person: str) -> None:
        """End all logins of a person, also by cookies that were never noted. Raises LogUnavailable."""
        await self._kept.refuse_earlier(person)
        await self.end(person, [id for each in await self._kept.of(person) for id in each.ids])
