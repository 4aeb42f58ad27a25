"""The relay: rooms whose every entry reaches every member, in order. All an application has to know of it.

    relay = Relay.on_redis(url, event_of)          # or Relay.in_memory(event_of)
    server = RelayServer(relay.manager)            # starts and stops what runs
    await relay.join(sid, "lobby")                 # live entries from now on …
    page, reset = await relay.resume("lobby", after=17, epoch="x3p9")  # … and what came before
    await relay.append("lobby", Post(id, data))    # kept, numbered, and on its way to every member
    await relay.join(sid, "lobby", Member(id, name))  # … and others are told who is there, with `presence`
    await relay.store.once("key", b"value")        # what the workers know in common besides

It knows nothing of what the entries mean.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from relay.delivery.fanout import EventOf
from relay.delivery.people import Member, People
from relay.delivery.room_names import NAMESPACE, channel, group
from relay.local_manager import LocalManager
from relay.log.log import Amendment, Appended, Head, Log, Page
from relay.log.post import Post
from relay.log.rules import Rules
from relay.log.store import Store
from relay.manager import RelayManager
from relay.redis.info import RedisInfo


class Resumed(NamedTuple):
    """`reset`: the numbers asked about mean nothing in this log; forget all, and begin with this page."""

    page: Page
    reset: bool


class Relay:
    """Everything that asks the log raises LogUnavailable within 2 s when it can't be reached."""

    def __init__(self, manager: LocalManager | RelayManager) -> None:
        self.manager = manager
        self.store: Store = manager.store
        self.rules: Rules = manager.log.rules
        self._log: Log = manager.log

    @classmethod
    def in_memory(cls, event_of: EventOf, **options: Any) -> "Relay":
        """For one process. Options as of LocalManager."""
        return cls(LocalManager(event_of, **options))

    @classmethod
    def on_redis(cls, url: str, event_of: EventOf, **options: Any) -> "Relay":
        """For any number of processes on one Redis. Options as of RelayManager."""
        return cls(RelayManager(url, event_of, **options))

    async def join(self, sid: str, room: str, member: Member | None = None) -> None:
        """Make a client a member: it is told what is appended from now on, beginning no later than at
        the head of the log when this returns. Read the log after this and not before, then nothing falls in
        between; what comes twice is known by its `seq`. On LogUnavailable the client is a member all the
        same, and is told what is appended after this worker has found the log again.

        `member` is who the others are told is there, on every worker; see presence.py for the event."""
        await self.manager.enter_room(sid, NAMESPACE, channel(room))
        if member is not None:
            await self.manager.arrive(sid, room, member)
        await self.manager.set_baseline(room)

    async def leave(self, sid: str, room: str) -> None:
        """Tell a client no more of a room. Its member is gone at once, unlike that of a client that breaks
        off."""
        self.manager.presence.depart(sid, room, at_once=True)
        await self.manager.leave_room(sid, NAMESPACE, channel(room))

    def joined(self, sid: str, room: str) -> bool:
        """Whether this worker's client is a member of the room."""
        return sid in self.manager.rooms.get(NAMESPACE, {}).get(channel(room), {})

    def people(self, room: str) -> People:
        """Who is in a room that has members on this worker. Whoever is given this as its answer is told of
        every change from here on, if no wait comes in between."""
        return self.manager.presence.people(room)

    async def append(self, room: str, post: Post) -> Appended:
        """Keep a post and send it to every member on every worker; see Log.append."""
        return await self._log.append(room, post)

    async def amend(
        self, room: str, seq: int, id: str, data: bytes, notice_id: str, notice: bytes
    ) -> Appended:
        """Put other data in an entry's place, and send a notice to every member; see Log.amend."""
        return await self._log.amend(room, seq, id, data, notice_id, notice)

    async def amend_each(
        self, room: str, amendments: Sequence[Amendment], notice_id: str, notice: bytes
    ) -> Appended:
        """The same of some dozen entries, with one notice; see Log.amend_each."""
        return await self._log.amend_each(room, amendments, notice_id, notice)

    async def logs(self) -> set[str]:
        """The rooms that have a log."""
        return await self._log.logs()

    async def clear(self, room: str) -> None:
        """Forget a room's log; its members are not told. Who comes back with numbers of it starts over."""
        await self._log.clear(room)

    async def read(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 200
    ) -> Page:
        """Entries of a room, oldest first; see Log.read."""
        return await self._log.read(room, after=after, before=before, limit=limit)

    async def head(self, room: str) -> Head:
        """The room's last number and epoch."""
        return await self._log.head(room)

    async def heads(self, rooms: Collection[str]) -> dict[str, Head]:
        """The same of many rooms, in one round trip."""
        return await self._log.heads(rooms)

    async def resume(
        self, room: str, *, after: int | None = None, epoch: str | None = None, limit: int = 200
    ) -> Resumed:
        """What came after `after` in the log of `epoch`; its newest page if nothing is known yet, or if the
        log is another one than the client knew."""
        page = await self._log.read(room, after=after, limit=limit)
        known = after is None or (after <= page.head.seq and epoch in (None, page.head.epoch))
        if known:
            return Resumed(page, reset=False)
        return Resumed(await self._log.read(room, limit=limit), reset=True)

    async def emit_ephemeral(
        self, event: str, data: Any, room: str, skip_sid: str | list[str] | None = None
    ) -> None:
        """Emit to the room's members on every worker, once, best effort: neither kept nor ordered."""
        await self.manager.emit(event, data, namespace=NAMESPACE, room=channel(room), skip_sid=skip_sid)

    async def group(self, sid: str, name: str) -> None:
        """Put a client in a group, which `disconnect_group` ends."""
        await self.manager.enter_room(sid, NAMESPACE, group(name))

    async def disconnect_group(self, name: str) -> None:
        """Disconnect every client of a group on every worker. Raises LogUnavailable if other workers could
        not be told; those here are gone all the same."""
        await self.manager.disconnect_group(name)

    async def disconnect_group_here(self, name: str) -> None:
        """Disconnect a group's clients on this worker."""
        await self.manager.disconnect_group_here(name)

    async def emit_to_group(self, event: str, data: Any, name: str) -> None:
        """Emit to every client of a group on every worker, once, best effort."""
        await self.manager.emit(event, data, namespace=NAMESPACE, room=group(name))

    def problem(self) -> str | None:
        """Why this worker can't serve, in one sentence, or None if it can."""
        return self.manager.problem()

    async def redis_info(self) -> RedisInfo | None:
        """Return what Redis says of its state; None without Redis."""
        return await self.manager.redis_info()
