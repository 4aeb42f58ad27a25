"""One Socket.IO connection over aiohttp: by WebSocket, by polling, or from the one to the other.

Not python-socketio's client: that one handles every packet in a task of its own, and a harness that judges
order must not shuffle; it also parses each packet for each client, at the cost of the stack beside it.

Protocols: github.com/socketio/engine.io-protocol (4) and github.com/socketio/socket.io-protocol (5).
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import aiohttp

from tests.faults.transports import FAILURES, ConnectionFailed, Polling, Transport, WebSocket

OPENING = 10.0
"""Seconds that opening a connection may take."""
PATH = "/sio/socket.io/"


class Lost(Exception):
    """The connection ended, or was given up, before an answer came."""


class Connection:
    """A connection to the namespace `/`. `heard(event, arguments)` is called for each event, in order."""

    def __init__(
        self, transport: Transport, opening: dict[str, Any], heard: Callable[[str, list[Any]], None]
    ) -> None:
        self.sid = str(opening["sid"])
        self.ended = asyncio.Event()
        self.was_silent = False
        """Whether it is given up because nothing came any more."""
        self.why = ""
        """Why it ended, for a person to read."""
        self._transport = transport
        self._heard = heard
        self._silence = (opening["pingInterval"] + opening["pingTimeout"]) / 1000
        self._next: Transport | None = None
        self._outgoing: list[str] = []
        self._waiting = asyncio.Event()
        self._sending = asyncio.Lock()
        self._asked = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks = [asyncio.create_task(self._until_it_ends(work)) for work in (self._read, self._write)]

    @classmethod
    async def open(
        cls,
        http: aiohttp.ClientSession,
        url: str,
        transports: Sequence[str],
        auth: dict[str, Any],
        heard: Callable[[str, list[Any]], None],
        within: float = OPENING,
    ) -> "Connection":
        """Connect by the first of `transports` within so many seconds, upgrade if there is a second. Raises
        ConnectionFailed."""
        kind = Polling if transports[0] == "polling" else WebSocket
        opened: Transport | Connection | None = None
        try:
            async with asyncio.timeout(within):
                opened = transport = await kind.open(http, url + PATH)
                opening = json.loads((await transport.receive())[0][1:])
                transport.belongs_to(opening["sid"])
                opened = connection = cls(transport, opening, heard)
                connection._send("40" + json.dumps(auth))
                await asyncio.wait([connection._welcome])
                connection._welcome.result()
        except (*FAILURES, ConnectionFailed) as error:
            if opened:
                opened.cut()
            raise ConnectionFailed(f"{type(error).__name__}: {error}") from error
        if "websocket" in transports[1:]:
            connection._tasks.append(asyncio.create_task(connection._upgrade(http, url + PATH)))
        return connection

    @property
    def route(self) -> str:
        """The route of the worker that has this session (of a server whose ids begin so)."""
        return self.sid[:32]

    @property
    def transport(self) -> str:
        return self._transport.name

    async def ask(self, event: str, *arguments: Any, within: float) -> Any:
        """Emit an event and return the first argument of its acknowledgement. Raises Lost, at the latest
        after `within` seconds: a server that does not answer in time is one that is no longer there."""
        self._asked += 1
        number = self._asked
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        if self.ended.is_set():
            raise Lost("the connection has ended")
        self._send(f"42{number}" + json.dumps([event, *arguments]))
        try:
            async with asyncio.timeout(within):
                return await answer
        except TimeoutError:
            self.was_silent = True
            self.why = self.why or f"{event} was not answered within {within:g} s"
            raise Lost(self.why) from None
        finally:
            del self._answers[number]

    async def close(self) -> None:
        """Say goodbye and end. Whoever says goodbye asks for no more."""
        self._tasks[0].cancel()
        with suppress(*FAILURES, ConnectionFailed):
            async with asyncio.timeout(2), self._sending:
                await self._transport.close()
        self.cut()

    def cut(self) -> None:
        """End without a goodbye."""
        self._end("cut")
        self._transport.cut()
        if self._next:
            self._next.cut()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()

    def _end(self, reason: str) -> None:
        self.why = self.why or reason
        self.ended.set()
        for awaited, error in [
            (self._welcome, ConnectionResetError),
            *((one, Lost) for one in self._answers.values()),
        ]:
            if not awaited.done():
                awaited.set_exception(error(reason))
                awaited.exception()  # seen, even if nobody waits for it any more

    async def _until_it_ends(self, work: Callable[[], Any]) -> None:
        try:
            await work()
        except (*FAILURES, ConnectionFailed) as error:
            self.was_silent = isinstance(error, TimeoutError)
            self._end(f"{type(error).__name__}: {error}")
            self._transport.cut()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._silence) as patience:
            while True:
                for packet in await self._transport.receive():
                    if packet == "2":
                        patience.reschedule(loop.time() + self._silence)
                        self._send("3")
                    else:
                        self._take(packet)
                if self._next:
                    # The server ends the poll under way once it has seen the probe.
                    async with self._sending:
                        await self._next.send(["5"])
                        self._transport, self._next = self._next, None

    async def _write(self) -> None:
        while True:
            await self._waiting.wait()
            async with self._sending:
                self._waiting.clear()
                packets, self._outgoing = self._outgoing, []
                await self._transport.send(packets)

    async def _upgrade(self, http: aiohttp.ClientSession, url: str) -> None:
        """Move to a WebSocket; where that fails, polling goes on, as in browsers."""
        with suppress(*FAILURES, ConnectionFailed):
            async with asyncio.timeout(OPENING):
                websocket = await WebSocket.open(http, url, sid=self.sid)
                try:
                    await websocket.send(["2probe"])
                    if await websocket.receive() == ["3probe"]:
                        self._next = websocket
                finally:
                    if not self._next:
                        websocket.cut()

    def _send(self, packet: str) -> None:
        self._outgoing.append(packet)
        self._waiting.set()

    def _take(self, packet: str) -> None:
        kind = packet[:2]
        if kind == "42":
            event, *arguments = _parsed(packet[2:])
            self._heard(event, arguments)
        elif kind == "43":
            number, _, arguments = packet[2:].partition("[")
            answer = self._answers.get(int(number))
            if answer and not answer.done():
                answer.set_result(_parsed("[" + arguments)[0])
        elif kind == "40" and not self._welcome.done():
            self._welcome.set_result(None)
        elif kind == "44":
            raise ConnectionFailed(f"refused: {packet[2:]}")
        elif kind in ("41", "1"):
            raise ConnectionFailed("the server said goodbye")


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Any:
    """The server sends the same bytes to all members of a room, and here they all live in one process: parse
    once. What comes out is shared, hence for reading only."""
    return json.loads(text)
