"""The connection to the server. Connects again by itself. Knows no room."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import socketio
from socketio.exceptions import ConnectionError as NotConnected
from socketio.exceptions import SocketIOError

from relay.recovery.backoff import Backoff

Answer = dict[str, Any]

ANSWER_WITHIN = 10.0
"""Seconds; the server answers within 2 s even while its Redis is away."""
CONNECT_WITHIN = 15.0
LASTED = 10.0
"""Seconds; a connection that lasted so long counts as one that works."""
CLOSE_WITHIN = 5.0
HANGS_UP = {1000, 1002, 1003, 1007, 1008, 1009}
"""How the server ends a WebSocket because of what it was sent: close codes of RFC 6455, section 7.4.1."""

log = logging.getLogger("relay.client")


def refusal(error: str, detail: str) -> Answer:
    """Return an answer that the client makes itself."""
    return {"ok": False, "error": error, "detail": detail}


UNANSWERED = refusal("unanswered", "No answer came.")


class Listener(Protocol):
    def up(self) -> None: ...

    def down(self) -> None: ...

    def receive(self, entry: dict[str, Any]) -> None: ...


class Connection:
    """Each connection has a client of its own: python-socketio's carries the state of one that broke into the
    next."""

    def __init__(
        self,
        make: Callable[[], socketio.AsyncClient],
        connect: Callable[[socketio.AsyncClient], Awaitable[None]],
    ) -> None:
        """`make` returns a client that does not connect again by itself; `connect` connects it."""
        self._make = make
        self._connect = connect
        self._sio: socketio.AsyncClient | None = None
        self._lost = asyncio.Event()
        self._asked: set[asyncio.Future[Any]] = set()
        self._backoff = Backoff(0.5, 5.0)
        self._moving = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.listeners: list[Listener] = []
        self.refusal: Any = None
        """What the server said when it did not let the client in; None once it did."""
        self.hung_up = False
        """Whether the server ended the last connection because of what it was sent. Over polling
        python-socketio does not say."""
        self._running = asyncio.create_task(self._run())

    @property
    def connected(self) -> bool:
        return self._sio is not None

    async def ask(self, event: str, argument: dict[str, Any]) -> Answer:
        """Return the server's answer, `{ok: True, …}` or `{ok: False, error, …}`, or UNANSWERED."""
        if self._sio is None:
            return UNANSWERED
        asked = asyncio.ensure_future(self._sio.call(event, argument, timeout=ANSWER_WITHIN))
        lost = asyncio.ensure_future(self._lost.wait())
        self._asked.add(asked)
        try:
            await asyncio.wait({asked, lost}, return_when=asyncio.FIRST_COMPLETED)
            answer = asked.result() if asked.done() else None
        except SocketIOError:
            answer = None
        finally:
            self._asked.discard(asked)
            for each in (asked, lost):
                each.cancel()
        return answer if isinstance(answer, dict) else UNANSWERED

    async def close(self) -> None:
        """Disconnect, and do not connect again."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            sio = self._make()
            try:
                if await self._open(sio):
                    await self._stay(sio)
            finally:
                self._start(_end(sio))
            if not self._moving:
                await asyncio.sleep(self._backoff.next())
            self._moving = False

    async def _open(self, sio: socketio.AsyncClient) -> bool:
        """Return whether it is connected now."""
        refusals: list[Any] = []
        self._lost = lost = asyncio.Event()
        sio.on("entry", self._receive)
        sio.on("moved", lambda about: self._start(self._move(sio, float(about["within"]))))
        sio.on("disconnect", lambda *_: lost.set())
        sio.on("connect_error", refusals.append)
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._connect(sio)
        except NotConnected as error:
            self.refusal = refusals[-1] if refusals else str(error)
        except Exception as error:  # python-engineio lets some pass when a connection breaks as it is made
            self.refusal = str(error)
        else:
            self.refusal = None
            return True
        log.info("Not connected: %s", self.refusal)
        return False

    async def _stay(self, sio: socketio.AsyncClient) -> None:
        """Return when the connection is lost."""
        began = time.monotonic()
        lost = self._lost
        self._sio = sio
        self.hung_up = False
        for listener in [*self.listeners]:
            listener.up()
        # Where the connection broke before it was ready, there is no event `disconnect`.
        self._start(sio.eio.wait()).add_done_callback(lambda _: lost.set())
        try:
            await lost.wait()
        finally:
            self._sio = None
            lost.set()
            self.hung_up = getattr(sio.eio.ws, "close_code", None) in HANGS_UP
            for listener in [*self.listeners]:
                listener.down()
        # One that breaks as soon as it is there would otherwise be opened twice a second, for ever.
        if time.monotonic() - began >= LASTED:
            self._backoff.reset()

    def _receive(self, entry: Any) -> None:
        for listener in [*self.listeners]:
            listener.receive(entry)

    async def _move(self, sio: socketio.AsyncClient, within: float) -> None:
        """Connect again, as the server asks, once every question is answered or after half of `within`
        seconds."""
        self._moving = True
        if self._asked:
            await asyncio.wait({*self._asked}, timeout=within / 2)
        await sio.disconnect()

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _end(sio: socketio.AsyncClient) -> None:
    """Disconnect, and close the HTTP session. What reads ends first: it would open another session."""
    for step in (sio.disconnect if sio.connected else sio.eio.wait, sio.disconnect):
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_WITHIN):
                await step()
