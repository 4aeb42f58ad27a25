"""Two processes of an example, on one Redis."""

import shutil
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.stack.relay.worker import RedisUnderTest
from tests.support.noticeboard import EXAMPLE, started

WEB = Path(__file__).parents[2] / "web"

Worker = tuple[str, Process]
"""Its address, and the process."""


@asynccontextmanager
async def pair(
    redis: RedisUnderTest, folder: Path, *examples: str, **environment: str
) -> AsyncIterator[list[Worker]]:
    """`examples`: the application, and the modules that it needs."""
    for example in examples:
        shutil.copy(EXAMPLE.with_name(f"{example}.py"), folder)
    environment |= {"REDIS_URL": redis.url, "PYTHONPATH": str(WEB)}
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(started(folder, sys.executable, examples[0], **environment))
            for _ in range(2)
        ]
