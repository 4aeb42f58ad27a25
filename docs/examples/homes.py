"""Sessions that are in the memory of one worker, their home, with a task. When that worker ends, is killed or
is cut off, another worker that has a client of the session goes on with what was kept of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from time import monotonic
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
OWN = ("home", "whole")
"""Fields of the record that are not the application's."""

logger = logging.getLogger(__name__)


class Moved(Exception):
    """The session has another home by now, or has ended."""


class Session:
    """A session whose home is here. Its record has the fields that are kept and two more. `home` is an id
    that is made anew each time: no task writes that was here before, not even if the session went elsewhere
    meanwhile and came back. `whole` ends no later than any other field: where it is missing, the session has
    ended."""

    def __init__(self, relay: Relay, name: str, kept: dict[str, bytes]) -> None:
        self.name = name
        self.kept = kept
        self.task: asyncio.Task[None] | None = None
        self.home = uuid4().hex.encode()
        self._relay = relay
        self._renew_at = monotonic() + GRANTED / 4

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.done()

    async def write(self, **fields: bytes | None) -> None:
        """Keep these fields too; None deletes one. Raises Moved, and LogUnavailable, after which it may be
        done again."""
        new = {field: value for field, value in (self.kept | fields).items() if value is not None}
        if len(new) > MOST or fields.keys() & {*OWN}:
            raise ValueError(f"A session has at most {MOST} fields, none of them called {OWN}.")
        self.kept = new  # before it is written: `claim` writes all of it
        await self._change(self.home, fields)

    async def end(self) -> None:
        """Forget all that is kept. Raises as `write`."""
        self.stop()
        await self._change(self.home, dict.fromkeys([*self.kept, *OWN]))

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def claim(self, home: bytes | None, ended: Iterable[str] = ()) -> None:
        """Have the home here, if it is `home`, without the fields that have ended, and let the time of all
        others begin anew. Raises as `write`."""
        fields = {**dict.fromkeys(ended), **self.kept, "whole": b""}
        await self._change(home, fields)

    async def keep(self) -> None:
        """Be heard of as the home. Raises as `write`."""
        if monotonic() < self._renew_at:
            await self._change(self.home, {})
        else:
            await self.claim(self.home)
            self._renew_at = monotonic() + GRANTED / 4

    async def _change(self, home: bytes | None, fields: Mapping[str, bytes | None]) -> None:
        all_fields = {"home": self.home, **fields}
        changes = [
            Drop(self.name, field)
            if value is None
            else Put(self.name, field, value, HELD if field == "home" else GRANTED, MOST + len(OWN))
            for field, value in all_fields.items()
        ]
        expected = Expect(self.name, "home", home)
        if not await self._relay.records.change(self.name, *changes, expect=[expected]):
            raise Moved


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
            home, whole = (kept.pop(field, None) for field in OWN)
            if (session := self._here.get(name)) is not None:
                if session.home == home:
                    return session
                self._forget(session)
            session = Session(self._relay, name, {} if whole is None else kept)
            try:
                await session.claim(home, kept if whole is None else ())
            except Moved:  # another worker was faster
                continue
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
                await session.keep()
            except Moved:
                self._forget(session)
        else:
            self._forget(session)  # what is kept of it is there for a while
