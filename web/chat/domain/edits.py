"""Edits: an author changes the text of a message, or deletes it, within a time.

A message has its text in place of the old one, and the number of the entry that says so. That entry, the
notice, has the text as well, for clients that hold the message. It loses it with the next edit or the
deletion, so that no old text is left anywhere.
"""

import asyncio
import json
from collections.abc import Sequence
from time import time
from typing import Any

from relay import Amendment, Log, encode

from chat.domain.messages import HERE, named
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.targets import Target

MINUTE = 60_000
"""In milliseconds."""


class OwnTime:
    """For how long people may change what they wrote. `minutes`: 0 for never, None for always."""

    def __init__(self, minutes: int | None) -> None:
        self.minutes = minutes

    def lasts(self, target: Target) -> bool:
        """Return whether the author may change a message still."""
        return self.minutes is None or time() * 1000 - target.entry.at < self.minutes * MINUTE

    def check(self, target: Target) -> None:
        """Raise Refused if its author may not change a message any more."""
        if self.minutes is not None and not self.lasts(target):
            detail = f"People can change what they wrote for {self.minutes} minutes."
            raise Refused("forbidden", detail, reason="too_late", most=self.minutes)


def check_own(target: Target, person: Person) -> None:
    """Raise Refused unless a message is by this person."""
    if target.author != person.id:
        raise Refused("forbidden", "Only who wrote a message can change its text.", reason="not_yours")


def is_as(target: Target, text: str, mentions: tuple[Person, ...]) -> bool:
    """Return whether a message has this text and mentions these people already."""
    message = target.message
    return bool(message["text"] == text and message.get("mentions", []) == named(mentions))


def edited(target: Target, text: str, mentions: tuple[Person, ...]) -> Amendment:
    """Return how a message gets another text. All else of it stays; the log adds the number of the notice."""
    _, _, line = target.entry.data.rpartition(b"\n")
    about: dict[str, Any] = json.loads(line)
    for field in ("mentions", "edited"):
        about.pop(field, None)
    if mentions:
        about["mentions"] = named(mentions)
    if HERE not in text:
        about.pop("here", None)
    data = encode(text) + b"\n" + encode(about)
    return Amendment(target.entry.seq, target.entry.id, data, was=target.entry.data, numbered="edited")


def notice(target: Target, author: Person, text: str, mentions: tuple[Person, ...]) -> bytes:
    """Return the data of the entry that says that a message has another text."""
    now = {"text": text} | ({"mentions": named(mentions)} if mentions else {})
    return encode({"edits": target.entry.seq, "now": now, "author": {"id": author.id, "name": author.name}})


async def superseding(log: Log, targets: Sequence[Target]) -> list[Amendment]:
    """Return how the notices of these messages' last edits lose the text. Raises LogUnavailable."""
    room_edits = [
        (each.entry.room, each.entry.seq, each.message["edited"])
        for each in targets
        if "edited" in each.message
    ]
    pages = await asyncio.gather(*(log.read(room, after=by - 1, limit=1) for room, _, by in room_edits))
    return [
        Amendment(by, page.entries[0].id, encode({"edits": seq, "superseded": True}))
        for (_, seq, by), page in zip(room_edits, pages, strict=True)
        if page.entries and page.entries[0].seq == by
    ]
