"""Reports: what admins are told of single clients, in development mode. The application does not wait for
them."""

import asyncio
import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from relay.delivery.room_names import channel, of_any_namespace
from relay.log.log import Entry
from relay.transport.sid import log_name

logger = logging.getLogger(__name__)

MOST = 10_000
"""Reports that may wait to be sent. Further ones are left out."""
DEEPEST = 50
"""Lists and objects inside one another that admins see of an argument."""
SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that admins are not shown."""


class Reports:
    """What happens on this worker, on its way to all admins."""

    def __init__(self, server: Any, namespace: str) -> None:
        """`server`: the RelayServer. `namespace`: the admins'."""
        self._server, self._namespace = server, namespace
        self._waiting: asyncio.Queue[tuple[str, tuple[Any, ...]]] = asyncio.Queue(MOST)
        self._connected_at: dict[str, datetime] = {}  # by sid
        self._left_out = 0

    def watch(self) -> None:
        """Report from now on. The methods of the server and its manager are wrapped, as upstream does."""
        server, manager = self._server, self._server.manager
        self._trigger, self._event_of = server._trigger_event, manager.fanout.event_of
        self._enter, self._leave = manager.basic_enter_room, manager.basic_leave_room
        server._trigger_event = self._triggered
        manager.basic_enter_room, manager.basic_leave_room = self._entered, self._left
        manager.fanout.event_of = self._entry
        manager.on_emit = self._emitted

    async def run(self) -> None:
        """Send one report after the other."""
        while True:
            event, arguments = await self._waiting.get()
            try:
                await self._server.emit(event, arguments, namespace=self._namespace)
            except Exception:
                logger.exception("A report to the admins could not be sent")
            if self._left_out and self._waiting.empty():
                logger.warning("Left out %d reports to the admins: too much happens", self._left_out)
                self._left_out = 0

    def upgraded(self, eio_sid: str) -> None:
        """Report that a session goes on over a WebSocket."""
        for namespace in self._server.namespaces_of(eio_sid):
            sid = self._server.manager.sid_from_eio_sid(eio_sid, namespace)
            self._report("socket_updated", {"id": sid, "nsp": namespace, "transport": "websocket"})

    def sockets(self) -> list[dict[str, Any]]:
        """Return all clients of this worker, as admins see them."""
        manager = self._server.manager
        found = [
            self._socket(sid, namespace)
            for namespace in [*manager.get_namespaces()]
            for sid, _ in [*manager.get_participants(namespace, None)]
        ]
        return [socket for socket in found if socket is not None]

    def _report(self, event: str, *arguments: Any) -> None:
        try:
            self._waiting.put_nowait((event, arguments))
        except asyncio.QueueFull:
            self._left_out += 1

    async def _triggered(self, event: str, namespace: str, *arguments: Any) -> Any:
        sid, *rest = arguments
        now = datetime.now(UTC)
        if event == "connect":
            answer = await self._trigger(event, namespace, *arguments)
            if answer is not False:
                self._connected_at[sid] = now
                if (socket := self._socket(sid, namespace)) is not None:
                    self._report("socket_connected", socket, now.isoformat())
            return answer
        if event == "disconnect":
            self._connected_at.pop(sid, None)
            self._report("socket_disconnected", namespace, sid, *rest[:1], now.isoformat())
        else:
            self._report("event_received", namespace, sid, shown([event, *rest]), now.isoformat())
        return await self._trigger(event, namespace, *arguments)

    def _entered(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        self._enter(sid, namespace, room, eio_sid)
        if room is not None:
            self._report("room_joined", namespace, room, sid, datetime.now(UTC).isoformat())

    def _left(self, sid: str, namespace: str, room: str | None) -> None:
        self._leave(sid, namespace, room)
        if room is not None:
            self._report("room_left", namespace, room, sid, datetime.now(UTC).isoformat())

    def _emitted(
        self, event: str, arguments: Iterable[Any], namespace: str, room: Any, skip: Iterable[str]
    ) -> None:
        """Report an emit to each client of this worker that gets it."""
        if namespace == self._namespace and not of_any_namespace(room):
            return
        manager, now = self._server.manager, datetime.now(UTC).isoformat()
        said = shown([event, *arguments])
        for each in manager.namespaces_with(room) if of_any_namespace(room) else [namespace]:
            for sid, _ in manager.get_participants(each, room):
                if sid not in skip:
                    self._report("event_sent", each, sid, said, now)

    def _entry(self, entry: Entry) -> Any:
        """Report an entry of a relay room as an emit to its members here."""
        event = self._event_of(entry)
        name, *arguments = json.loads(event) if isinstance(event, bytes) else event
        self._emitted(name, arguments, "/", channel(entry.room), ())
        return event

    def _socket(self, sid: str, namespace: str) -> dict[str, Any] | None:
        """Return a client of this worker as upstream describes it, without its secrets and with the headers'
        own names; None if its session has ended."""
        server = self._server
        eio_sid = server.manager.eio_sid_from_sid(sid, namespace)
        session = server.eio.sockets.get(eio_sid)
        if session is None:
            return None
        environ = server.environ.get(eio_sid, {})
        scope = environ.get("asgi.scope", {})
        since = self._connected_at.get(sid)
        headers = {
            name[5:].lower().replace("_", "-"): text
            for name, text in environ.items()
            if name.startswith("HTTP_")
        }
        query = parse_qs(environ.get("QUERY_STRING", ""))
        return {
            "id": sid,
            # The session's id would let an admin act for the client.
            "clientId": log_name(eio_sid),
            "transport": "websocket" if session.upgraded else "polling",
            "nsp": namespace,
            "data": {},
            "handshake": {
                "address": (scope.get("client") or [""])[0],
                "headers": {name: text for name, text in headers.items() if name not in SECRETS},
                "query": {name: each[0] if len(each) == 1 else each for name, each in query.items()},
                "secure": scope.get("scheme") in ("https", "wss"),
                "url": environ.get("PATH_INFO", ""),
                "issued": round(since.timestamp() * 1000) if since else 0,
                "time": since.isoformat() if since else "",
            },
            "rooms": server.manager.get_rooms(sid, namespace),
        }


def shown(value: Any, depth: int = 0) -> Any:
    """Return what admins see of an event's arguments. Of bytes it is only how many there are, because a
    packet has ten attachments at most. What is deeper than `DEEPEST` is left out: a client may nest lists a
    thousand times, and Python's stack is not endless."""
    if depth > DEEPEST:
        return "(nested too deep)"
    if isinstance(value, bytes | bytearray):
        return f"({len(value)} bytes)"
    if isinstance(value, list | tuple):
        return [shown(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {name: shown(each, depth + 1) for name, each in value.items()}
    return value
