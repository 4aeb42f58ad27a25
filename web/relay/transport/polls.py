"""The polls of one session, one at a time, and what the last of them was answered with.

Engine.IO does not acknowledge what a poll brought, and HTTP clients and proxies repeat a GET whose connection
broke. So a poll takes nothing once its client has gone or another poll came; and what a poll took is kept
until the next one shows that it arrived. The official clients mark each request with a value of its own
(`t`), which a repetition repeats: it gets the same answer again. A client whose polls carry no mark, or
always the same one, gets what comes next.
"""

import asyncio
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive

from relay.delivery.frames import Frame

REPEATS = 10
"""How often one answer is given again. After that the session ends, and its client opens another."""


class TooOften(Exception):
    """One answer was asked for again and again."""


class Polls:
    def __init__(self) -> None:
        self.carried: list[Frame] = []
        """What the last answer brought, for as long as it may be asked for again."""
        self._mark = ""  # of the poll that was answered last
        self._opening = ""  # mark of the handshake
        self._repeats = 0
        self._waiting: asyncio.Future[bool] | None = None

    def opened(self, mark: str) -> None:
        """Note the handshake's mark: a client that uses it again marks no requests."""
        self._opening = mark

    def is_repeated(self, mark: str) -> bool:
        """Return whether the poll that was answered last comes again. Raises TooOften."""
        if not mark or mark == self._opening or mark != self._mark:
            return False
        self._repeats += 1
        if self._repeats > REPEATS:
            raise TooOften
        return True

    def carry(self, frames: list[Frame], mark: str) -> None:
        """Keep what the poll with this mark is answered with."""
        self.carried, self._mark, self._repeats = frames, mark, 0

    async def wait(self, receive: Receive, seconds: float) -> bool:
        """Wait for `wake`. Return False when the client has gone or another poll came. Raises
        TimeoutError."""
        self.end()
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        gone = asyncio.create_task(_until_gone(receive, waiting))
        try:
            async with asyncio.timeout(seconds):
                return await waiting and not gone.done()
        finally:
            gone.cancel()
            if self._waiting is waiting:
                self._waiting = None

    def wake(self) -> None:
        """There is something for the poll that waits."""
        self._settle(True)

    def end(self) -> None:
        """Let the poll that waits end with nothing."""
        self._settle(False)

    def _settle(self, something: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(something)


async def _until_gone(receive: Receive, waiting: asyncio.Future[bool]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if not waiting.done():
        waiting.set_result(False)


def mark_of(environ: dict[str, Any]) -> str:
    """Return what a client marked its request with; empty if it did not."""
    return str(parse_qs(environ["QUERY_STRING"]).get("t", [""])[0])[:64]
