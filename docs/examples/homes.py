"""Sessions that are in the memory of one worker, their home, with a task. When that worker ends, is killed or
is cut off, another worker that has a client of the session goes on with what was kept of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4
from weakref import WeakValueDictionary

from relay import Ask, Drop, Expect, LogUnavailable, Put, Relay

GRANTED = 600
"""Seconds that a session lasts without a client."""
HELD = 6
"""Seconds after which a home that is not heard of is none any more."""
KEEP = 2
"""Seconds between two times that a home is heard of."""
MOST = 100
"""Fields that a session has at most. Each has 64 KiB at most."""

logger = logging.getLogger(__name__)


class Moved(Exception):
    """The session has another home by now, or has ended."""


class Session:
    """A session whose home is here. Its record has what is kept of it, and the field `home` with an id that
    is made anew each time. So no task writes that was here before, not even if the session went elsewhere
    meanwhile and came back."""

    def __init__(self, relay: Relay, name: str, kept: dict[str, bytes]) -> None:
        self.name = name
        self.kept = kept
        self.task: asyncio.Task[None] | None = None
        self.home = uuid4().hex.encode()
        self._relay = relay

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.done()

    async def write(self, **fields: bytes) -> None:
        """Keep these fields too. Raises Moved, and LogUnavailable, after which it may be done again."""
        self.kept |= fields  # before it is written: `Homes.keep` writes all that is kept
        if not await self.claim(self.home, fields):
            raise Moved

    async def end(self) -> None:
        """Forget all that is kept. Raises as `write`."""
        self.stop()
        drops = [Drop(self.name, field) for field in [*self.kept, "home"]]
        if not await self._relay.records.change(self.name, *drops, expect=[self._at(self.home)]):
            raise Moved

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def claim(self, home: bytes | None, fields: dict[str, bytes]) -> bool:
        """Have the home here, and keep these fields, if `home` is the home. Returns whether it was."""
        puts = [Put(self.name, field, value, GRANTED, MOST) for field, value in fields.items()]
        puts.append(Put(self.name, "home", self.home, HELD, MOST))
        return await self._relay.records.change(self.name, *puts, expect=[self._at(home)])

    def _at(self, home: bytes | None) -> Expect:
        return Expect(self.name, "home", home)


class Homes:
    """The sessions whose home is this worker."""

    def __init__(self, relay: Relay, came: Callable[[Session], None]) -> None:
        """`came(session)`: goes on with a session that has its home here from now on."""
        self.names: dict[str, str] = {}
        """The session of each client of this worker, by its sid; the application fills it."""
        self._relay = relay
        self._came = came
        self._here: dict[str, Session] = {}
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[Session]:
        """Make this worker the home of a session, and let nobody else here use it meanwhile. The worker that
        was its home learns of it when it writes. Raises LogUnavailable."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            yield await self._fetch(name)

    async def _fetch(self, name: str) -> Session:
        while True:
            [kept] = await self._relay.records.read(Ask(name, name))
            home = kept.pop("home", None)
            if (session := self._here.get(name)) is not None:
                if session.home == home:
                    return session
                self._forget(session)
            session = Session(self._relay, name, kept)
            if await session.claim(home, kept):  # else another worker was faster
                self._here[name] = session
                self._came(session)
                return session

    def _forget(self, session: Session) -> None:
        session.stop()
        if self._here.get(session.name) is session:
            del self._here[session.name]

    async def keep(self) -> None:
        """A background task: as a home be heard of, and take over from one that is not."""
        while True:
            await asyncio.sleep(KEEP)
            for name in {*self.names.values()} | self._here.keys():
                try:
                    await self._keep(name)
                except LogUnavailable as problem:
                    logger.warning("%s", problem)

    async def _keep(self, name: str) -> None:
        session, used = self._here.get(name), name in self.names.values()
        if session is None:
            [kept] = await self._relay.records.read(Ask(name, name, ("home",)))
            if used and not kept:
                async with self.at(name):
                    pass
        elif used or session.busy:
            try:
                await session.write(**session.kept)  # the time of each field begins anew
            except Moved:
                self._forget(session)
        else:
            self._forget(session)  # what is kept of it is there for a while
