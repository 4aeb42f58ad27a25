"""The store in this process' memory, lost when the process ends."""

import math
from collections.abc import Mapping
from time import monotonic, time_ns
from typing import Any

from relay.log.store import BoundedSet, Note, Quota, Recent, Spent


class MemoryStore:
    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, float]] = {}  # key: (value, when it is forgotten)

    async def once(self, key: str, value: bytes) -> bytes:
        kept: bytes = self._get(key, value)
        self._keep(key, kept, math.inf)
        return kept

    async def take(self, *quotas: Quota) -> Spent | None:
        self._forget()
        counts = [self._kept.get(quota.key, (0, monotonic() + quota.seconds)) for quota in quotas]
        for quota, (value, until) in zip(quotas, counts, strict=True):
            if value >= quota.most:
                return Spent(quota, max(1, math.ceil(until - monotonic())))
        for quota, (value, until) in zip(quotas, counts, strict=True):
            self._keep(quota.key, value + 1, until)
        return None

    async def give_back(self, *quotas: Quota) -> None:
        self._forget()
        for quota in quotas:
            value, until = self._kept.get(quota.key, (0, 0.0))
            if value:
                self._keep(quota.key, value - 1, until)

    async def mark(self, key: str, seconds: int) -> None:
        self._forget()
        self._keep(key, True, monotonic() + seconds)

    async def marked(self, key: str) -> bool:
        return bool(self._get(key, False))

    async def add(self, member: str, *sets: BoundedSet) -> str | None:
        for key, most, _ in sets:
            members = self._get(key, set())
            if member not in members and len(members) >= most:
                return key
        for key, _, seconds in sets:
            self._keep(key, self._get(key, set()) | {member}, monotonic() + seconds if seconds else math.inf)
        return None

    async def remove(self, key: str, member: str) -> None:
        self._get(key, set()).discard(member)

    async def members(self, key: str) -> set[str]:
        return set(self._get(key, set()))

    async def remember(self, *members: tuple[str, Recent]) -> None:
        self._forget()
        for member, (key, most, seconds, along) in members:
            times: dict[str, float] = self._get(key, {})
            times.pop(member, None)  # dicts keep their order, the oldest first
            times[member] = monotonic()
            while len(times) > most:
                oldest = next(iter(times))
                del times[oldest]
                if along:
                    self._kept.pop(along + oldest, None)
            self._keep(key, times, monotonic() + seconds)

    async def recent(self, recent: Recent) -> list[str]:
        since = monotonic() - recent.seconds
        times: dict[str, float] = self._get(recent.key, {})
        return [member for member, at in reversed(times.items()) if at > since]

    async def is_recent(self, member: str, recent: Recent) -> bool:
        times: dict[str, float] = self._get(recent.key, {})
        return times.get(member, -math.inf) > monotonic() - recent.seconds

    async def forget(self, key: str) -> None:
        self._kept.pop(key, None)

    async def note(self, key: str, what: bytes, most: int) -> None:
        notes: list[Note] = self._get(key, [])
        at = time_ns() // 1_000_000
        last, count = notes[-1].id.split("-") if notes else ("", "")
        number = int(count) + 1 if last == str(at) else 0
        self._keep(key, [*notes, Note(f"{at}-{number}", at, what)][-most:], math.inf)

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        notes: list[Note] = self._get(key, [])
        older = [note for note in notes if before is None or _position(note.id) < _position(before)]
        return older[: -limit - 1 : -1]

    async def rewrite_notes(self, key: str, what: Mapping[str, bytes]) -> None:
        notes: list[Note] = self._get(key, [])
        said = [note._replace(what=what.get(note.id, note.what)) for note in notes]
        if said:
            self._keep(key, said, math.inf)

    def _get(self, key: str, default: Any) -> Any:
        value, until = self._kept.get(key, (default, math.inf))
        return value if until > monotonic() else default

    def _keep(self, key: str, value: Any, until: float) -> None:
        self._kept[key] = value, until

    def _forget(self) -> None:
        now = monotonic()
        for key in [key for key, (_, until) in self._kept.items() if until <= now]:
            del self._kept[key]


def _position(id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in id.split("-"))
