"""The audit log: what moderators did, to whom, and until when; without the text of messages."""

import json
import re
from typing import Any

from relay import Store, encode

from chat.domain.people import Person
from chat.domain.refusals import Refused

KEY = "audit"
KEPT = 10_000
PAGE = 100


class Audit:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, what: str, by: Person, origin: str, /, **about: Any) -> None:
        """Write it down, before it is done: nothing is done that is not listed. Raises LogUnavailable."""
        entry = {"what": what, "by": {"id": by.id, "name": by.name, "address": origin}, **about}
        await self._store.note(KEY, encode(entry), KEPT)

    async def page(self, before: Any = None) -> dict[str, Any]:
        """The last entries, newest first: `{entries: [{id, at, what, by, …, until?}], more}`. Raises
        Refused."""
        if before is not None and not re.fullmatch(r"\d{1,16}-\d{1,9}", str(before)):
            raise Refused("invalid", "`before` is the id of an entry.")
        notes = await self._store.notes(KEY, before, PAGE + 1)
        entries = []
        for note in notes[:PAGE]:
            entry = {"id": note.id, "at": note.at, **json.loads(note.what)}
            if seconds := entry.pop("seconds", None):
                entry["until"] = note.at + seconds * 1000
            entries.append(entry)
        return {"entries": entries, "more": len(notes) > PAGE}

    async def erase(self, person: str) -> None:
        """Take the name of somebody from all entries, who did something or to whom it was done. Their id
        stays. Raises LogUnavailable."""
        before = None
        while notes := await self._store.notes(KEY, before, PAGE):
            without = {note.id: _without_name(note.what, person) for note in notes}
            changed = {id: what for id, what in without.items() if what is not None}
            if changed:
                await self._store.rewrite_notes(KEY, changed)
            before = notes[-1].id


def _without_name(what: bytes, person: str) -> bytes | None:
    """Return an entry without the name of this person; None if it has none."""
    if person.encode() not in what:
        return None
    entry = json.loads(what)
    theirs = [
        each
        for each in entry.values()
        if isinstance(each, dict) and each.get("id") == person and each.get("name")
    ]
    for each in theirs:
        each["name"] = ""
    return encode(entry) if theirs else None
