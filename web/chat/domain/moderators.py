"""Moderators: people who gave the moderators' code, or have a role that an owner gave them."""

from typing import Any

from relay import Store

from chat.domain.access_code import AccessCode, Words
from chat.domain.identity import Identity
from chat.domain.refusals import Refused

WORDS = Words(
    attempts="moderator attempts",
    needed=lambda: Refused("code_needed", "Give the moderators' code.", reason="moderator_code_needed"),
    wrong=lambda: Refused("wrong_code", "This is not the moderators' code.", reason="wrong_moderator_code"),
)


def no_moderators() -> Refused:
    """Return the refusal of the moderators' code, in a chat without one."""
    detail = "This chat has no moderators' code: its setting ADMIN_CODE is empty."
    return Refused("forbidden", detail, reason="no_moderators")


def moderators_only() -> Refused:
    """Return the refusal of what only moderators do."""
    return Refused("forbidden", "Only a moderator can do this.")


def check_moderator(identity: Identity) -> None:
    """Raise Refused unless this is a moderator."""
    if not identity.moderator:
        raise moderators_only()


class Moderators:
    def __init__(self, store: Store, code: str | None) -> None:
        """`code`: None if there is none. Then only a role makes a moderator."""
        self._code = AccessCode(store, code, WORDS)

    @property
    def possible(self) -> bool:
        """Whether there is a code."""
        return self._code.needs_code

    async def check(self, code: Any, address: str) -> None:
        """Return if the code is the moderators'. Attempts are limited as those of the access code. Raises
        Refused, and LogUnavailable if attempts can't be counted."""
        if not self.possible:
            raise no_moderators()
        await self._code.check(code, address)
