"""The relay: rooms whose every entry reaches every member, in order. It is all that an application uses.

    relay = Relay.on_redis(url, event_of)          # or Relay.in_memory(event_of)
    server = RelayServer(relay.manager)            # starts and stops what runs
    await relay.join(sid, "lobby")                 # entries are delivered from now on
    page, reset = await relay.resume("lobby", after=17, epoch="x3p9")  # the entries before that
    await relay.log.append("lobby", Post(id, data))  # kept, numbered, and delivered to every member
    await relay.join(sid, "lobby", Member(id, name))  # the other members are told, by the event `presence`
    await relay.store.once("key", b"value")        # small data that all workers share

It does not know what the entries mean.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from relay.connections import Connections
from relay.delivery.fanout import EventOf
from relay.delivery.guard import Guarded
from relay.delivery.members import MayStay, Removal
from relay.delivery.people import Member, People
from relay.delivery.room_names import NAMESPACE, channel, group
from relay.following import pages
from relay.local_manager import LocalManager
from relay.log.log import Log, Page
from relay.log.records import Change, Expectation, Records
from relay.log.store import Store
from relay.manager import RelayManager
from relay.options import Options
from relay.redis.info import RedisInfo
from relay.room_entries import event_of as entry_event
from relay.values import Values

DEFAULTS = Options()


class Resumed(NamedTuple):
    """`reset`: the log is not the one that was asked about. Forget all entries, and begin with this page."""

    page: Page
    reset: bool


class NotConnected(LookupError):
    """A sid is of no client of this worker: the client has gone, or is at another worker."""


class Relay:
    """`log`: what the rooms' entries are kept in, and the rules for appending. `store`: small data that all
    workers share; `records`: the same by owner; `values`: JSON that is read, changed and written;
    `connections`: which clients a user has at all workers. Every method that needs them raises LogUnavailable
    when they can't be reached: within 2 s, but for the last two, which may ask several times."""

    def __init__(self, manager: LocalManager | RelayManager) -> None:
        """Called by `in_memory` and `on_redis`, which make the manager."""
        if isinstance(manager, str):
            raise TypeError("Name the kind of relay: Relay.on_redis(url), or Relay.in_memory().")
        self.manager = manager
        self.log: Log = manager.log
        self.store: Store = manager.store
        self.records: Records = manager.records
        self.values: Values = manager.values
        self.connections: Connections = manager.connections

    @classmethod
    def in_memory(cls, event_of: EventOf = entry_event, options: Options = DEFAULTS) -> "Relay":
        """Return a relay for one process. `event_of`: the event for an entry; that of Rooms by default."""
        _check(event_of)
        return cls(LocalManager(event_of, options))

    @classmethod
    def on_redis(
        cls,
        url: str,
        event_of: EventOf = entry_event,
        options: Options = DEFAULTS,
        password: Callable[[], str] | None = None,
    ) -> "Relay":
        """Return a relay for any number of processes on one Redis. `event_of`: the event for an entry;
        that of Rooms by default. `password()`: the password for Redis, asked anew for each connection; one in
        the URL wins."""
        _check(event_of)
        return cls(RelayManager(url, event_of, options, password))

    async def join(self, sid: str, room: str, member: Member | None = None) -> None:
        """Make a client a member: entries are delivered to it from now on, in the namespace that it is in.
        The first comes no later than the one after the log's head when this returns. Read the log after this
        and not before, so that no entry is missed. An entry that comes twice has the same `seq`. On
        LogUnavailable the client is a member all the same, and entries are delivered to it once this worker
        reaches the log again.

        `member`: whom the other members see, on every worker. They get the event `presence` with
        `{room, count, joined?, left?, people?}`: how many members there are, and lists of `{id, name}`, and
        a member's `mark` as a field that is true. In a room of up to 100 members `joined` and `left` say who
        came and went. In a larger room `people` has the first 20 by name, when these change, and `count` may
        be half a minute old.

        Raises NotConnected if the client has gone; in one of its handlers this may be left uncaught; and
        ValueError if its name or mark can't be."""
        if member is not None:
            member.check()
        await self.manager.enter_room(sid, self._namespace_of(sid), channel(room))
        if member is not None:
            await self.manager.arrive(sid, room, member)
        await self.manager.set_baseline(room)

    async def leave(self, sid: str, room: str) -> None:
        """Deliver no more of a room to a client. Its member is gone at once; that of a client that breaks off
        stays for a grace."""
        self.manager.presence.depart(sid, room, at_once=True)
        await self.manager.leave_room(sid, self.manager.namespace_of(sid), channel(room))

    def joined(self, sid: str, room: str) -> bool:
        """Return whether a client of this worker is a member of the room."""
        return self.manager.is_member(sid, room)

    def rooms(self, sid: str) -> list[str]:
        """Return the rooms that a client of this worker is a member of."""
        return self.manager.rooms_of(sid)

    async def remove(self, room: str, *, sid: str | None = None, group: str | None = None) -> None:
        """End the membership of a client, or of all clients of a group, on every worker at once. They get
        nothing that is appended after this returns. First end the right to join again, then call this. Raises
        LogUnavailable if the other workers could not be told; those here are removed all the same."""
        await self.manager.remove(Removal.of(room, sid, group))

    async def change_and_remove(
        self, room: str, *changes: Change, group: str, expect: Sequence[Expectation] = ()
    ) -> bool:
        """Change the room's records as `records.change` does, and end the membership of all clients of a
        group in the same step: every worker is told if the change was made, also if this one dies right then.
        Returns whether it was made; if not, nobody is removed. Raises LogUnavailable, after which it may be
        called again."""
        return await self.manager.change_and_remove(Removal.of(room, None, group), changes, expect)

    def guard(self, guarded: Guarded, may_stay: MayStay) -> None:
        """Keep what is appended to guarded rooms from whoever was removed, also at a worker that missed the
        order, because its connection to Redis was replaced. `guarded(room)`: whether the room is guarded, by
        its name. `await may_stay(room, sids)`: those of these clients of this worker that have the right to
        be in the room, as the application has it kept; it raises LogUnavailable if that can't be known. Then
        nothing of the room is delivered here until it can. Call this once, before the server starts."""
        self.manager.guard_rooms(guarded, may_stay)

    @property
    def removals(self) -> int:
        """How often members were removed on this worker. A right that ends while it is asked for is not
        noticed otherwise: who asked, and finds this changed, asks again before `join`."""
        return self.manager.removals

    @property
    def interruptions(self) -> int:
        """How often emits between this worker and the others, or what they ask of each other's clients, may
        have been lost, one or many: the connection that brings them was replaced, or some could not be sent.
        It grows when they arrive again. Of a cluster it is the shard that has all but the volatile events of
        rooms. Always 0 without Redis."""
        return self.manager.interruptions

    def people(self, room: str) -> People:
        """Return who is in a room that has members on this worker. Any other room looks empty. A client that
        gets this as its answer is told of every change after it, provided that nothing is awaited in
        between."""
        return self.manager.presence.people(room)

    async def resume(
        self, room: str, *, after: int | None = None, epoch: str | None = None, limit: int = 200
    ) -> Resumed:
        """Return the entries after `after` in the log of `epoch`. Returns the newest page if `after` is None,
        or if the log is another one than the client knew. Raises what Log.read raises."""
        page = await self.log.read(room, after=after, limit=limit)
        # The epoch of an empty log is "": the log that begins is no other one.
        known = after is None or (after <= page.head.seq and epoch in (None, "", page.head.epoch))
        if known:
            return Resumed(page, reset=False)
        return Resumed(await self.log.read(room, limit=limit), reset=True)

    async def follow(
        self, room: str, *, after: int | None = None, epoch: str | None = None, limit: int = 200
    ) -> AsyncGenerator[Resumed]:
        """Tell this worker's own code of a room's entries, whichever worker appends them, this one too: yield
        what `resume` returns, at first, maybe without entries, and whenever there is something new. So each
        entry comes once and in order, also those that were appended while a connection was broken; with
        `reset`, which may come without entries, forget all that came before. While Redis does not answer it
        waits.

        It goes on until it is closed: use `async with aclosing(relay.follow(room)) as pages`, or cancel the
        task. To begin with what comes from now on, give it `after` and `epoch` of `await log.head(room)`.
        Raises ValueError for an `after` or a `limit` that can't be, and RuntimeError on Redis if the server
        was not started."""
        self.manager.check_listens()
        with self.manager.watching(room) as came:

            async def read(after: int | None, epoch: str | None) -> Resumed:
                await self.manager.set_baseline(room)  # from here on entries wake
                return await self.resume(room, after=after, epoch=epoch, limit=limit)

            async with aclosing(pages(read, came, after, epoch)) as found:
                async for page, reset in found:
                    yield Resumed(page, reset)

    async def emit_volatile(
        self, event: str, data: Any, room: str, skip_sid: str | list[str] | None = None
    ) -> None:
        """Emit to a room's members on every worker, in whatever namespaces, once and best effort: not kept,
        in order with other volatile events only, and skipped for clients that read slowly. Members are those
        who joined by `join`; python-socketio's `enter_room` makes none. `skip_sid`: as of
        RelayServer.emit."""
        if isinstance(self.manager, LocalManager):
            self.manager.check_kind(room)
        await self.manager.emit(event, data, namespace=NAMESPACE, room=channel(room), skip_sid=skip_sid)

    async def group(self, sid: str, name: str) -> None:
        """Put a client in a group, whose clients `emit_to_group` reaches and `disconnect_group` disconnects.
        Raises NotConnected if it has gone, or is at another worker."""
        await self.manager.enter_room(sid, self._namespace_of(sid), group(name))

    async def ungroup(self, sid: str, name: str) -> None:
        """Take a client out of a group; nothing happens if it is not in it. Raises NotConnected as
        `group`."""
        await self.manager.leave_room(sid, self._namespace_of(sid), group(name))

    def _namespace_of(self, sid: str) -> str:
        namespace = self.manager.namespace_of(sid)
        if not self.manager.is_here(sid, namespace):
            raise NotConnected("No client of this worker has this sid: it has gone, or is at another worker.")
        return namespace

    async def disconnect_group(self, name: str) -> None:
        """Disconnect every client of a group, on all workers and in whatever namespaces. Raises
        LogUnavailable if the other workers could not be told; those here are disconnected all the same."""
        await self.manager.disconnect_group(name)

    async def disconnect_group_here(self, name: str) -> None:
        """Disconnect the clients of a group on this worker."""
        await self.manager.disconnect_group_here(name)

    async def emit_to_group(
        self, event: str, data: Any, name: str, skip_sid: str | list[str] | None = None
    ) -> None:
        """Emit to every client of a group, on all workers and in whatever namespaces, once and best effort.
        `skip_sid`: as of RelayServer.emit."""
        await self.manager.emit(event, data, namespace=NAMESPACE, room=group(name), skip_sid=skip_sid)

    def problem(self) -> str | None:
        """Return why this worker can't serve, in one sentence; None if it can."""
        return self.manager.problem()

    def away(self) -> list[str]:
        """Return the shards of a Redis Cluster that don't answer this worker, by their addresses: their
        rooms can't be written in, and are shown as they were. Empty if all or none answer."""
        return self.manager.away()

    def lacks(self) -> list[str]:
        """Return what a Redis Cluster lacks, one sentence each: slots that no primary has, whose rooms are
        unavailable; replicas of a primary, whose rooms take no entries. Empty if it lacks nothing."""
        return self.manager.lacks()

    async def redis_info(self) -> RedisInfo | None:
        """Return what Redis says of its state; None without Redis."""
        return await self.manager.redis_info()


def _check(event_of: Any) -> None:
    """Raise TypeError unless it can be called: Options in its place would be lost without a word."""
    if not callable(event_of):
        raise TypeError(
            f"event_of is a function of an Entry, and no {type(event_of).__name__}. Name the options: "
            "Relay.in_memory(options=Options(…)), or Relay.on_redis(url, options=Options(…))."
        )
