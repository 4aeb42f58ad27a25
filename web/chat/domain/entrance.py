"""The entrance: what somebody has to show who has no cookie yet."""

from typing import Any

from chat.domain.access_code import AccessCode
from chat.domain.refusals import Refused


class Entrance:
    def __init__(self, access_code: AccessCode, *, guests: bool) -> None:
        """`guests`: whether a chat without an access code lets in whoever reaches it."""
        self._access_code = access_code
        self._guests = guests

    @property
    def needs_code(self) -> bool:
        return self._access_code.needs_code

    @property
    def by_invitation(self) -> bool:
        """Whether only an invitation leads in, or the moderators' code."""
        return not self._guests and not self.needs_code

    @property
    def is_open(self) -> bool:
        """Whether it lets in whoever reaches the chat."""
        return self._guests and not self.needs_code

    async def check(self, code: Any, address: str) -> None:
        """Return if whoever gives this code may come in. Raises Refused, and LogUnavailable if attempts can't
        be counted."""
        if self.by_invitation:
            detail = "This chat is by invitation. Ask somebody in it for a link, and open that in a browser."
            raise Refused("forbidden", detail, reason="invitation_needed")
        await self._access_code.check(code, address)
