"""Access to files: who may bring one into a room, and who may have one that is there."""

from relay import Denied, Rules

from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.domain.sanctions import Sanctions
from chat.rooms.access import Access


class FileAccess:
    def __init__(self, rules: Rules, access: Access, sanctions: Sanctions) -> None:
        self._rules = rules
        self._access = access
        self._sanctions = sanctions

    async def check_bringing(self, identity: Identity, address: str, room: str) -> None:
        """Raise Refused unless somebody may write in a room now, as far as a message is not late for it; slow
        mode is about messages alone. Raises LogUnavailable."""
        if not identity.lasting:
            detail = "Only who has a cookie, or a program's token, can upload files."
            raise Refused("forbidden", detail, reason="cookie_needed")
        await self._access.check_in_use(identity, room)
        preconditions = self._sanctions.preconditions(identity, address, room)
        for name, rule in (await self._rules.find(list(preconditions.deny))).items():
            raise self._sanctions.refusal(Denied(name, rule.seconds))

    async def check_having(self, identity: Identity, address: str, room: str) -> None:
        """Raise Refused unless somebody may read the room. Raises LogUnavailable."""
        await self._sanctions.check_entry(identity, address)
        await self._access.check(identity, room)
