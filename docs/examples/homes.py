"""Sessions that are in the memory of one worker, their home, with a task. When that worker ends, is killed or
is cut off, another worker that has a client of the session goes on with what was kept of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
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
OWN = ("home", "alive")
"""Fields of the record that are not the application's."""

logger = logging.getLogger(__name__)


class Moved(Exception):
    """The session has another home by now, or has ended."""


class Session:
    """A session whose home is here. Its record has the fields that are kept and two more. `home` is an id
    that is made anew each time: no task writes that was here before, not even if the session went elsewhere
    meanwhile and came back. It ends no later than any other field: where it is missing, the session has
    ended. `alive` says that the home was heard of lately."""

    def __init__(self, relay: Relay, name: str, kept: dict[str, bytes]) -> None:
        self.name = name
        self.kept = kept
        self.task: asyncio.Task[None] | None = None
        self.home = uuid4().hex.encode()
        self.used_at = monotonic()
        """When it had a client here last."""
        self._relay = relay
        self._renew_at = monotonic() + GRANTED / 4

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.done()

    async def write(self, **fields: bytes | None) -> None:
        """Keep these fields too; None deletes one. Raises Moved, LogUnavailable, after which it may be done
        again unless another task has written these fields meanwhile, and ValueError for what can't be
        kept."""
        before = self.kept
        new = {field: value for field, value in (before | fields).items() if value is not None}
        if len(new) > MOST or fields.keys() & {*OWN}:
            raise ValueError(f"A session has at most {MOST} fields, none of them called {OWN}.")
        self.kept = new  # before it is written: `claim` writes all of it
        try:
            await self._change(self.home, {**fields, "alive": b""})
        except ValueError:  # it is too large
            self.kept = before
            raise

    async def end(self) -> None:
        """Forget all that is kept. Raises as `write`."""
        self.stop()
        await self._change(self.home, dict.fromkeys([*self.kept, *OWN]))

    async def leave(self) -> None:
        """Have another worker take over. Raises as `write`."""
        self.stop()
        await self._change(self.home, {"alive": None})

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def claim(self, home: bytes | None, ended: Iterable[str] = ()) -> None:
        """Have the home here, if it is `home`, without the fields that have ended, and let the time of all
        others begin anew. Raises as `write`."""
        own = {"home": self.home, "alive": b""}
        await self._change(home, {**dict.fromkeys(ended), **self.kept, **own})

    async def keep(self) -> None:
        """Be heard of as the home. Raises as `write`."""
        if monotonic() < self._renew_at:
            await self.write()
        else:
            await self.claim(self.home)
            self._renew_at = monotonic() + GRANTED / 4

    async def _change(self, home: bytes | None, fields: Mapping[str, bytes | None]) -> None:
        changes = [
            Drop(self.name, field)
            if value is None
            else Put(self.name, field, value, HELD if field == "alive" else GRANTED, MOST + len(OWN))
            for field, value in fields.items()
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
        self._left = False
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[Session]:
        """Make this worker the home of a session, and let nobody else here use it meanwhile: not inside of
        another `at` of the same one. The worker that was its home learns of it when it writes. A session that
        there is not begins. Raises LogUnavailable, and Moved after `leave`."""
        if self._left:
            raise Moved
        async with self._locks.setdefault(name, asyncio.Lock()):
            yield await self._fetch(name)

    async def look(self, name: str) -> dict[str, bytes]:
        """Return what is kept of a session. It comes here, or begins here, only if no home of it is heard of.
        Raises as `at`."""
        kept, home, alive = await self._read(name)
        if home is not None and alive is not None:
            return kept
        async with self.at(name) as session:
            return session.kept

    async def _fetch(self, name: str) -> Session:
        if (session := self._here.get(name)) is not None:
            _, home, _ = await self._read(name, *OWN)
            if session.home == home:
                return session
            self._forget(session)
        while True:
            kept, home, _ = await self._read(name)
            session = Session(self._relay, name, {} if home is None else kept)
            try:
                await session.claim(home, kept if home is None else ())
            except Moved:  # another worker was faster
                continue
            self._here[name] = session
            self._came(session)
            return session

    async def _read(self, name: str, *fields: str) -> tuple[dict[str, bytes], bytes | None, bytes | None]:
        [kept] = await self._relay.records.read(Ask(name, name, fields))
        return kept, kept.pop("home", None), kept.pop("alive", None)

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
                except Moved:
                    pass  # this worker ends
                except LogUnavailable as problem:
                    logger.warning("%s", problem)
                except Exception:  # one session must not cost the others their home
                    logger.exception("%s could not be kept", name)

    async def _keep(self, name: str) -> None:
        session, used = self._here.get(name), name in self.names.values()
        if session is None:
            _, home, alive = await self._read(name, *OWN)
            if used and None in (home, alive):
                async with self.at(name):
                    pass
        elif used or session.busy:
            session.used_at = monotonic()
            try:
                await session.keep()
            except Moved:
                self._forget(session)
        elif monotonic() > session.used_at + GRANTED:
            self._forget(session)  # until then what is in memory is there for whoever comes back here

    async def leave(self) -> None:
        """Have other workers take all sessions over, when this one ends: await it before `server.stop()`."""
        self._left = True
        for session in [*self._here.values()]:
            self._forget(session)
            with suppress(Moved, LogUnavailable):  # then they take over when it is not heard of
                await session.leave()
