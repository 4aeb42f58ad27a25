"""The bus between workers: python-socketio's Redis manager with bounded waits, that notices when it is deaf
and heals.

Each worker publishes a probe to itself through Redis every second. It proves both directions at once, keeps
the subscription from ever being silent, and so turns a connection that hangs into one that is known to be
dead.
"""

import asyncio
import logging
import math
import random
import time
from collections.abc import AsyncIterator
from typing import Any

import socketio
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

ANSWER_WITHIN = 1.0  # seconds that Redis has for any answer
PROBE_EVERY = 1.0  # seconds
DEAF_AFTER = 3.0  # seconds without a probe: two may be lost
RETRY_AT_MOST = 1.0  # seconds between two attempts to subscribe

FAILURES = (RedisError, OSError, TimeoutError)


class Unavailable(Exception):
    """Redis did not take a broadcast in time: the other workers may not have heard it."""


class RelayManager(socketio.AsyncRedisManager):  # type: ignore[misc]
    """Shares broadcasts with every worker on the same Redis and `channel`. Call `stop` when done."""

    name = "relay"

    def __init__(self, url: str, password: str | None = None, channel: str = "relay") -> None:
        super().__init__(url, channel=channel)
        self.redis: Redis = Redis.from_url(
            url,
            password=password,
            socket_timeout=ANSWER_WITHIN,
            socket_connect_timeout=ANSWER_WITHIN,
            # Once more at once, for a connection that Redis dropped while it lay in the pool.
            retry=Retry(NoBackoff(), retries=1),
        )
        self.probe_channel = f"{channel}:probe:{self.host_id}"
        self.heard_at = -math.inf  # on time.monotonic()'s clock
        self.tasks: set[asyncio.Task[None]] = set()

    def initialize(self) -> None:
        """Replaces AsyncPubSubManager.initialize: the listener, and the probe that watches it; both end with
        `stop`."""
        self.tasks = {asyncio.create_task(self._thread()), asyncio.create_task(self._probe())}

    async def stop(self) -> None:
        """Leave the bus and close every connection."""
        while self.tasks:
            # More than once: Python 3.11 loses a cancellation in asyncio.wait_for, which redis-py sends with,
            # when what it waits for has just ended.
            for task in self.tasks:
                task.cancel()
            _, self.tasks = await asyncio.wait(self.tasks, timeout=ANSWER_WITHIN)
        await self.redis.aclose()

    async def faults(self) -> dict[str, str]:
        """Return what is wrong, by part (`redis`, `bus`), in words; empty if broadcasts reach and leave this
        worker."""
        faults = {}
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self.redis.ping()
        except (TimeoutError, RedisTimeoutError):
            faults["redis"] = f"no answer within {ANSWER_WITHIN:g} s"
        except FAILURES as error:
            faults["redis"] = " ".join(str(error).split())[:200]
        if time.monotonic() - self.heard_at > DEAF_AFTER:
            faults["bus"] = "the worker does not hear its own broadcasts"
        return faults

    async def _publish(self, data: dict[str, Any]) -> int:
        """Replaces AsyncRedisManager._publish: it gave up silently after two tries of unbounded length, each
        of which left the connections and the subscription it replaced open. Raises Unavailable."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return int(await self.redis.publish(self.channel, self.json.dumps(data)))
        except FAILURES as error:
            raise Unavailable(f"Redis took no broadcast within {ANSWER_WITHIN:g} s: {error}") from error

    async def _listen(self) -> AsyncIterator[bytes]:
        """Replaces AsyncRedisManager._listen and _redis_listen_with_retries: they wait up to 60 s before they
        try again, never notice a silent Redis, and leave open what they replace. Yields what workers publish,
        for ever."""
        attempt = 0
        while True:
            subscribed_at = time.monotonic()
            try:
                async with self.redis.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(self.channel, self.probe_channel)
                    await self.redis.publish(self.probe_channel, b"")
                    while time.monotonic() - max(subscribed_at, self.heard_at) < DEAF_AFTER:
                        message = await subscription.get_message(timeout=PROBE_EVERY)
                        if message is None:
                            continue
                        if message["channel"] == self.probe_channel.encode():
                            self._hear(attempt)
                            attempt = 0
                        else:
                            yield message["data"]
                reason = f"silent for {DEAF_AFTER:g} s"
            except FAILURES as error:
                reason = str(error)
            self.heard_at = -math.inf
            if attempt == 0:
                logger.warning("The bus is down, reconnecting until it answers: %s", reason)
            # At once, then within a moment that differs between workers.
            await asyncio.sleep(random.uniform(0, min(RETRY_AT_MOST, 0.1 * 2**attempt)) if attempt else 0)
            attempt = min(attempt + 1, 10)

    def _hear(self, attempt: int) -> None:
        self.heard_at = time.monotonic()
        if attempt:
            logger.warning("The bus is up again")

    async def _probe(self) -> None:
        while True:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self.redis.publish(self.probe_channel, b"")
            except FAILURES:
                pass  # The listener and `faults` notice that it never arrives.
            await asyncio.sleep(PROBE_EVERY)
