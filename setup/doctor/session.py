"""One session as a browser holds it, by hand, since client libraries hide what a doctor looks for: that an
upgrade failed and was replaced by polling, and which request of a session went astray.

The protocols are Engine.IO 4 (https://socket.io/docs/v4/engine-io-protocol) and Socket.IO 5 on top of it.
"""

import asyncio
import json
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from doctor.address import PATIENCE
from doctor.visit import Visit

PATH = "/sio/socket.io/"
NAME = "doctor"


class Failed(Exception):
    """A step of a session that did not go as the protocol says. `status`: HTTP's, 0 if there was none.
    `refusal`: what was answered."""

    def __init__(self, said: str, status: int = 0, refusal: str = "") -> None:
        super().__init__(said)
        self.status = status
        self.refusal = refusal


class Refused(Failed):
    """The chat did not let us in; `code` is its reason, as in `wrong_code`."""

    def __init__(self, said: str, code: str) -> None:
        super().__init__(said)
        self.code = code


class Session:
    """Every step raises Failed, and takes at most PATIENCE seconds. Session ids are secrets: none is ever in
    a text."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._http = visit.http()
        self._websocket: ClientConnection | None = None
        self._sid = ""
        self._inbox: list[str] = []
        self._asked = 0

    async def __aenter__(self) -> "Session":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Say goodbye, so that nobody is shown who is not there."""
        try:
            if self._sid:
                async with asyncio.timeout(1):
                    await self._send("1")
        except (Failed, TimeoutError):
            pass  # the server finds out by itself
        if self._websocket:
            self._websocket.transport.abort()
        await self._http.aclose()

    @property
    def route(self) -> str:
        """What the session id begins with: the worker's."""
        return self._sid[:32]

    async def begin(self) -> None:
        """Open a session by polling."""
        self._opened(await self._request("GET"))

    async def begin_on_websocket(self) -> None:
        """Open a session on a WebSocket from the start."""
        await self._open_websocket()
        self._opened(await self._next(lambda packet: packet.startswith("0")))

    async def upgrade(self) -> None:
        """Move from polling to a WebSocket, with the probe that the protocol asks for."""
        await self._open_websocket()
        await self._send("2probe")
        await self._next(lambda packet: packet == "3probe")
        await self._send("5")

    async def enter(self) -> None:
        """Connect to the chat. Raises Refused."""
        auth = {"name": NAME} | ({"code": self._visit.code} if self._visit.code else {})
        await self._send("40" + json.dumps(auth))
        answer = await self._next(lambda packet: packet.startswith(("40", "44")))
        if answer.startswith("44"):
            reason = _loaded(answer[2:], dict)
            about = reason.get("data") if isinstance(reason.get("data"), dict) else {}
            raise Refused(str(reason.get("message", "")), str((about or {}).get("error", "")))

    async def ask(self, event: str, *arguments: Any) -> dict[str, Any]:
        """Emit an event and return its acknowledgement."""
        self._asked += 1
        packet_id = str(self._asked)
        await self._send(f"42{packet_id}" + json.dumps([event, *arguments]))
        answer = await self._next(lambda packet: packet.startswith(f"43{packet_id}["))
        first = _loaded(answer[2 + len(packet_id) :], list)[:1]
        return first[0] if first and isinstance(first[0], dict) else {}

    async def hear(self, text: str) -> None:
        """Return once somebody has said this text."""
        said = "42" + json.dumps(["response", text], separators=(",", ":"))[:-1]
        await self._next(lambda packet: packet.startswith(said))

    def _opened(self, packets: str) -> None:
        sid = _loaded(packets.split("\x1e")[0][1:], dict).get("sid") if packets.startswith("0") else None
        if not isinstance(sid, str) or not re.fullmatch(r"[\w-]{20,200}", sid):
            raise Failed("the answer to the handshake is none of Engine.IO's")
        self._sid = sid

    async def _next(self, wanted: Callable[[str], bool]) -> str:
        """Return the first packet that is wanted; the others are kept."""
        seen = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for packet in self._inbox[seen:]:
                        if wanted(packet):
                            self._inbox.remove(packet)
                            return packet
                    seen = len(self._inbox)
                    for packet in await self._receive():
                        if packet == "2":
                            await self._send("3")
                        else:
                            self._inbox.append(packet)
        except TimeoutError:
            raise Failed(f"no answer came within {PATIENCE:g} s") from None

    async def _send(self, packet: str) -> None:
        if self._websocket is None:
            await self._request("POST", packet)
            return
        try:
            await self._websocket.send(packet)
        except WebSocketException:
            raise Failed("the WebSocket was closed") from None

    async def _receive(self) -> list[str]:
        if self._websocket is None:
            return (await self._request("GET")).split("\x1e")
        try:
            return [str(await self._websocket.recv())]
        except WebSocketException:
            raise Failed("the WebSocket was closed") from None

    async def _request(self, method: str, body: str | None = None) -> str:
        query = {"EIO": "4", "transport": "polling"} | ({"sid": self._sid} if self._sid else {})
        headers = {"Origin": self._visit.address.origin, "Content-Type": "text/plain;charset=UTF-8"}
        try:
            answer = await self._http.request(method, PATH, params=query, content=body, headers=headers)
        except httpx.TimeoutException:
            raise Failed(f"no answer came within {PATIENCE:g} s") from None
        except httpx.HTTPError as error:
            raise Failed(f"the connection broke ({type(error).__name__})") from None
        if answer.status_code != 200:
            raise Failed(f"answered {answer.status_code}", answer.status_code)
        return answer.text

    async def _open_websocket(self) -> None:
        query = "?EIO=4&transport=websocket" + (f"&sid={self._sid}" if self._sid else "")
        # What a proxy in front may use to be sticky.
        cookies = "; ".join(f"{each.name}={each.value}" for each in self._http.cookies.jar)
        try:
            self._websocket = await connect(
                self._visit.address.websocket + PATH + query,
                origin=self._visit.address.origin,  # type: ignore[arg-type]
                additional_headers={"Cookie": cookies} if cookies else {},
                ssl=self._visit.context if self._visit.address.tls else None,
                proxy=None if self._visit.address.loopback else True,
                open_timeout=PATIENCE,
                ping_interval=None,
                compression=None,
            )
        except InvalidStatus as error:
            status, said = error.response.status_code, error.response.body or b""
            raise Failed(f"answered {status} instead of 101", status, said.decode(errors="replace")) from None
        except TimeoutError:
            raise Failed(f"no answer came within {PATIENCE:g} s") from None
        except (InvalidHandshake, OSError, EOFError) as error:
            raise Failed(f"the connection broke ({type(error).__name__})") from None


def _loaded(text: str, kind: type) -> Any:
    """What the JSON says, if it is of this kind."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, kind):
        raise Failed("the answer is none of Socket.IO's")
    return found
