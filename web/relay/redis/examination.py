"""The examination: when a worker starts, Redis is asked whether it is what the relay needs.

What can't become right by itself ends the start, with WrongRedis: a URL of another mode, a command that is
lacking, a right, more replicas than there are nodes. So a rollout with such a setting stops. Container
engines start the process anew, so it also comes back by itself.

What becomes right by itself is waited for, since a worker that ended for it would only come later: Redis is
away, loads its data, or refuses a password that is being changed; a cluster is being created, or lacks slots
or replicas for now. The worker runs meanwhile, and says so in its log and by `problem`. If it turns out only
then that Redis is the wrong one, the worker is not ready until that has changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from relay.redis.needs import WrongRedis

logger = logging.getLogger(__name__)

WITHIN = 2.0
"""Seconds that asking may take, so that much longer it takes a worker to start while Redis is silent."""
AGAIN = 1.0
"""Seconds until Redis is asked once more."""


class Examination:
    def __init__(self, ask: Callable[[], Awaitable[None]]) -> None:
        """`ask`: asks Redis. It raises WrongRedis, and RedisError or OSError if there is no answer yet."""
        self._ask = ask
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.wrong: str | None = None
        """Why Redis is the wrong one, in some sentences."""

    async def begin(self) -> None:
        """Return when Redis was asked, whether it answered or not. Raises WrongRedis."""
        self._task = asyncio.create_task(self._run())
        await self._asked.wait()
        if self.wrong is not None:
            self.end()
            raise WrongRedis(self.wrong)

    def end(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        """Ask until all is well."""
        while True:
            try:
                async with asyncio.timeout(WITHIN):
                    await self._ask()
            except WrongRedis as error:
                self._note(str(error))
            except (RedisError, OSError, TimeoutError) as error:  # its users say so
                logger.debug("Redis could not be examined: %s", error)
            else:
                self.wrong = None
                return
            finally:
                self._asked.set()
            await asyncio.sleep(AGAIN)

    def _note(self, wrong: str) -> None:
        if wrong != self.wrong:
            logger.critical("%s", wrong)
        self.wrong = wrong
