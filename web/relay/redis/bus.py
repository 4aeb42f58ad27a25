"""The bus: what one worker receives from Redis' channels, over a connection that is replaced whenever in
doubt.

It has its own connection, because a subscribed one can do nothing else. While the connection lives, it is
read, subscriptions are adjusted, many in one command, and once a second the worker sends its probe: it writes
a key and publishes on a channel of its own. If the worker has not received its own probe for `SILENCE`
seconds, the connection is replaced. So it does not matter whether the connection fails, stays silent, or
Redis takes no writes. The probe also decides whether the worker is ready; see `problem`.

Channels are sharded ones (SSUBSCRIBE, since Redis 7), which belong to a hash slot as keys do, so that each
node of a cluster carries its own. The control channel is not: python-socketio's managers publish on it.

Redis does not keep what it publishes while no connection lives. `subscribed` is called whenever a channel's
subscription begins anew, so that what was missed is looked for.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from relay.log.log import LogUnavailable
from relay.redis.connection import Connection
from relay.redis.connector import Connect
from relay.redis.link import Link
from relay.redis.partitions import tag_of
from relay.redis.reserve import ORDER, Reserve

logger = logging.getLogger(__name__)

PROBE = 1.0
"""Seconds between two probes."""
SILENCE = 3.0
"""Seconds without its own probe after which a worker replaces the connection and is not ready."""
ALIVE = 6
"""Seconds after a worker's last probe until it is missing for other workers."""
PAUSES = 0.05, 1.0
"""Seconds before the second attempt to reconnect, and at most; the first attempt is made at once."""
TURN = 50
"""Messages that are handed on at most before other tasks get a turn. A burst is read at once, and its entries
have to be delivered in between."""

SILENT = "Redis is silent"


class Bus:
    def __init__(
        self,
        connect: Connect,
        link: Link,
        probe: str,
        control: str | None,
        received: Callable[[str, bytes], None],
        subscribed: Callable[[str], None],
    ) -> None:
        """`probe`: a key and channel of this worker's own. `control`: the channel that is not sharded; None:
        none. `received(channel, payload)` and
        `subscribed(channel)` may not wait."""
        self._connect = connect
        self._link = link
        self._reserve = Reserve(link)
        self._probe = probe
        self._received = received
        self._subscribed = subscribed
        self._control = control
        self._wanted: set[str] = {control} if control is not None else set()
        self._changed = asyncio.Event()
        self._ending: Counter[str] = Counter()  # subscriptions whose end is not confirmed yet
        self._probe_subscribed = asyncio.Event()
        self._timeout: asyncio.Timeout | None = None
        self._began = monotonic()
        self._probe_at: float | None = None
        self._failures = 0
        self._trouble = SILENT
        self._markers = 0
        self._awaited: dict[bytes, asyncio.Future[None]] = {}  # markers that are to come back

    def subscribe(self, channel: str) -> None:
        """Receive a channel from now on; `unsubscribe` ends it. Both take effect shortly after."""
        self._wanted.add(channel)
        self._changed.set()

    def want(self, channels: set[str]) -> None:
        """Receive these channels and no others."""
        self._wanted = {*channels, *([self._control] if self._control is not None else [])}
        self._changed.set()

    def unsubscribe(self, channel: str) -> None:
        """Receive a channel no more."""
        self._wanted.discard(channel)
        self._changed.set()

    def probe_age(self) -> float | None:
        """Return the seconds since the worker received its own probe; None if it never did."""
        return None if self._probe_at is None else monotonic() - self._probe_at

    def silent_for(self) -> float:
        """Return the seconds since the worker received its own probe, or since it started."""
        return monotonic() - (self._probe_at or self._began)

    def problem(self) -> str | None:
        """Return why this worker can't serve, in one sentence; None if it can."""
        ago = self.probe_age()
        if ago is not None and ago <= SILENCE:
            return None
        since = "since it started" if ago is None else f"for {ago:.0f} s"
        return f"the worker has not heard its own probe through Redis {since}: {self._trouble}"

    def away(self) -> list[str]:
        """Return the shards that don't answer while others do: there is only one."""
        return []

    def lacks(self) -> list[str]:
        """Return what a cluster lacks: there is none."""
        return []

    def stats(self) -> None:
        """Return how each shard is: one Redis has none."""

    async def receive_all(self) -> None:
        """Return once everything that was published before this call has been received. It publishes a marker
        on the worker's own channel, which comes behind all that. Raises TimeoutError after `SILENCE` seconds,
        and LogUnavailable if nothing can be published."""
        self._markers += 1
        marker = b"%d" % self._markers
        received = self._awaited[marker] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(SILENCE):
                await self._link.send(("SPUBLISH", self._probe, marker))
                await received
        finally:
            del self._awaited[marker]

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                async with asyncio.timeout(SILENCE) as self._timeout:
                    await self._serve()
            except* Exception as errors:
                self._note(errors)
            await asyncio.sleep(self._pause())

    async def _serve(self) -> None:
        lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

        def lose(error: Exception) -> None:
            if not lost.done():
                lost.set_result(error)

        self._probe_subscribed.clear()
        self._ending.clear()
        connection = await self._connect(self._receive, lose, TURN)
        try:
            connection.send(_packed("SSUBSCRIBE", self._probe))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_subscribed(connection))
                tasks.create_task(self._keep_probing())
                raise await lost
        finally:
            connection.close()

    async def _keep_subscribed(self, connection: Connection) -> None:
        current: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._wanted)
            for channels in self._in_one_command(wanted - current):
                plain = self._control in channels
                connection.send(_packed("SUBSCRIBE" if plain else "SSUBSCRIBE", *channels))
            for channels in self._in_one_command(current - wanted):
                self._ending.update(channels)
                connection.send(_packed("SUNSUBSCRIBE", *channels))
            current = wanted
            await self._changed.wait()

    def _in_one_command(self, channels: set[str]) -> Iterable[list[str]]:
        """Group channels by hash slot, as a node of a cluster takes them."""
        groups: dict[str, list[str]] = {}
        for channel in channels:
            groups.setdefault("" if channel == self._control else tag_of(channel), []).append(channel)
        return groups.values()

    async def _keep_probing(self) -> None:
        await self._probe_subscribed.wait()
        while True:
            try:
                # Written too, so that a Redis that is loading or read-only fails the probe. One that is full
                # of entries does not: clients can still read, and memory can be freed.
                written = ("SET", self._probe, "", "EX", ALIVE)
                await self._reserve.run(self._probe, written, ("SPUBLISH", self._probe, ""), share=ORDER)
            except LogUnavailable as error:
                self._trouble = str(error)
            await asyncio.sleep(PROBE)

    def _receive(self, messages: list[Any]) -> None:
        for message in messages:
            if isinstance(message, RedisError):
                raise message
            kind, channel = message[0], message[1].decode()
            if kind in (b"smessage", b"message"):
                if channel == self._probe:
                    self._probe_received(message[2])
                else:
                    self._received(channel, message[2])
            elif kind in (b"ssubscribe", b"subscribe"):
                if channel == self._probe:
                    self._probe_subscribed.set()
                else:
                    self._subscribed(channel)
            elif kind == b"sunsubscribe":
                self._ended(channel)

    def _ended(self, channel: str) -> None:
        """Raise RedisError for a subscription that nobody here ended. A node of a cluster ends those of a
        slot that it gives away; the next connection has all that is wanted of it."""
        if not self._ending[channel]:
            raise RedisConnectionError(f"the node ended a subscription; its slot has moved: {channel}")
        self._ending[channel] -= 1
        self._ending += Counter()  # drops what is 0

    def _probe_received(self, marker: bytes) -> None:
        if marker:  # says nothing about whether Redis takes writes
            if (received := self._awaited.get(marker)) is not None and not received.done():
                received.set_result(None)
            return
        if self._failures:
            logger.info("hears itself through Redis again")
        self._failures = 0
        self._trouble = SILENT
        self._probe_at = monotonic()
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + SILENCE)

    def _note(self, errors: BaseExceptionGroup[Exception]) -> None:
        error: BaseException = errors
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, TimeoutError):
            self._trouble = str(error) or type(error).__name__
        level = logging.DEBUG if self._failures else logging.WARNING  # once an outage
        logger.log(level, "replacing the connection to Redis: %s", self._trouble)

    def _pause(self) -> float:
        """Return 0 at first, then doubling up to a cap; with jitter, so that workers don't all come at
        once."""
        self._failures += 1
        if self._failures == 1:
            return 0.0
        first, most = PAUSES
        return min(most, first * 2.0 ** min(self._failures - 2, 16)) * random.uniform(0.5, 1.0)


def _packed(*words: str) -> bytes:
    packed: bytes = pack_command(words)  # type: ignore[arg-type]
    return packed
