"""The manager: python-socketio's rooms over many workers, each in the order of its log and without gaps.

It extends AsyncRedisManager. That one's listener receives nothing for up to 60 s after an outage, never
notices a Redis that is silent, and leaves connections open that it replaces; its emits are neither kept nor
ordered. Here:

- A room's entries come from its log, over the room's own channel. The worker is subscribed to it while it has
  members in the room. A follower closes the gaps if the channel loses something.
- python-socketio's messages between workers go on: emits to a room are volatile and go over the
  room's channel, so that only workers with members decode them; all others go over the control channel.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import socketio

from relay.connected import connected
from relay.connections import Connections
from relay.delivery.binary import answer_with_base64, answer_with_bytes, check_number
from relay.delivery.fanout import EventOf, Fanout
from relay.delivery.follower import Follower
from relay.delivery.members import MembersManager, Removal
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.delivery.room_names import relayed
from relay.log.log import Entry, LogUnavailable
from relay.log.records import Change, Expectation
from relay.options import Options
from relay.redis import orders
from relay.redis.changes import Changes
from relay.redis.connector import Password
from relay.redis.info import InfoReader, RedisInfo
from relay.redis.interruptions import Interruptions
from relay.redis.live_log import LiveLog
from relay.redis.names import Names
from relay.redis.orders import ADMIN, DISCONNECT_GROUP, REMOVE
from relay.redis.pages import live_entry
from relay.redis.presence import RedisPresence
from relay.redis.presence_reports import REPORT
from relay.redis.records import RedisRecords
from relay.redis.store import RedisStore
from relay.stats import OnRedis
from relay.support.utf8_json import encode
from relay.values import Values

logger = logging.getLogger(__name__)

VOLATILE = b"!"
"""First byte, on a room's channel, of an emit. Log entries begin with their epoch: letters, digits, - and _.
So no first byte may be one of these."""
_BETWEEN_WORKERS = frozenset((VOLATILE, REPORT, DISCONNECT_GROUP, REMOVE, ADMIN))
_HOST = slice(1, 33)
"""Where the sending worker's id is. A worker ignores its own messages without decoding them."""


class RelayManager(socketio.AsyncRedisManager, MembersManager):  # type: ignore[misc]
    """The server calls `initialize` and `stop`, which start and stop everything that runs."""

    name = "relay"
    records: RedisRecords

    def __init__(
        self, url: str, event_of: EventOf, options: Options, password: Password | None = None
    ) -> None:
        """`event_of`: the event for an entry. `password()`: the password, asked anew for each connection."""
        self.options = options
        self._names = Names(options.prefix)
        super().__init__(url, channel=self._names.control)  # type: ignore[call-arg]  # upstream has no types
        self._link, self._bus, self._examination = connected(
            url, password, options.replicas, self._names, self.host_id, self._received, self._subscribed
        )
        self.log = LiveLog(self._link, self._names, keep=options.keep, dedup_ttl=options.dedup_ttl)
        self.store = RedisStore(self._link, self._names)
        self.records = RedisRecords(self._link, self._names)
        self.fanout = Fanout(event_of, self.guard)
        self.presence = Presence(
            self.fanout.notify,
            lambda room, member: self._replication.changed(room, member),
            window=options.presence_window,
            grace=options.presence_grace,
        )
        self._replication = RedisPresence(
            self._link,
            self._names,
            self.host_id,
            self.presence,
            flush_interval=options.presence_flush_interval,
            sync_interval=options.presence_sync_interval,
        )
        changes = Changes(self._link, self._names, lambda partition: partition.changed_logs)
        self._follower = self.log.follower = Follower(
            self.log, changes, self._deliver, self._bus.receive_all, options.check_interval, self.guard
        )
        self.values = Values(self.records)
        self.connections = Connections(self.values, self.host_id, self._replication.silent)
        self._rules_channel = self.log.rules.channel
        self._bus.subscribe(self._rules_channel)
        self._info = InfoReader(self._link)
        self._between_workers: asyncio.Queue[bytes] = asyncio.Queue()
        self._interruptions = Interruptions(self._bus.silent_for)
        self._disconnecting: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        self._tasks: list[asyncio.Task[None]] = []

    def initialize(self) -> None:
        """Replaces AsyncPubSubManager.initialize, whose listener can't be stopped."""
        runs = self._bus.run(), self._follower.run(), self._replication.run(), self.connections.run()
        self._tasks = [asyncio.create_task(run) for run in (self._thread(), *runs)]

    async def examine(self) -> None:
        """Ask Redis whether it is what the relay needs; see redis/examination.py. Raises WrongRedis."""
        await self._examination.begin()

    async def stop(self) -> None:
        """Stop what runs, leave no rate limit uncharged, and close every connection."""
        await self.connections.end()
        self._examination.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.log.stop()
        await self._link.close()

    async def set_baseline(self, room: str) -> None:
        """Return once the room's entries are delivered to this worker's members; see Follower."""
        await self._follower.set_baseline(room)

    async def arrive(self, sid: str, room: str, member: Member) -> None:
        """Put a client's member in a room. Returns once the members at other workers are known. Raises
        LogUnavailable if they can't be read."""
        if self.presence.arrive(sid, room, member):
            await self._replication.load(room)

    async def disconnect_group(self, name: str) -> None:
        """Extends MembersManager.disconnect_group, which reaches this worker only. Raises LogUnavailable if
        the others can't be told; those here are disconnected all the same."""
        await super().disconnect_group(name)
        await self._link.send(("PUBLISH", self.channel, orders.disconnect_group(self.host_id, name)))

    async def remove(self, removal: Removal) -> None:
        """Extends MembersManager.remove, which reaches this worker only. Raises LogUnavailable if the others
        can't be told; those here are removed all the same."""
        self.remove_here(removal)
        order = orders.remove(self.host_id, removal)
        await self._link.send(*orders.told_of_removal(self._names, removal.room, order))

    async def change_and_remove(
        self, removal: Removal, changes: Sequence[Change], expect: Sequence[Expectation]
    ) -> bool:
        """Replaces MembersManager.change_and_remove. The other workers are told by the script that makes the
        changes. Raises LogUnavailable; then it is unknown whether they were made, and this worker asks who
        may stay in the room, if it is a guarded one."""
        live, order = self._names.of(removal.room).live, orders.remove(self.host_id, removal)
        try:
            made = await self.records.change(
                removal.room, *changes, expect=expect, order=(live, self.channel, order)
            )
        except LogUnavailable:
            self._follower.mark_dirty(removal.room)
            raise
        if made:
            self.remove_here(removal)
        return made

    async def order(self, order: list[Any]) -> None:
        """Extends MembersManager.order, which reaches nobody. Like an emit, an order that can't be published
        is given up."""
        try:
            await self._link.send_once(("PUBLISH", self.channel, orders.admin(self.host_id, order)))
        except LogUnavailable as error:
            self._interruptions.unsent()
            logger.warning("An admin's order did not reach the other workers: %s", error)

    @property
    def deserted(self) -> bool:
        """Whether no member is here any more, not even in its grace, and Redis has none either."""
        return not self.presence.rooms and self._replication.withdrawn

    def check_listens(self) -> None:
        """Raise RuntimeError unless this worker is told what others append."""
        if not self._tasks:
            raise RuntimeError("Await server.start() first: until then this worker is told of no entries.")

    @property
    def interruptions(self) -> int:
        """How often emits between this worker and the others may have been lost, and arrive again."""
        return self._interruptions.count

    def problem(self) -> str | None:
        """Return why this worker can't serve, in one sentence; None if it can."""
        return self._examination.wrong or self._bus.problem()

    def away(self) -> list[str]:
        """Return the shards of a cluster that don't answer this worker, by their addresses. Empty if all or
        none do."""
        return self._bus.away() if self.problem() is None else []

    def lacks(self) -> list[str]:
        """Return what a cluster lacks for some rooms: slots, or replicas; one sentence each."""
        return self._bus.lacks()

    def on_redis(self) -> OnRedis:
        """Return how this worker's connection to Redis is."""
        bus, follower, link = self._bus, self._follower, self._link
        return OnRedis(
            bus.silent_for(),
            follower.behind,
            follower.catch_ups,
            follower.caught_up,
            link.exchanges,
            link.failures,
            bus.stats(),
        )

    async def redis_info(self) -> RedisInfo:
        """Return what Redis says of its state. Raises LogUnavailable within 2 s when it can't be reached."""
        return await self._info.read()

    def begin(self, room: str) -> None:
        """Extends MembersManager.begin: follows the room."""
        self._follower.follow(room)
        self._bus.subscribe(self._names.of(room).live)

    def end(self, room: str) -> None:
        """Extends MembersManager.end: stops following the room."""
        self._follower.unfollow(room)
        self._bus.unsubscribe(self._names.of(room).live)

    def _subscribed(self, channel: str) -> None:
        if channel == self._rules_channel:
            self.log.rules.changed()
        elif channel == self.channel:
            self.connections.reconnected()
            self._interruptions.subscribed(anybody=bool(self.rooms))
        else:
            room = self._names.room_of(channel)
            self._follower.mark_dirty(room)
            self._replication.mark_dirty(room)

    def _received(self, channel: str, payload: bytes) -> None:
        kind = payload[:1]
        if kind in _BETWEEN_WORKERS:
            if payload[_HOST] != self.host_id.encode():
                self._received_from(payload[_HOST].decode(), channel, kind, payload[_HOST.stop :])
        elif channel == self._rules_channel:
            self.log.rules.changed()
        elif channel == self.channel:
            self._between_workers.put_nowait(payload)
        else:
            self._follower.receive(live_entry(self._names.room_of(channel), payload))

    def _deliver(self, entry: Entry) -> None:
        self.log.came(entry)
        self.fanout.deliver(entry)

    def _received_from(self, worker: str, channel: str, kind: bytes, rest: bytes) -> None:
        if kind == REPORT:
            self._replication.receive(self._names.room_of(channel), worker, rest)
        elif kind == VOLATILE:
            self._between_workers.put_nowait(rest)
        elif kind == REMOVE:  # at once, so that no entry that was appended later comes before it
            self.remove_here(orders.removal(rest))
        elif kind == ADMIN:
            self.on_order(orders.asked(rest))
        else:
            task = asyncio.create_task(self.disconnect_group_here(rest.decode()))
            self._disconnecting.add(task)
            task.add_done_callback(self._disconnecting.discard)

    async def _handle_callback(self, message: dict[str, Any]) -> None:
        """Extends AsyncPubSubManager._handle_callback, whose answers hold no bytes."""
        await super()._handle_callback(answer_with_bytes(message))

    async def _listen(self) -> AsyncIterator[bytes]:
        """Replaces AsyncRedisManager._listen, with its _redis_listen_with_retries: the bus receives
        instead."""
        while True:
            yield await self._between_workers.get()

    async def _publish(self, data: dict[str, Any]) -> None:
        """Replaces AsyncRedisManager._publish, which waits without bound and leaves connections unclosed. As
        there, a message that can't be published is given up: only log entries are certain to arrive. It is
        not published again where nobody knows whether it was. Raises ValueError for an emit that no client
        would take."""
        if data["method"] == "callback":
            data = answer_with_base64(data)
        elif data.get("binary"):
            check_number(data["data"][1:])
        payload = encode(data)
        publish, to = "PUBLISH", self.channel
        if data["method"] == "emit" and (name := relayed(data["room"])) is not None:
            publish, to = "SPUBLISH", self._names.of(name).live
            payload = VOLATILE + self.host_id.encode() + payload
        try:
            await self._link.send_once((publish, to, payload))
        except LogUnavailable as error:
            self._interruptions.unsent()
            logger.debug("%s did not reach the other workers: %s", data["method"], error)
