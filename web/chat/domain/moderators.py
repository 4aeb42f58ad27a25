"""The moderators: whoever gave their code. Without one set there are none."""

from typing import Any

from relay import Store

from chat.domain.access_code import Access, Words
from chat.domain.refusals import Refused

WORDS = Words(
    attempts="moderator attempts",
    needed=lambda: Refused("code_needed", "Give the moderators' code.", reason="moderator_code_needed"),
    wrong=lambda: Refused("wrong_code", "This is not the moderators' code.", reason="wrong_moderator_code"),
)


def no_moderators() -> Refused:
    """Return how somebody is told that this chat has none."""
    detail = "This chat has no moderators: its setting ADMIN_CODE is empty."
    return Refused("forbidden", detail, reason="no_moderators")


class Moderators:
    def __init__(self, store: Store, code: str | None) -> None:
        """`code`: None allows none."""
        self._access = Access(store, code, WORDS)

    @property
    def possible(self) -> bool:
        return self._access.needs_code

    async def check(self, code: Any, address: str) -> None:
        """Return if the code is theirs; attempts are limited as those of the access code. Raises Refused, and
        LogUnavailable if attempts can't be counted."""
        if not self.possible:
            raise no_moderators()
        await self._access.check(code, address)
