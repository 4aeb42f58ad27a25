"""The rules of a room, for whoever writes in it: it is locked, or slow. Moderators pass both.

Each is a rule of the relay, so it holds on every worker from the moment it is set.
"""

from collections.abc import Mapping
from typing import Any

from relay import Rule, Rules

from chat.domain.refusals import Refused

SLOWEST = 3600
"""Seconds of slow mode, at most."""


class RoomRules:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def lock(self, room: str, locked: bool) -> None:
        """Let only moderators write in a room, or everybody again."""
        if locked:
            await self._rules.set(lock(room), b"")
        else:
            await self._rules.drop(lock(room))

    async def slow(self, room: str, seconds: int) -> None:
        """Let each person write once in so many seconds; 0 ends it."""
        if seconds:
            await self._rules.set(slow(room), str(seconds).encode())
        else:
            await self._rules.drop(slow(room))


def lock(room: str) -> str:
    """Return the name of the rule that keeps others than moderators from writing."""
    return f"lock {room}"


def slow(room: str) -> str:
    """Return the name of the rule whose value is the seconds of slow mode."""
    return f"slow {room}"


def archived() -> Refused:
    """Return the refusal of what would change an archived room. Which ones are is in their records; see
    chat/rooms/archiving.py."""
    return Refused("archived", "This room is archived: everybody can read it, and nobody writes in it.")


def names(room: str) -> list[str]:
    """Return the names of all rules of a room."""
    return [lock(room), slow(room)]


def read(room: str, found: Mapping[str, Rule]) -> dict[str, Any]:
    """Return the rules of a room, of all that were found: `{locked, slow}`."""
    return {"locked": lock(room) in found, "slow": int(found.get(slow(room), Rule(b"0", None)).value)}
