"""Records on Redis: each is a hash in the partition of its owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from relay.log.records import Ask, Change, Expectation, Fewer, Put, check, check_asks
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS, partition_of
from relay.redis.reserve import ANYBODY
from relay.redis.script import Script

FEWER = 2
"""What change.lua is told of an expectation that is about the number of fields."""
NO_ORDER = "", "", b""
"""Nothing is published."""


class RedisRecords:
    def __init__(self, link: Link, names: Names) -> None:
        self._link = link
        self._names = names
        self._change = Script(link, "reserve.lua", "change.lua")

    async def read(self, *asks: Ask) -> list[dict[str, bytes]]:
        check_asks(asks)
        replies = await self._link.send(*map(self._asking, asks))
        return [_found(ask, reply) for ask, reply in zip(asks, replies, strict=True)]

    async def everywhere(self, name: str) -> dict[str, bytes]:
        keys = (self._names.partition(number).kept(name) for number in range(PARTITIONS))
        replies = await self._link.send(*(("HGETALL", key) for key in keys))
        return {field: value for reply in replies for field, value in _pairs(reply).items()}

    async def change(
        self,
        owner: str,
        *changes: Change,
        expect: Sequence[Expectation] = (),
        order: tuple[str, str, bytes] = NO_ORDER,
    ) -> bool:
        """Extends Records.change. `order`: a room's live channel, the control channel, and what is published
        on both in the step in which the changes are made; nothing is if they are not."""
        check(owner, changes, expect)
        names = list(dict.fromkeys(each.name for each in (*expect, *changes)))
        number = {name: place for place, name in enumerate(names, 1)}
        words: list[str | bytes | int] = []
        for one in expect:
            if isinstance(one, Fewer):
                words += (number[one.name], "", FEWER, one.than)
            else:
                words += (number[one.name], one.field, int(one.value is not None), one.value or b"")
        for each in changes:
            if isinstance(each, Put):
                words += (number[each.name], each.field, 1, each.value, each.seconds, each.most)
            else:
                words += (number[each.name], each.field, 0, "", 0, 0)
        keys = [self._key(owner, name) for name in names]
        (changed,) = await self._change.run((len(keys), *keys, ANYBODY, *order, len(expect), *words))
        return bool(changed)

    def _asking(self, ask: Ask) -> Command:
        key = self._key(ask.owner, ask.name)
        return ("HMGET", key, *ask.fields) if ask.fields else ("HGETALL", key)

    def _key(self, owner: str, name: str) -> str:
        return self._names.partition(partition_of(owner)).kept(name)


def _found(ask: Ask, reply: list[Any]) -> dict[str, bytes]:
    """Return what a reply of Redis says of the fields."""
    if ask.fields:
        pairs = zip(ask.fields, reply, strict=True)
        return {field: value for field, value in pairs if value is not None}
    return _pairs(reply)


def _pairs(reply: list[Any]) -> dict[str, bytes]:
    """Return all fields of a hash, as Redis replies them."""
    return {field.decode(): value for field, value in zip(reply[::2], reply[1::2], strict=True)}
