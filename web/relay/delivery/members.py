"""Members: which client is in which room. It is python-socketio's manager, but emits to relay rooms go
through the fan-out."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from socketio import packet

from relay.delivery.binary import RelayPacket
from relay.delivery.callbacks import CallbacksManager, check_one
from relay.delivery.fanout import Fanout
from relay.delivery.guard import Guard, Guarded
from relay.delivery.presence import Presence
from relay.delivery.room_names import NAMESPACE, channel, group, of_any_namespace, relayed
from relay.log.records import Change, Expectation, Records

OnEmit = Callable[[str, Iterable[Any], str, Any, Iterable[str]], None]
"""Gets the event, its arguments, its namespace and room as `emit` has them, and sids that do not get it."""


MayStay = Callable[[str, Collection[str]], Awaitable[Collection[str]]]
"""The application's function that is asked who has the right to be in a guarded room: `await may_stay(room,
sids)`, of clients of this worker, returns those that have it. Raises LogUnavailable if that can't be
known."""


class Members(dict[str, str]):
    """The clients in a room: Engine.IO sids by Socket.IO sids."""

    @property
    def _fwdm(self) -> "Members":
        """The only attribute of a bidict that BaseManager.get_participants uses."""
        return self


class Removal(NamedTuple):
    """Whose membership in a room ends: clients, and all clients of groups."""

    room: str
    sids: list[str]
    groups: list[str]

    @classmethod
    def of(cls, room: str, sid: str | None, group: str | None) -> "Removal":
        """Return the removal of a client, or of a group. Raises TypeError if both or none is given."""
        if (sid is None) == (group is None):
            raise TypeError("remove takes either a sid or a group")
        return cls(room, [] if sid is None else [sid], [] if group is None else [group])


class MembersManager(CallbacksManager):
    """The base of both managers. It stands behind AsyncRedisManager in the method resolution order, so it
    also gets what that one emits to this worker's clients."""

    fanout: Fanout
    presence: Presence
    records: Records

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[str, list[str | None]] = {}  # by sid
        self.guard = Guard()
        self.removals = 0
        """How often members were removed on this worker. Who asks whether a client may join a room, and finds
        this changed when the answer comes, asks again: the right may have ended meanwhile."""
        self._elsewhere: dict[str, str] = {}  # by sid: namespaces that are not `/`
        self.on_emit: OnEmit | None = None
        """Called with each emit that reaches this worker."""
        self.on_order: Callable[[list[Any]], None] = lambda order: None
        """Called with each order of another worker's admin."""

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Extends BaseManager.basic_enter_room, which every way into a room passes: it makes a bidict of each
        room, of each client's own too, though only that of all clients, `None`, is ever looked up both ways;
        and it looks up a room five times. Raises KeyError if the client is not connected, and ValueError for
        another client's own room."""
        if room is None:
            super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
            if namespace != NAMESPACE:
                self._elsewhere[sid] = namespace
        else:
            rooms = self.rooms[namespace]
            clients = rooms[None]
            if room != sid and room in clients:
                raise ValueError("cannot enter a sid room")
            session = clients[sid]
            if room not in rooms:
                rooms[room] = Members()
            rooms[room][sid] = session
            if (name := relayed(room)) is not None:
                self._enter(name, sid, namespace, session)
        entered = self._rooms_of.setdefault(sid, [])
        if room not in entered:
            entered.append(room)

    def _enter(self, name: str, sid: str, namespace: str, session: str) -> None:
        if name not in self.fanout:
            self.begin(name)
        if (member := self.server.eio.sockets.get(session)) is not None:
            self.fanout.enter(name, sid, member, namespace)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Extends BaseManager.basic_leave_room, which every way out of a room passes, a disconnect too."""
        super().basic_leave_room(sid, namespace, room)
        if room in (rooms := self._rooms_of.get(sid, [])):
            rooms.remove(room)
        if (name := relayed(room)) is not None:
            self.fanout.leave(name, sid, namespace)
            self.presence.depart(sid, name)
            if name not in self.fanout:
                self.end(name)

    def begin(self, room: str) -> None:
        """A relay room is about to get its first member on this worker, or is followed by its code."""

    def end(self, room: str) -> None:
        """The last member of a relay room on this worker has left, and its code follows it no more."""

    @contextmanager
    def watching(self, room: str) -> Iterator[asyncio.Event]:
        """Surround what wants to know that a relay room has new entries: the event is set with each."""
        if room not in self.fanout:
            self.begin(room)
        came = self.fanout.watch(room)
        try:
            yield came
        finally:
            self.fanout.unwatch(room, came)
            if room not in self.fanout:
                self.end(room)

    def basic_disconnect(self, sid: str, namespace: str, **options: Any) -> None:
        """Replaces BaseManager.basic_disconnect, which looks for the client in every room there is, and each
        session has one of its own: 0.25 ms for each that leaves a worker with 1,000 (measured)."""
        for room in self._rooms_of.pop(sid, []):
            self.basic_leave_room(sid, namespace, room)
        self._elsewhere.pop(sid, None)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, []):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]

    def namespace_of(self, sid: str) -> str:
        """Return the namespace that a client of this worker is in. Each client is in one: a session has a sid
        of its own in each. For a client that is not here this returns `/`."""
        return self._elsewhere.get(sid, NAMESPACE)

    def is_here(self, sid: str, namespace: str) -> bool:
        """Return whether a client of this worker is in the namespace, or is in its `connect` handler."""
        return bool(self.is_connected(sid, namespace) or self.is_pre_connected(sid, namespace))

    def is_known(self, sid: str) -> bool:
        """Replaces CallbacksManager.is_known, which has to be."""
        return sid in self._rooms_of

    def is_member(self, sid: str, room: str) -> bool:
        """Return whether a client of this worker is in a relay room."""
        return channel(room) in self._rooms_of.get(sid, ())

    def _clients_in(self, room: str) -> list[tuple[str, str]]:
        """Return the clients of a Socket.IO room on this worker, each with its namespace."""
        return [
            (sid, namespace)
            for namespace in self.namespaces_with(room)
            for sid, _ in self.get_participants(namespace, room)
        ]

    def namespaces_with(self, room: str) -> list[str]:
        """Return the namespaces that have clients of this worker in a Socket.IO room."""
        return [namespace for namespace, rooms in self.rooms.items() if room in rooms]

    def has_session(self, room: str, session: str) -> bool:
        """Return whether a session has a client in a Socket.IO room, which may be the client's own, in
        whatever namespace."""
        return any(
            self.sid_from_eio_sid(session, namespace) in self.rooms[namespace][room]
            for namespace in self.namespaces_with(room)
        )

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        """Replaces BaseManager.get_rooms, which looks for the client in every room there is, and each session
        has one of its own."""
        if self.namespace_of(sid) != namespace:
            return []
        return [room for room in self._rooms_of.get(sid, ()) if room is not None]

    def rooms_of(self, sid: str) -> list[str]:
        """Return the relay rooms that a client of this worker is in."""
        found = (relayed(room) for room in self._rooms_of.get(sid, ()))
        return [name for name in found if name is not None]

    async def remove(self, removal: Removal) -> None:
        """End memberships on all workers."""
        self.remove_here(removal)

    async def change_and_remove(
        self, removal: Removal, changes: Sequence[Change], expect: Sequence[Expectation]
    ) -> bool:
        """Change records of a room, and end memberships on all workers in the same step. Returns whether that
        was done."""
        made = await self.records.change(removal.room, *changes, expect=expect)
        if made:
            self.remove_here(removal)
        return made

    def remove_here(self, removal: Removal) -> None:
        """End memberships on this worker. Who is removed gets nothing more of the room, not even what is
        queued."""
        room, sids, groups = removal
        self.removals += 1
        of_groups = {sid for name in groups for sid, _ in self._clients_in(group(name))}
        for sid in of_groups.union(sids):
            if self.is_member(sid, room):
                self.presence.depart(sid, room, at_once=True)
                self.basic_leave_room(sid, self.namespace_of(sid), channel(room))

    def guard_rooms(self, guarded: Guarded, may_stay: MayStay) -> None:
        """Ask the application which members may stay, whenever an order to remove some may have been missed
        in a guarded room."""

        async def check(room: str) -> None:
            here = {sid for sid, _ in self._clients_in(channel(room))}
            if gone := here.difference(await may_stay(room, here)):
                self.remove_here(Removal(room, [*gone], []))

        self.guard.set(guarded, check)

    async def order(self, order: list[Any]) -> None:
        """Hand an admin's order to all other workers, for their `on_order`."""

    async def disconnect_group(self, name: str) -> None:
        """Disconnect every client of a group, on all workers."""
        await self.disconnect_group_here(name)

    async def disconnect_group_here(self, name: str) -> None:
        """Disconnect the clients of a group on this worker."""
        for sid, namespace in self._clients_in(group(name)):
            await self.server.disconnect(sid, namespace, ignore_queue=True)

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: str | Iterable[str] | None = None,
        callback: Any = None,
        to: Any = None,
        **options: Any,
    ) -> None:
        """Extends AsyncManager.emit, which makes a task for each recipient, and reaches the clients of one
        namespace: relay rooms and groups have clients of any. It skips single clients only, no rooms. With a
        callback it encodes the event in that task, so that the caller never learns what can't be sent. Raises
        as RelayPacket.encode does."""
        room = to or room
        if callback:
            check_one(room)
        name = relayed(room)
        arguments = data if isinstance(data, tuple) else () if data is None else (data,)
        skip = self._skipped([skip_sid] if isinstance(skip_sid, str) else list(skip_sid or ()))
        if self.on_emit is not None:
            self.on_emit(event, arguments, namespace, room, skip)
        if name is None or callback:
            if callback:
                RelayPacket(packet.EVENT, [event, *arguments]).encode()
            for each in self.namespaces_with(room) if of_any_namespace(room) else [namespace]:
                await super().emit(event, data, each, room, skip, callback, **options)
            return
        self.fanout.send(name, event, arguments, volatile=True, skip=skip)

    def _skipped(self, names: list[str]) -> list[str]:
        """Return the clients of this worker that have one of these sids, or are in one of these rooms."""
        return names + [sid for name in names for sid, _ in self._clients_in(name)]
