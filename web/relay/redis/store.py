"""The store on Redis."""

from __future__ import annotations

from collections.abc import Mapping

from relay.log.store import BoundedSet, Note, Quota, Recent, Spent
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.reserve import ANYBODY, ORDER, Reserve
from relay.redis.script import Script


class RedisStore:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._names = names
        self._add = Script(link, "reserve.lua", "add.lua")
        self._reserve = Reserve(link)
        self._take = Script(link, "reserve.lua", "take.lua")
        self._give_back = Script(link, "reserve.lua", "give_back.lua")
        self._remember = Script(link, "reserve.lua", "keep_recent.lua")
        self._recent = Script(link, "recent.lua", only_reads=True)
        self._rewrite_notes = Script(link, "reserve.lua", "rewrite_notes.lua")

    async def once(self, key: str, value: bytes) -> bytes:
        kept: bytes | None
        name = self._names.stored(key)
        (kept,) = await self._reserve.run(name, ("SET", name, value, "NX", "GET"), share=ORDER)
        return value if kept is None else kept

    async def take(self, *quotas: Quota) -> Spent | None:
        keys = [self._names.stored(quota.key) for quota in quotas]
        limits = [limit for quota in quotas for limit in (quota.most, quota.seconds)]
        ((spent, left),) = await self._take.run((len(keys), *keys, ANYBODY, *limits))
        return Spent(quotas[spent - 1], max(1, left)) if spent else None

    async def give_back(self, *quotas: Quota) -> None:
        keys = [self._names.stored(quota.key) for quota in quotas]
        await self._give_back.run((len(keys), *keys))

    async def mark(self, key: str, seconds: int) -> None:
        name = self._names.stored(key)
        await self._reserve.run(name, ("SET", name, "", "EX", seconds))

    async def marked(self, key: str) -> bool:
        (found,) = await self._link.send(("EXISTS", self._names.stored(key)))
        return bool(found)

    async def add(self, member: str, *sets: BoundedSet) -> str | None:
        keys = [self._names.stored(each.key) for each in sets]
        limits = [limit for each in sets for limit in (each.most, each.seconds)]
        (full,) = await self._add.run((len(keys), *keys, ANYBODY, member, *limits))
        return sets[full - 1].key if full else None

    async def remove(self, key: str, member: str) -> None:
        await self._link.send(("SREM", self._names.stored(key), member))

    async def members(self, key: str) -> set[str]:
        (found,) = await self._link.send(("SMEMBERS", self._names.stored(key)))
        return {member.decode() for member in found}

    async def remember(self, *members: tuple[str, Recent]) -> None:
        await self._remember.run(*(self._remembering(*each) for each in members))

    def _remembering(self, member: str, recent: Recent) -> Command:
        along = (self._names.stored(recent.along),) if recent.along else ()
        key = self._names.stored(recent.key)
        return (1, key, ANYBODY, member, recent.most, recent.seconds, *along)

    async def recent(self, recent: Recent) -> list[str]:
        (found,) = await self._recent.run((1, self._names.stored(recent.key), recent.seconds))
        return [member.decode() for member in found]

    async def is_recent(self, member: str, recent: Recent) -> bool:
        key = self._names.stored(recent.key)
        (found,) = await self._recent.run((1, key, recent.seconds, member))
        return bool(found)

    async def forget(self, key: str) -> None:
        await self._link.send(("DEL", self._names.stored(key)))

    async def note(self, key: str, what: bytes, most: int) -> None:
        name = self._names.stored(key)
        adding = ("XADD", name, "MAXLEN", "~", most, "*", "what", what)
        await self._reserve.run(name, adding, share=ORDER)

    async def notes(self, key: str, before: str | None = None, limit: int = 100) -> list[Note]:
        end = "+" if before is None else f"({before}"
        (rows,) = await self._link.send(("XREVRANGE", self._names.stored(key), end, "-", "COUNT", limit))
        return [Note(id.decode(), int(id.split(b"-")[0]), what) for id, (_, what) in rows]

    async def rewrite_notes(self, key: str, what: Mapping[str, bytes]) -> None:
        words = (word for each in what.items() for word in each)
        await self._rewrite_notes.run((1, self._names.stored(key), *words))
