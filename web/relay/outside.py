"""Rooms from outside: a process that serves no clients appends to them and reads them. A worker of a queue, a
cron job, a view of Django.

    async with Outside(url, Options(prefix="noticeboard:")) as outside:
        await outside.append("hall", Rooms.post("closing-1", "The hall closes at eight."))

    with SyncOutside(url, Options(prefix="noticeboard:")) as outside:  # without asyncio
        outside.append("hall", Rooms.post("closing-1", "The hall closes at eight."))

What is appended reaches every live member at once and in order, as if a worker had appended it. Nothing is
subscribed to: what is asked and its answers is all that goes over the connections to Redis.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Coroutine
from contextlib import nullcontext
from functools import partial
from typing import Any, Self, TypeVar

from relay.delivery.members import Removal
from relay.delivery.room_names import NAMESPACE
from relay.log.log import Appended, Head, Page
from relay.log.post import Post
from relay.log.records import Records
from relay.log.store import Store
from relay.one_loop import OneLoopCluster, OneLoopLink
from relay.options import Options
from relay.redis import orders
from relay.redis.blocking_link import BlockingLink, run
from relay.redis.cluster.blocking_link import BlockingClusterLink
from relay.redis.cluster.nodes import check_replicas, is_cluster, nodes_of
from relay.redis.connector import Password, connector
from relay.redis.layout import check_layout
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.redis.records import RedisRecords
from relay.redis.store import RedisStore
from relay.support.utf8_json import encode
from relay.values import Values

DEFAULTS = Options()
T = TypeVar("T")


class Outside:
    """For asyncio. `records`, `store` and `values` are as those of Relay. Each method raises LogUnavailable
    within 2 s when Redis can't be reached, as those of Log and Relay do. One belongs to the event loop that
    first uses it; its tasks may share it."""

    def __init__(self, url: str, options: Options = DEFAULTS, password: Password | None = None) -> None:
        """As of Relay.on_redis, with the values that the application has. Connects when it is first used."""
        names = Names(options.prefix)
        check = partial(check_layout, names)
        link: Link
        if is_cluster(url):
            nodes = nodes_of(url, password)
            link = OneLoopCluster(
                nodes.connect_to, nodes.seeds, options.replicas, by_name=nodes.by_name, check=check
            )
        else:
            check_replicas(options.replicas)
            link = OneLoopLink(connector(url, password, check))
        self._asks = _Asks(link, names, options)
        self.records: Records = RedisRecords(link, names)
        """As Relay.records."""
        self.store: Store = RedisStore(link, names)
        """As Relay.store."""
        self.values = Values(self.records)
        """As Relay.values."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def append(self, room: str, post: Post) -> Appended:
        """Append a post, once; see Log.append. `Rooms.post` makes those of Rooms."""
        return await self._asks.log.append(room, post)

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """Return at most `limit` entries with `after` < seq < `before`; see Log.read."""
        return await self._asks.log.read(room, after=after, before=before, limit=limit)

    async def head(self, room: str) -> Head:
        """Return the top of a room's log."""
        return await self._asks.log.head(room)

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """Return the heads of many rooms, by room, in one round trip."""
        return await self._asks.log.heads(rooms)

    async def remove(self, room: str, *, sid: str | None = None, group: str | None = None) -> None:
        """End the membership of a client, or of all clients of a group; see Relay.remove."""
        await self._asks.remove(room, sid, group)

    async def disconnect_group(self, name: str) -> None:
        """Disconnect every client of a group, on all workers."""
        await self._asks.disconnect_group(name)

    async def disconnect(self, sid: str, namespace: str = NAMESPACE) -> None:
        """Disconnect a client. That of python-socketio's write-only managers needs a server, and fails."""
        await self._asks.disconnect(sid, namespace)

    async def close(self) -> None:
        """Close the connection. What was asked and not answered raises LogUnavailable. It may be used again,
        then in another event loop too."""
        await self._asks.link.close()


class SyncOutside:
    """For programs without asyncio. Its methods, and those of its `values`, are as those of Outside, and
    block. Any number of threads may share one, each with a connection of its own, and so may processes that
    are forked after it was made."""

    def __init__(self, url: str, options: Options = DEFAULTS, password: Password | None = None) -> None:
        """As of Outside."""
        names = Names(options.prefix)
        check = partial(check_layout, names)
        link: Link
        if is_cluster(url):
            link = BlockingClusterLink(nodes_of(url, password), options.replicas, check)
        else:
            check_replicas(options.replicas)
            link = BlockingLink(url, password, check)
        self._asks = _Asks(link, names, options)
        self.values = SyncValues(RedisRecords(link, names))
        """As Relay.values, and blocks."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, room: str, post: Post) -> Appended:
        """Append a post, once; see Log.append. `Rooms.post` makes those of Rooms."""
        return _run(self._asks.log.append_alone(room, post))

    def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """Return at most `limit` entries with `after` < seq < `before`; see Log.read."""
        return _run(self._asks.log.read_alone(room, after, before, limit))

    def head(self, room: str) -> Head:
        """Return the top of a room's log."""
        return _run(self._asks.log.head(room))

    def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """Return the heads of many rooms, by room, in one round trip."""
        return _run(self._asks.log.heads(rooms))

    def remove(self, room: str, *, sid: str | None = None, group: str | None = None) -> None:
        """End the membership of a client, or of all clients of a group; see Relay.remove."""
        _run(self._asks.remove(room, sid, group))

    def disconnect_group(self, name: str) -> None:
        """Disconnect every client of a group, on all workers."""
        _run(self._asks.disconnect_group(name))

    def disconnect(self, sid: str, namespace: str = NAMESPACE) -> None:
        """Disconnect a client."""
        _run(self._asks.disconnect(sid, namespace))

    def close(self) -> None:
        """Close the connections. It may be used again."""
        run(self._asks.link.close())


class SyncValues:
    """The methods of Values, which block."""

    def __init__(self, records: Records) -> None:
        self._values = Values(records, nullcontext)  # each thread has a connection of its own

    def read(self, name: str) -> Any:
        """Return the value; None if there is none."""
        return _run(self._values.read(name))

    def change(self, name: str, how: Callable[[Any], Any], lasts: int = 0) -> Any:
        """Put `how(value)` in the place of the value; see Values.change."""
        return _run(self._values.change(name, how, lasts))

    def delete(self, name: str) -> None:
        """Delete a value."""
        _run(self._values.delete(name))


class _Asks:
    """What both ask, over either kind of link."""

    def __init__(self, link: Link, names: Names, options: Options) -> None:
        self.link = link
        self._names = names
        self.log = RedisLog(link, names, keep=options.keep, dedup_ttl=options.dedup_ttl)
        self._id = secrets.token_hex(16)

    async def remove(self, room: str, sid: str | None, group: str | None) -> None:
        order = orders.remove(self._id, Removal.of(room, sid, group))
        await self.link.send(*orders.told_of_removal(self._names, room, order))

    async def disconnect_group(self, name: str) -> None:
        await self._order(orders.disconnect_group(self._id, name))

    async def disconnect(self, sid: str, namespace: str) -> None:
        about = {"method": "disconnect", "sid": sid, "namespace": namespace, "host_id": self._id}
        await self._order(encode(about))

    async def _order(self, order: bytes) -> None:
        await self.link.send(("PUBLISH", self._names.control, order))


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what is answered. Raises RuntimeError where an event loop would be blocked."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        blocks = False
    else:
        blocks = True
    if blocks:
        coroutine.close()
        raise RuntimeError("SyncOutside would block the event loop that runs here. Use Outside.")
    return run(coroutine)
