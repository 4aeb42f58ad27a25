"""People who chat: Socket.IO clients that remember each HTTP answer they got and each message they heard."""

import asyncio
import secrets
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from tests.support.session import cookie_name
from tests.support.waiting import PATIENCE, soon

POLLING = ("polling",)
WEBSOCKET = ("websocket",)
# What an ordinary client does: begin by polling, then move to a WebSocket.
ORDINARY = ("polling", "websocket")


@dataclass(frozen=True)
class Answer:
    """How one HTTP request ended: its session, and its status, 101 for an upgrade, 0 if it broke."""

    at: float
    sid: str
    method: str
    status: int

    @property
    def route(self) -> str:
        return self.sid[:32]


def new_room() -> str:
    """A room in which nobody is, and nobody has said anything."""
    return f"test-{secrets.token_hex(6)}"


class Person:
    """A client that comes back by itself, as the official ones do, and talks in a room of its test's own: in
    the lobby is everybody, those of the tests before as well, for as long as they take to leave."""

    def __init__(
        self,
        url: str,
        transports: Sequence[str],
        name: str,
        cookie: str | None = None,
        room: str | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`cookie`: of a browser that signed in; without one, a program that gives its name. `room`: new if
        none is given. `trust`: whom to trust, if not those of this machine."""
        self.name = name
        self.room = room or new_room()
        self.presence: list[tuple[float, dict[str, Any]]] = []
        self.transports = transports
        self.heard: Counter[str] = Counter()
        self.deliveries: Counter[str] = Counter()  # by event, from whatever room
        self.answers: list[Answer] = []
        self.arrivals: list[float] = []
        self.departures: list[float] = []
        self._url = url
        self._cookie = cookie
        self._trust = trust
        self._joined = ""

    async def arrive(self) -> None:
        """Connect, and be in the room."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._answered)
        trace.on_request_exception.append(self._broke)
        connector = aiohttp.TCPConnector(limit=0, ssl=self._trust or True)
        self._http = aiohttp.ClientSession(trace_configs=[trace], connector=connector)
        self._client = socketio.AsyncClient(http_session=self._http, handle_sigint=False)
        self._client.on("connect", self._connected)
        self._client.on("disconnect", self._disconnected)
        self._client.on("response", self._hears)
        self._client.on("presence", self._sees)
        await self._client.connect(
            self._url,
            headers={"Origin": self._url}
            | ({"Cookie": f"{cookie_name(self._url)}={self._cookie}"} if self._cookie else {}),
            auth={"name": self.name},
            transports=list(self.transports),
            socketio_path="/sio/socket.io",
            wait_timeout=PATIENCE,
        )

    async def leave(self) -> None:
        """Say goodbye, and wait until it has arrived: who polls and is silent stays for 48 s, until a ping is
        missed. Who is just coming back is waited for: what is under way may end in a connection."""
        if not self._client.connected:
            await self._client.shutdown()
        await self._client.eio.disconnect()
        await self._http.close()

    async def says(self, text: Any) -> dict[str, Any]:
        """Send a message to the room and return the acknowledgement."""
        return await self.asks("message", text, {"room": self.room})

    async def asks(self, event: str, *arguments: Any) -> dict[str, Any]:
        """Emit an event and return its acknowledgement."""
        ack: dict[str, Any] = await self._client.call(event, arguments, timeout=PATIENCE)
        return ack

    @property
    def sees(self) -> list[str]:
        """The names of those in the room, in order, by what this session was told."""
        people: dict[str, str] = {}
        for _, told in self.presence:
            if "people" in told:
                people.clear()
            people |= {one["id"]: one["name"] for one in told.get("people", ())}
            people |= {one["id"]: one["name"] for one in told.get("joined", ())}
            for one in told.get("left", ()):
                people.pop(one["id"], None)
        return sorted(people.values())

    def gives_up(self) -> None:
        """Not come back once the connection is lost."""
        self._client.reconnection = False

    async def breaks_off(self) -> None:
        """Lose the connection without a word, and come back."""
        await self._client.eio.ws.close()

    async def sends_raw(self, frame: str) -> None:
        """Write a WebSocket frame past the client library, which would not send such a thing."""
        await self._client.eio.ws.send_str(frame)

    async def hears(self, text: str) -> None:
        await soon(lambda: self.heard[text], what=f"{self.name} hears {text!r}")

    @property
    def sid(self) -> str:
        """The Engine.IO session's id; empty while there is none."""
        return str(self._client.eio.sid or "")

    @property
    def route(self) -> str:
        """The route of the worker this session sits on."""
        return self.sid[:32]

    @property
    def transport(self) -> str:
        return str(self._client.transport())

    @property
    def is_here(self) -> bool:
        """Whether this session is in the room."""
        return bool(self._client.connected) and self._joined == self.sid != ""

    @property
    def errors(self) -> list[Answer]:
        return [answer for answer in self.answers if not 100 <= answer.status < 400]

    async def _connected(self) -> None:
        """Join the room: again while Redis is away, and not any more when the session has ended."""
        sid = self.sid
        while self.sid == sid:
            with suppress(SocketIOError):
                if (ack := await self.asks("join", {"room": self.room}))["ok"]:
                    self.presence.append((time.monotonic(), ack["people"]))
                    self.arrivals.append(time.monotonic())
                    self._joined = sid
                    return
            await asyncio.sleep(0.1)

    def _disconnected(self, *_: Any) -> None:
        self.departures.append(time.monotonic())

    def _hears(self, text: str, about: dict[str, Any]) -> None:
        self.deliveries["response"] += 1
        if about["room"] == self.room:
            self.heard[text] += 1

    def _sees(self, told: dict[str, Any]) -> None:
        self.deliveries["presence"] += 1
        if told["room"] == self.room:
            self.presence.append((time.monotonic(), told))

    async def _answered(self, _: Any, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        self._record(end.method, end.url.query.get("sid", ""), end.response.status)
        if end.response.status != HTTPStatus.SWITCHING_PROTOCOLS:
            # The client leaves the body of a refusal unread, and so its connection open. And that an answer
            # broke off it must learn here, as of a request that failed: in its own reading nobody catches the
            # error, and it never comes back.
            await end.response.read()

    async def _broke(self, _: Any, __: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams) -> None:
        self._record(end.method, end.url.query.get("sid", ""), 0)

    def _record(self, method: str, sid: str, status: int) -> None:
        self.answers.append(Answer(time.monotonic(), sid, method, status))


@asynccontextmanager
async def crowd(
    url: str, *transports: Sequence[str], cookies: Sequence[str] = (), room: str | None = None
) -> AsyncIterator[list[Person]]:
    """As many people as transports are given, all in one room on entry, all gone on exit. Cookies and room as
    of Person."""
    room = room or new_room()
    people = [
        Person(url, each, f"person {number}", cookie, room)
        for number, (each, cookie) in enumerate(zip_longest(transports, cookies))
    ]
    try:
        await asyncio.gather(*(person.arrive() for person in people))
        yield people
    finally:
        await asyncio.gather(*(person.leave() for person in people))


@asynccontextmanager
async def on_each_worker(url: str, routes: Sequence[str]) -> AsyncIterator[list[Person]]:
    """One ordinary person on each of these workers, in their order; new sessions are dealt out in turn."""
    async with crowd(url, *[ORDINARY] * 4 * len(routes)) as people:
        yield [next(person for person in people if person.route == route) for route in routes]
