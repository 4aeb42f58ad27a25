"""The log on Redis Streams. Needs Redis 8 (hashes whose fields expire, HSETEX).

Three keys a room (see names.py): the stream, a hash with epoch and last number, a hash with the ids appended
within the window. The last costs about 100 bytes an entry, for `window` seconds. Who restores a backup gives
each head a fresh `epoch`: numbers given after the backup was taken will be given again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from importlib.resources import files

from redis.exceptions import NoScriptError

from relay.buckets import Bucket, Limited
from relay.link import Command, Link
from relay.log import Appended, Entry, Head, IdTaken, Page
from relay.names import Names

_APPEND = b"".join(files(__package__).joinpath(part).read_bytes() for part in ("bucket.lua", "append.lua"))
_APPEND_SHA = hashlib.sha1(_APPEND, usedforsecurity=False).hexdigest()


class RedisLog:
    def __init__(self, link: Link, names: Names, *, keep: int = 0, window: int = 86_400) -> None:
        """`keep`: entries a room keeps at least (trimmed in blocks of about 100), 0 keeps all.
        `window`: seconds for which an id is remembered."""
        self._link = link
        self._names = names
        self._keep = keep
        self._window = window

    async def append(
        self,
        room: str,
        id: str,
        data: bytes,
        same: bytes | None = None,
        buckets: Sequence[Bucket] = (),
    ) -> Appended:
        digest = hashlib.blake2b(data if same is None else same, digest_size=9).hexdigest()
        arguments: Command = (
            3 + len(buckets),
            self._names.log(room),
            self._names.head(room),
            self._names.ids(room),
            *(self._names.bucket(each.key) for each in buckets),
            secrets.token_urlsafe(6),
            id,
            digest,
            self._window,
            self._keep,
            self._names.live(room),
            data,
            *(limit for each in buckets for limit in (each.token, each.at_once)),
        )
        try:
            reply = await self._link.send(("EVALSHA", _APPEND_SHA, *arguments))
        except NoScriptError:  # Redis was restarted: EVAL takes the source along, and Redis caches it
            reply = await self._link.send(("EVAL", _APPEND, *arguments))
        if isinstance(reply[0], int):
            raise Limited(reply[0] / 1_000_000)
        epoch, place, duplicate = reply[0]
        seq, at, kept = place.decode().split()
        if kept != digest:
            raise IdTaken(id)
        return Appended(epoch.decode(), int(seq), int(at), bool(duplicate))

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        log, low, high = self._names.log(room), "-", "+"
        if after is not None:
            low = f"({after}-0"
        if before is not None:
            high = f"({before}-0"
        # One entry beyond the limit tells whether there is more.
        if after is not None:
            reading = ("XRANGE", log, low, high, "COUNT", limit + 1)
        else:
            reading = ("XREVRANGE", log, high, low, "COUNT", limit + 1)
        place, rows = await self._link.transaction(_head_command(self._names, room), reading)
        head, more, rows = _head(place), len(rows) > limit, rows[:limit]
        if after is None:
            rows.reverse()
        return Page(head, [_entry(room, head.epoch, *row) for row in rows], more)

    async def head(self, room: str) -> Head:
        return (await self.heads([room]))[room]

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        if not rooms:
            return {}
        replies = await self._link.send(*(_head_command(self._names, room) for room in rooms))
        return {room: _head(reply) for room, reply in zip(rooms, replies, strict=True)}


def live_entry(room: str, payload: bytes) -> Entry:
    """The entry in a broadcast of append.lua."""
    epoch, seq, at, length, rest = payload.split(b" ", 4)
    cut = int(length)
    return Entry(room, epoch.decode(), int(seq), rest[:cut].decode(), int(at), rest[cut:])


def _head_command(names: Names, room: str) -> tuple[str, ...]:
    return ("HMGET", names.head(room), "epoch", "seq")


def _head(reply: list[bytes | None]) -> Head:
    epoch, seq = reply
    return Head((epoch or b"").decode(), int(seq or 0))


def _entry(room: str, epoch: str, place: bytes, fields: list[bytes]) -> Entry:
    _, id, _, at, _, data = fields
    return Entry(room, epoch, int(place.split(b"-")[0]), id.decode(), int(at), data)
