"""The polls of one session, one at a time, and what the last of them was answered with.

Engine.IO does not acknowledge answers to polls, and HTTP clients and proxies repeat a GET whose connection
broke. So a poll takes nothing if its client has gone or another poll came. What a poll took is kept until
the next poll shows that it arrived. The official clients mark each request with a value of its own, `t`. A
repetition has the same mark, and gets the same answer again. A client whose polls have no mark, or always the
same one, gets what comes next.
"""

import asyncio
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive

from relay.delivery.frames import Frame

REPEATS = 10
"""How often one answer is given again at most. Then the session ends, and its client opens another."""


PAYLOAD = 16
"""Packets that one poll is answered with at most, attachments among them: python-engineio's own client gives
up on more. A packet with all the attachments that it may have is fewer."""
PAYLOAD_BYTES = 64 * 1024
"""Bytes from which on an answer to a poll gets no further packet."""


class TooOften(Exception):
    """The same answer was asked for too often."""


class Polls:
    def __init__(self) -> None:
        self.carried: list[Frame] = []
        """The frames of the last answer, which may be asked for again."""
        self._mark = ""  # of the poll that was answered last
        self._opening = ""  # mark of the handshake
        self._repeats = 0
        self._waiting: asyncio.Future[bool] | None = None

    def opened(self, mark: str) -> None:
        """Remember the handshake's mark. A client that uses it again does not mark its requests."""
        self._opening = mark

    def is_repeated(self, mark: str) -> bool:
        """Return whether this is the poll that was answered last, repeated. Raises TooOften."""
        if not mark or mark == self._opening or mark != self._mark:
            return False
        self._repeats += 1
        if self._repeats > REPEATS:
            raise TooOften
        return True

    def carry(self, frames: list[Frame], mark: str) -> None:
        """Keep the answer to the poll with this mark."""
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
        """Answer the poll that waits: there are frames for it."""
        self._settle(True)

    def end(self) -> None:
        """Answer the poll that waits with nothing."""
        self._settle(False)

    def _settle(self, something: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(something)


async def _until_gone(receive: Receive, waiting: asyncio.Future[bool]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    if not waiting.done():
        waiting.set_result(False)


def answer_from(queue: asyncio.Queue[Frame]) -> list[Frame]:
    """Take from a session's queue what one poll is answered with."""
    frames: list[Frame] = []
    packets = size = 0
    while queue.qsize() and size < PAYLOAD_BYTES:
        packets += queue._queue[0].packets  # type: ignore[attr-defined]  # there is no other way to look
        if packets > PAYLOAD:
            break
        frames.append(queue.get_nowait())
        size += len(frames[-1].data)
    return frames


def mark_of(environ: dict[str, Any]) -> str:
    """Return the mark of a client's request; empty if there is none."""
    return str(parse_qs(environ["QUERY_STRING"]).get("t", [""])[0])[:64]
