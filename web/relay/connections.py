"""Connections: which clients a user has at all workers, and which one client has a role.

What is kept of a name is a value, `{sid: worker}`. A worker that is killed takes nobody out. So clients do
not count whose worker's probe is missing twice: after an outage of Redis all probes are missing for a moment.
A worker that was only cut off puts its clients back when it is connected again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from itertools import islice
from time import monotonic
from typing import Any

from relay.log.log import LogUnavailable
from relay.log.records import MOST_BYTES
from relay.support.utf8_json import encode
from relay.values import DELETE, Values

logger = logging.getLogger(__name__)

AGAIN = 3.0
"""Seconds between the two times that a probe is missing. Within these a worker is back after an outage."""
REMEMBERED = 600.0
"""Seconds for which a worker is known to be dead, unless its probe comes back."""
KEPT = 24 * 3600
"""Seconds for which a value is kept that no worker renews."""
RENEW = 6 * 3600
"""Seconds after which a worker renews the values of its clients."""
AT_ONCE = 100
"""Clients that are put back at once."""
RETRY = 1.0
"""Seconds after which it is tried again what Redis could not be told."""
END = 2.0
"""Seconds that a worker that stops takes for it at most."""


class Wanted(Enum):
    """What is to be kept of a client of this worker."""

    ADDED = auto()
    TAKEN = auto()
    GONE = auto()


class Connections:
    """`relay.connections`. A name is a user or a role: any text of up to 180 characters. A client is its sid,
    or any other text that is at one worker only. All clients of a name have 64 KiB together, which are some
    700 sids; beyond that ValueError is raised. Each method raises LogUnavailable when Redis can't be
    reached. Then a client that was to be added or taken is not, and one that was to be removed is removed
    later. Where a worker was killed, the first who ask at a worker wait for three seconds."""

    def __init__(
        self, values: Values, worker: str, silent: Callable[[list[str]], Awaitable[set[str]]]
    ) -> None:
        """`worker`: this worker's id. `silent(workers)`: those of these whose probe is missing."""
        self._values = values
        self._worker = worker
        self._silent = silent
        self._wanted: dict[tuple[str, str], Wanted] = {}  # of the clients of this worker, by sid and name
        self._unsettled: set[tuple[str, str]] = set()  # those of which Redis may know something else
        self._due = asyncio.Event()
        self._dead: dict[str, float] = {}  # until when they are known to be, by worker

    async def add(self, sid: str, name: str) -> bool:
        """Add a client of this worker to those of a name, such as its user. Returns whether it is the first:
        there is no other one. It stays until `remove`, which is to be called when it disconnects, or when
        `connect` refuses it."""
        return await self._enter(sid, name, Wanted.ADDED)

    async def take(self, sid: str, name: str) -> bool:
        """Have a client of this worker be the only one of a name, such as a role. Returns whether it is: it
        is not while another one is."""
        return await self._enter(sid, name, Wanted.TAKEN)

    async def remove(self, sid: str, name: str) -> bool:
        """Take a client of this worker out. Returns whether it was the last: there is no other one."""
        self._wanted[sid, name] = Wanted.GONE
        others: dict[str, str] = {}

        def leave(clients: dict[str, str] | None) -> Any:
            nonlocal others
            others = _without(clients, gone, sid)
            return None if clients is None else others or DELETE

        with self._settled_later(sid, name):
            gone = await self._gone(name)
            await self._values.change(_value(name), leave, KEPT)
        self._wanted.pop((sid, name), None)
        return not others

    async def of(self, name: str) -> set[str]:
        """Return the clients of a name, at whatever workers."""
        return {*_without(await self._values.read(_value(name)), await self._gone(name))}

    async def run(self) -> None:
        """Called by the relay: until cancelled, put back and take out what Redis does not know, and renew
        what it knows."""
        while True:
            try:
                async with asyncio.timeout(RENEW):
                    await self._due.wait()
            except TimeoutError:
                self.reconnected()
            self._due.clear()
            while self._unsettled:
                some = list(islice(self._unsettled, AT_ONCE))
                try:
                    await asyncio.gather(*(self._settle(*each) for each in some))
                except LogUnavailable as error:
                    logger.debug("clients could not be put back: %s", error)
                    await asyncio.sleep(RETRY)

    def reconnected(self) -> None:
        """Called by the relay: have all clients put back soon, as other workers may have taken this one for
        dead."""
        self._unsettled |= self._wanted.keys()
        self._due.set()

    async def end(self) -> None:
        """Called by the relay, when the worker stops: take out all that is still here, or other workers would
        count it until they take this one for dead. Gives up after a while: then they do."""
        self._wanted = dict.fromkeys(self._wanted, Wanted.GONE)
        left = [*self._wanted]
        with suppress(LogUnavailable, TimeoutError):
            async with asyncio.timeout(END):
                for first in range(0, len(left), AT_ONCE):
                    await asyncio.gather(*(self._settle(*each) for each in left[first : first + AT_ONCE]))

    async def _enter(self, sid: str, name: str, wanted: Wanted) -> bool:
        others: dict[str, str] = {}

        def enter(clients: dict[str, str] | None) -> Any:
            nonlocal others
            others = _without(clients, gone, sid)
            return None if others and wanted is Wanted.TAKEN else {**others, sid: self._worker}

        with self._settled_later(sid, name):
            gone = await self._gone(name)
            try:
                entered = await self._values.change(_value(name), enter, KEPT)
            except ValueError:  # it may speak of a value, which nobody here has made
                if len(encode({**others, sid: self._worker})) <= MOST_BYTES:
                    raise
                raise ValueError(
                    f"{name!r} has {len(others)} clients, and there is no room for one more: all of them "
                    f"have {MOST_BYTES} bytes together. Use several names."
                ) from None
        if entered is not None:
            self._wanted[sid, name] = wanted
        return not others

    @contextmanager
    def _settled_later(self, sid: str, name: str) -> Iterator[None]:
        """Take a client out later if it is unknown whether it is in."""
        try:
            yield
        except (LogUnavailable, asyncio.CancelledError):
            self._wanted[sid, name] = Wanted.GONE
            self._unsettled.add((sid, name))
            self._due.set()
            raise

    async def _gone(self, name: str) -> set[str]:
        """Return the workers of a name's clients that were killed."""
        clients: dict[str, str] = await self._values.read(_value(name)) or {}
        others = {*clients.values()} - {self._worker}
        silent = await self._silent([*others]) if others else set()
        for worker in others - silent:
            self._dead.pop(worker, None)
        if doubtful := silent - self._known_dead():
            await asyncio.sleep(AGAIN)
            still = await self._silent([*doubtful])
            self._dead |= dict.fromkeys(still, monotonic() + REMEMBERED)
            silent = silent - doubtful | still
        return silent

    def _known_dead(self) -> set[str]:
        """Return the workers that were found dead lately. What many clients of one cost is one wait."""
        now = monotonic()
        self._dead = {worker: until for worker, until in self._dead.items() if until > now}
        return {*self._dead}

    async def _settle(self, sid: str, name: str) -> None:
        """Have Redis know of a client what is wanted."""

        def settle(clients: dict[str, str] | None) -> Any:
            others, wanted = _without(clients, set(), sid), self._wanted.get((sid, name), Wanted.GONE)
            if wanted is Wanted.GONE:
                return None if clients is None else others or DELETE
            return None if others and wanted is Wanted.TAKEN else {**others, sid: self._worker}

        try:
            await self._values.change(_value(name), settle, KEPT)
        except ValueError as error:
            logger.warning("A client could not be put back among those of %r: %s", name, error)
        self._unsettled.discard((sid, name))
        if self._wanted.get((sid, name)) is Wanted.GONE:
            del self._wanted[sid, name]


def _value(name: str) -> str:
    return f"clients {name}"


def _without(clients: dict[str, str] | None, workers: set[str], sid: str = "") -> dict[str, str]:
    """Return the clients without those of these workers, and without one."""
    found = (clients or {}).items()
    return {each: worker for each, worker in found if worker not in workers and each != sid}
