"""Two servers of one application of Rooms, on Redis."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from relay import Options, Relay, RelayServer, Rooms, everybody

from tests.stack.relay.worker import RedisUnderTest
from tests.support.application import serving
from tests.support.waiting import soon


@asynccontextmanager
async def two_workers(
    redis: RedisUnderTest, around: Callable[[Any], Any] | None = None
) -> AsyncIterator[tuple[str, str]]:
    """Two servers of one application on Redis; their addresses. `around`: as of `serving`."""
    async with AsyncExitStack() as stack:
        urls = []
        for _ in range(2):
            relay = Relay.on_redis(redis.url, options=Options(prefix=redis.prefix))
            server = RelayServer(relay.manager)
            Rooms(relay, server, authorize=everybody)

            async def group(sid: str, environ: Any, auth: Any, relay: Relay = relay) -> None:
                await relay.group(sid, f"user {auth}")

            server.on("connect", group)
            urls.append(await stack.enter_async_context(serving(server, around)))
            await soon(lambda relay=relay: relay.problem() is None, what="the worker to hear itself")  # type: ignore[misc]
        yield urls[0], urls[1]
