"""The manager: python-socketio's rooms over many workers, each room in the order of its log, nothing missed.

Extends AsyncRedisManager, whose listener stays deaf for up to 60 s after an outage, never notices a silent
Redis, leaves open what it replaces, and whose emits are neither kept nor ordered. Here:

- the entries of a room come from its log, through the room's own channel, to which this worker is subscribed
  while it has members of the room; a follower keeps them level with the log whatever the channel loses;
- python-socketio's messages between workers go on as ever: emits to a room (ephemeral, best effort) over the
  room's channel, so that only workers with members decode them; all else over the control channel.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import socketio

from relay.delivery.fanout import EventOf, Fanout
from relay.delivery.follower import Follower
from relay.delivery.members import MembersManager
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.delivery.room_names import relayed
from relay.log.log import LogUnavailable
from relay.redis.bus import Bus
from relay.redis.connector import Password, connector
from relay.redis.info import InfoReader, RedisInfo
from relay.redis.link import Link
from relay.redis.log import RedisLog, live_entry
from relay.redis.names import Names
from relay.redis.presence import RedisPresence
from relay.redis.presence_reports import REPORT
from relay.redis.store import RedisStore
from relay.stats import OnRedis
from relay.support.utf8_json import encode

logger = logging.getLogger(__name__)

EPHEMERAL = b"!"
"""First byte, on a room's channel, of an emit. A log entry begins with its epoch: letters, digits, - and _.
While a group to end began with a -, one room in 64 was told everything a second late, by the follower."""
DISCONNECT_GROUP = b"^"
"""First byte, on the control channel, of a group to end; python-socketio's own messages are JSON objects."""
_HOST = slice(1, 33)
"""Where the sending worker's id stands, so that a worker drops what is its own before decoding it."""


class RelayManager(socketio.AsyncRedisManager, MembersManager):  # type: ignore[misc]
    """`initialize` and `stop`, which the server calls, begin and end everything that runs."""

    name = "relay"

    def __init__(
        self,
        url: str,
        event_of: EventOf,
        *,
        password: Password | None = None,
        prefix: str = "tertulia:",
        keep: int = 0,
        dedup_ttl: int = 86_400,
    ) -> None:
        """`event_of`: what to emit for an entry. `password`: is asked for each connection. `prefix`: of every
        key and channel. `keep` and `dedup_ttl`: see RedisLog."""
        self._names = Names(prefix)
        super().__init__(url, channel=self._names.control)  # type: ignore[call-arg]  # upstream has no types
        connect = connector(url, password)
        self._link = Link(connect)
        self.log = RedisLog(self._link, self._names, keep=keep, dedup_ttl=dedup_ttl)
        self.store = RedisStore(self._link, self._names)
        self.fanout = Fanout(event_of)
        self._follower = Follower(self.log, self.fanout.deliver)
        self.presence = Presence(self.fanout.notify, lambda room: self._replication.changed(room))
        self._replication = RedisPresence(self._link, self._names, self.host_id, self.presence)
        self._bus = Bus(connect, self._link, self._names.probe(self.host_id), self._heard, self._subscribed)
        self._bus.subscribe(self.channel)
        self._bus.subscribe(self.log.rules.channel)
        self._info = InfoReader(self._link)
        self._between_workers: asyncio.Queue[bytes] = asyncio.Queue()
        self._expulsions: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        self._tasks: list[asyncio.Task[None]] = []

    def initialize(self) -> None:
        """Replaces AsyncPubSubManager.initialize, whose listener nobody can end."""
        runs = self._thread(), self._bus.run(), self._follower.run(), self._replication.run()
        self._tasks = [asyncio.create_task(run) for run in runs]

    async def stop(self) -> None:
        """Leave the bus and close every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()

    async def set_baseline(self, room: str) -> None:
        """Return once this worker's members of the room are told its entries; see Follower."""
        await self._follower.set_baseline(room)

    async def arrive(self, sid: str, room: str, member: Member) -> None:
        """Put a client's member in a room, and return once who is there at other workers is known; raise
        LogUnavailable if that can't be read."""
        if self.presence.arrive(sid, room, member):
            await self._replication.load(room)

    async def disconnect_group(self, name: str) -> None:
        """Extends MembersManager.disconnect_group: … and then on every worker that hears it. Raises
        LogUnavailable if the others can't be told."""
        await super().disconnect_group(name)
        await self._link.send(
            ("PUBLISH", self.channel, DISCONNECT_GROUP + self.host_id.encode() + name.encode())
        )

    @property
    def deserted(self) -> bool:
        """Nobody is here any more, not even in grace, and the other workers were told so."""
        return not self.presence.rooms and self._replication.withdrawn

    def problem(self) -> str | None:
        """Why this worker can't serve, in one sentence, or None if it can."""
        return self._bus.problem()

    def on_redis(self) -> OnRedis:
        """How this worker stands with Redis."""
        bus, follower, link = self._bus, self._follower, self._link
        return OnRedis(
            bus.silent_for(),
            follower.behind,
            follower.catch_ups,
            follower.caught_up,
            link.exchanges,
            link.failures,
        )

    async def redis_info(self) -> RedisInfo:
        """What Redis says of its state. Raises LogUnavailable within 2 s when it can't be reached."""
        return await self._info.read()

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Extends MembersManager.basic_enter_room: follows a room from its first member on …"""
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        if (name := relayed(namespace, room)) is not None:
            self._follower.follow(name)
            self._bus.subscribe(self._names.live(name))

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Extends MembersManager.basic_leave_room: … to its last."""
        super().basic_leave_room(sid, namespace, room)
        if (name := relayed(namespace, room)) is not None and room not in self.rooms.get(namespace, {}):
            self._follower.unfollow(name)
            self._bus.unsubscribe(self._names.live(name))

    def _subscribed(self, channel: str) -> None:
        if channel == self.log.rules.channel:
            self.log.rules.changed()
        elif channel != self.channel:
            room = self._names.room_of(channel)
            self._follower.mark_dirty(room)
            self._replication.mark_dirty(room)

    def _heard(self, channel: str, payload: bytes) -> None:
        kind = payload[:1]
        if channel == self.log.rules.channel:
            self.log.rules.changed()
        elif kind in (EPHEMERAL, REPORT, DISCONNECT_GROUP):
            if payload[_HOST] != self.host_id.encode():
                self._heard_from(payload[_HOST].decode(), channel, kind, payload[_HOST.stop :])
        elif channel == self.channel:
            self._between_workers.put_nowait(payload)
        else:
            self._follower.receive(live_entry(self._names.room_of(channel), payload))

    def _heard_from(self, worker: str, channel: str, kind: bytes, rest: bytes) -> None:
        if kind == REPORT:
            self._replication.receive(self._names.room_of(channel), worker, rest)
        elif kind == EPHEMERAL:
            self._between_workers.put_nowait(rest)
        else:
            task = asyncio.create_task(self.disconnect_group_here(rest.decode()))
            self._expulsions.add(task)
            task.add_done_callback(self._expulsions.discard)

    async def _listen(self) -> AsyncIterator[bytes]:
        """Replaces AsyncRedisManager._listen, with its _redis_listen_with_retries: the bus hears instead."""
        while True:
            yield await self._between_workers.get()

    async def _publish(self, data: dict[str, Any]) -> None:
        """Replaces AsyncRedisManager._publish, which waits without bound and leaves connections unclosed. As
        there, what can't be published is given up: only the log's entries are promised to arrive."""
        payload = encode(data)
        to = self.channel
        if data["method"] == "emit" and (name := relayed(data["namespace"], data["room"])) is not None:
            to, payload = self._names.live(name), EPHEMERAL + self.host_id.encode() + payload
        try:
            await self._link.send(("PUBLISH", to, payload))
        except LogUnavailable as error:
            logger.debug("%s did not reach the other workers: %s", data["method"], error)
