"""The bus: what one worker hears of Redis' channels, over a connection that is replaced whenever in doubt.

Its own connection, because a subscribed one can do nothing else. Three things run on it while it lives:
it is read; subscriptions follow what is wanted, many changes in one command; and once a second the worker
writes a key and publishes on a channel of its own (the probe). A connection on which the worker has not
heard itself for `SILENCE` seconds is closed and replaced, whether it fails, stays silent or Redis takes no
writes: a Redis that accepts and never answers is a Redis that is down. The same proof is the worker's
readiness (`problem`).

Broadcasts that pass while no connection lives are lost; that is a fact of Redis' channels. `subscribed`
is called for each channel whenever its subscription begins anew, so that somebody looks for what was missed.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from time import monotonic
from typing import Any

from relay.log.log import LogUnavailable
from relay.redis.connector import Connect, Connection
from relay.redis.link import Link
from relay.redis.reserve import ORDER, Reserve

logger = logging.getLogger(__name__)

PROBE = 1.0
"""Seconds between two probes."""
SILENCE = 3.0
"""Seconds without one's own probe after which the connection is replaced and the worker is not ready."""
ALIVE = 6
"""Seconds after a worker's last probe until others see it missing."""
PAUSES = 0.05, 1.0
"""Seconds before reconnecting for the second time and at most; the first time comes at once."""

SILENT = "Redis is silent"


class Bus:
    def __init__(
        self,
        connect: Connect,
        link: Link,
        probe: str,
        heard: Callable[[str, bytes], None],
        subscribed: Callable[[str], None],
    ) -> None:
        """`probe`: a key and channel of this worker's own. `heard(channel, payload)` and
        `subscribed(channel)` may not wait."""
        self._connect = connect
        self._reserve = Reserve(link)
        self._probe = probe
        self._heard = heard
        self._subscribed = subscribed
        self._wanted: set[str] = set()
        self._changed = asyncio.Event()
        self._patience: asyncio.Timeout | None = None
        self._began = monotonic()
        self._heard_at: float | None = None
        self._failures = 0
        self._trouble = SILENT

    def subscribe(self, channel: str) -> None:
        """Want to hear a channel from now on; `unsubscribe` ends it. Both take effect shortly after."""
        self._wanted.add(channel)
        self._changed.set()

    def unsubscribe(self, channel: str) -> None:
        self._wanted.discard(channel)
        self._changed.set()

    def heard_ago(self) -> float | None:
        """Seconds since the worker heard its own probe through Redis; None if it never did."""
        return None if self._heard_at is None else monotonic() - self._heard_at

    def silent_for(self) -> float:
        """Seconds since the worker heard its own probe, or since it started."""
        return monotonic() - (self._heard_at or self._began)

    def problem(self) -> str | None:
        """Why this worker can't serve, in one sentence, or None if it can."""
        ago = self.heard_ago()
        if ago is not None and ago <= SILENCE:
            return None
        since = "since it started" if ago is None else f"for {ago:.0f} s"
        return f"the worker has not heard its own probe through Redis {since}: {self._trouble}"

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            connection = self._connect()
            try:
                async with asyncio.timeout(SILENCE) as self._patience:
                    await self._serve(connection)
            except* Exception as errors:
                self._note(errors)
            finally:
                await connection.disconnect(nowait=True)
            await asyncio.sleep(self._pause())

    async def _serve(self, connection: Connection) -> None:
        await connection.connect()
        await connection.send_command("SUBSCRIBE", self._probe, check_health=False)
        await connection.read_response()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_subscribed(connection))
            tasks.create_task(self._keep_probing())
            await self._read(connection)

    async def _keep_subscribed(self, connection: Connection) -> None:
        current: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._wanted)
            if new := wanted - current:
                await connection.send_command("SUBSCRIBE", *new, check_health=False)
            if gone := current - wanted:
                await connection.send_command("UNSUBSCRIBE", *gone, check_health=False)
            current = wanted
            await self._changed.wait()

    async def _keep_probing(self) -> None:
        while True:
            try:
                # Together, so that a Redis that is loading or read-only fails the probe too. One that is full
                # of entries does not: reading, and making room, go on.
                await self._reserve.run(
                    ("SET", self._probe, "", "EX", ALIVE), ("PUBLISH", self._probe, ""), share=ORDER
                )
            except LogUnavailable as error:
                self._trouble = str(error)
            await asyncio.sleep(PROBE)

    async def _read(self, connection: Connection) -> None:
        while True:
            message: list[Any] = await connection.read_response()
            kind, channel = message[0], message[1].decode()
            if kind == b"message":
                if channel == self._probe:
                    self._heard_myself()
                else:
                    self._heard(channel, message[2])
            elif kind == b"subscribe":
                self._subscribed(channel)
            await asyncio.sleep(0)  # a burst is read from the buffer without waiting: let its deliveries out

    def _heard_myself(self) -> None:
        if self._failures:
            logger.info("hears itself through Redis again")
        self._failures = 0
        self._trouble = SILENT
        self._heard_at = monotonic()
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time() + SILENCE)

    def _note(self, errors: BaseExceptionGroup[Exception]) -> None:
        error: BaseException = errors
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, TimeoutError):
            self._trouble = str(error) or type(error).__name__
        level = logging.DEBUG if self._failures else logging.WARNING  # once an outage
        logger.log(level, "replacing the connection to Redis: %s", self._trouble)

    def _pause(self) -> float:
        """Nothing at first, then doubling up to a cap; jittered, so that workers don't come all at once."""
        self._failures += 1
        if self._failures == 1:
            return 0.0
        first, most = PAUSES
        return min(most, first * 2.0 ** min(self._failures - 2, 16)) * random.uniform(0.5, 1.0)
