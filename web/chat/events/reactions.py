"""The events about reactions: `react` and `reactions`."""

import secrets
from typing import Any

from relay import MOST_KEYS, Log, NoSuchEntry, TooManyKeys

from chat.domain.rate_limits import RateLimit
from chat.domain.reactions import check_emoji, notice, too_many, vote
from chat.domain.targets import Targets, no_such_message
from chat.events.answers import Answer
from chat.events.arguments import Options, flag, message_id, room, whole_number
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.events.joined import Joined
from chat.events.writing import Writing

NAMED = 100
"""People whom an answer names at most, of each emoji."""


class Reactions:
    """The handlers of one server."""

    def __init__(self, log: Log, joined: Joined, writing: Writing) -> None:
        self._log = log
        self._joined = joined
        self._writing = writing
        self._targets = Targets(log)

    def table(self) -> list[Event]:
        """Return the events, which everybody may send."""
        which = {"room": room, "seq": whole_number("seq"), "id": message_id}
        everybody = Who.EVERYBODY
        return [
            Event(
                "react",
                self.react,
                everybody,
                RateLimit.REQUESTS,
                {**which, "emoji": emoji, "on": flag("on")},
            ),
            Event("reactions", self.reactions, everybody, RateLimit.REQUESTS, which, large=True),
        ]

    async def react(
        self, by: Connection, room: str, seq: int | None, id: str, emoji: str, on: bool
    ) -> Answer:
        """React to a message, or take a reaction back. What is so already is not written again."""
        await self._joined.check(by, room)
        if seq is None:
            raise no_such_message(room)
        reaction = vote(seq, id, emoji, by.person, on)
        data = notice(seq, emoji, by.person, on)
        post = self._writing.change(by, room, f"reacts:{seq}:{secrets.token_urlsafe(9)}", data, b"")
        try:
            voted = await self._writing.write(by, room, lambda: self._log.vote(room, reaction, post))
        except TooManyKeys:
            raise too_many(MOST_KEYS) from None
        except NoSuchEntry:
            raise no_such_message(room) from None
        return {"room": room, "seq": seq, "emoji": emoji, "count": voted.count}

    async def reactions(self, by: Connection, room: str, seq: int | None, id: str) -> Answer:
        """Who reacted to a message, and how."""
        await self._joined.check(by, room)
        target = await self._targets.one(room, seq, id)
        tally = target.entry.tally
        voters = await self._log.voters(room, target.entry.seq, limit=NAMED) if tally else []
        await self._joined.check_still_in(by, room)
        people: dict[str, list[dict[str, str]]] = {each.key: [] for each in tally}
        for each in voters:
            people.setdefault(each.key, []).append({"id": each.id, "name": each.name})
        reactions: list[dict[str, Any]] = [
            {"emoji": each.key, "count": each.count, "people": people[each.key]} for each in tally
        ]
        return {"room": room, "seq": seq, "reactions": reactions}


def emoji(options: Options) -> str:
    """Read an emoji."""
    return check_emoji(options.get("emoji"))
