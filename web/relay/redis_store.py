"""The store on Redis."""

from __future__ import annotations

from relay.link import Link
from relay.names import Names
from relay.reserve import ANYBODY, ORDER, Reserve
from relay.script import Script
from relay.store import Count, Note, Place


class RedisStore:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._names = names
        self._add = Script(link, "reserve.lua", "add.lua")
        self._reserve = Reserve(link)

    async def once(self, key: str, value: bytes) -> bytes:
        kept: bytes | None
        (kept,) = await self._reserve.run(("SET", self._names.stored(key), value, "NX", "GET"), share=ORDER)
        return value if kept is None else kept

    async def count(self, key: str, by: int, seconds: int) -> Count:
        name = self._names.stored(key)
        value, _, left = await self._reserve.run(
            ("INCRBY", name, by), ("EXPIRE", name, seconds, "NX"), ("TTL", name)
        )
        return Count(value, max(1, left))

    async def mark(self, key: str, seconds: int) -> None:
        await self._reserve.run(("SET", self._names.stored(key), "", "EX", seconds))

    async def marked(self, key: str) -> bool:
        (found,) = await self._link.send(("EXISTS", self._names.stored(key)))
        return bool(found)

    async def add(self, member: str, *places: Place) -> str | None:
        keys = [self._names.stored(place.key) for place in places]
        limits = [limit for place in places for limit in (place.most, place.seconds)]
        (full,) = await self._add.run((len(keys), *keys, ANYBODY, member, *limits))
        return places[full - 1].key if full else None

    async def add_each(self, *additions: tuple[str, Place]) -> None:
        await self._add.run(
            *(
                (1, self._names.stored(place.key), ANYBODY, member, place.most, place.seconds)
                for member, place in additions
            )
        )

    async def remove(self, key: str, member: str) -> None:
        await self._link.send(("SREM", self._names.stored(key), member))

    async def members(self, key: str) -> set[str]:
        (found,) = await self._link.send(("SMEMBERS", self._names.stored(key)))
        return {member.decode() for member in found}

    async def note(self, key: str, what: bytes, most: int) -> None:
        adding = ("XADD", self._names.stored(key), "MAXLEN", "~", most, "*", "what", what)
        await self._reserve.run(adding, share=ORDER)

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        end = "+" if before is None else f"({before}"
        (rows,) = await self._link.send(("XREVRANGE", self._names.stored(key), end, "-", "COUNT", limit))
        return [Note(id.decode(), int(id.split(b"-")[0]), what) for id, (_, what) in rows]
