"""The worker's side of the official Admin UI of Socket.IO (https://socket.io/docs/v4/admin-ui/).

It stands for upstream's InstrumentedAsyncServer. That one wraps methods that the relay has replaced. It knows
only the clients of its own worker. It sends the list of clients to the last client of the last namespace,
which need not be the admin. And each event of the application waits there until the admins were told.
"""

import asyncio
import inspect
import os
import socket
from time import time
from typing import Any

from socketio.exceptions import ConnectionRefusedError as Refused

from relay.admin.arguments import are_rooms, are_texts, check
from relay.admin.reports import Reports
from relay.delivery.room_names import relayed
from relay.transport.counted_session import CountedSession, Traffic

AFTER_CONNECT = 0.1
"""Seconds until an admin is told more, as upstream has it: after the answer to its CONNECT."""
AT_A_TIME = 50
"""Clients that an admin is told of at a time, since each takes about a kilobyte."""
PAUSE = 0.05
"""Seconds between two such times. So an admin may have a megabyte a second to read."""


class AdminUI:
    def __init__(
        self,
        server: Any,
        *,
        auth: Any,
        mode: str,
        read_only: bool,
        server_id: str | None,
        namespace: str,
        interval: float,
    ) -> None:
        """`server`: the RelayServer, not started yet. Raises RuntimeError and ValueError."""
        check(server, auth, mode, namespace, interval)
        self._server, self._auth, self._namespace, self._interval = server, auth, namespace, interval
        self._hostname = socket.gethostname()
        self._id = server_id or getattr(server.manager, "host_id", self._hostname)
        self._reports = Reports(server, namespace) if mode == "development" else None
        self._commands = self._reports is not None and not read_only
        self._tasks: list[asyncio.Task[None]] = []
        self._traffic = server.eio.traffic = Traffic(
            self._reports.upgraded if self._reports else lambda sid: None
        )
        server.eio.session_class = CountedSession
        server.manager.on_order = self._ordered
        server.on("connect", self._connect, namespace=namespace)
        if self._commands:
            for event, handler in (
                ("emit", self._emit),
                ("join", self._join),
                ("leave", self._leave),
                ("_disconnect", self._disconnect),
            ):
                server.on(event, handler, namespace=namespace)
        if self._reports:
            self._reports.watch()

    def start(self) -> None:
        """Tell the admins of this worker, from now on."""
        runs = [self._tell_stats()] + ([self._reports.run()] if self._reports else [])
        self._tasks += [asyncio.create_task(run) for run in runs]

    async def shutdown(self) -> None:
        """Tell nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        if not await self._may(auth):
            raise Refused("authentication failed")
        self._server.start_background_task(self._welcome, sid)

    async def _may(self, auth: Any) -> bool:
        if self._auth is False:
            return True
        if isinstance(self._auth, dict):
            return bool(auth == self._auth)
        if isinstance(self._auth, list):
            return auth in self._auth
        answer = self._auth(auth)
        return bool(await answer if inspect.isawaitable(answer) else answer)

    async def _welcome(self, sid: str) -> None:
        await asyncio.sleep(AFTER_CONNECT)
        features = ["AGGREGATED_EVENTS"]
        if self._commands:
            features += ["EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"]
        if self._reports:
            features.append("ALL_EVENTS")
        await self._tell("config", {"supportedFeatures": features}, sid)
        if self._reports:
            sockets = self._reports.sockets()
            await self._tell("all_sockets", sockets[:AT_A_TIME], sid)
            await self._server.manager.order(["sockets", sid])
            await self._tell_of(sockets[AT_A_TIME:], sid)

    async def _tell(self, event: str, data: Any, sid: str | None = None) -> None:
        await self._server.emit(event, data, to=sid, namespace=self._namespace)

    async def _tell_of(self, sockets: list[dict[str, Any]], sid: str) -> None:
        """Tell an admin on any worker of clients of this one. The page takes each `all_sockets` for all."""
        for number, each in enumerate(sockets, 1):
            await self._tell("socket_connected", (each, each["handshake"]["time"]), sid)
            if number % AT_A_TIME == 0:
                await asyncio.sleep(PAUSE)

    async def _tell_stats(self) -> None:
        began, seen = time(), [0] * 6
        while True:
            await asyncio.sleep(self._interval)
            counts = self._counts()
            events = [
                {"timestamp": int(time()) * 1000, "type": name, "count": count - before}
                for (name, count), before in zip(counts.items(), seen, strict=True)
                if count > before
            ]
            seen = [*counts.values()]
            stats = self._server.stats()
            await self._tell(
                "server_stats",
                {
                    "serverId": self._id,
                    "hostname": self._hostname,
                    "pid": os.getpid(),
                    "uptime": time() - began,
                    "clientsCount": stats.polling + stats.websocket,
                    "pollingClientsCount": stats.polling,
                    "aggregatedEvents": events,
                    "namespaces": self._namespaces(),
                },
            )

    def _counts(self) -> dict[str, int]:
        """Return what this worker has carried since it started, by the names of the page."""
        traffic = self._traffic
        return {
            "rawConnection": traffic.sessions,
            "rawDisconnection": traffic.sessions - len(self._server.eio.sockets),
            "packetsIn": traffic.packets_in,
            "packetsOut": traffic.packets_out,
            "bytesIn": traffic.bytes_in,
            "bytesOut": traffic.bytes_out,
        }

    def _namespaces(self) -> list[dict[str, Any]]:
        server = self._server
        names = {*server.handlers, *server.namespace_handlers, *server.manager.get_namespaces()} - {"*"}
        members = server.manager.rooms
        return [
            {"name": name, "socketsCount": len(members.get(name, {}).get(None, ()))} for name in sorted(names)
        ]

    async def _emit(self, sid: str, namespace: str, rooms: Any, event: str, *data: Any) -> None:
        if are_texts(namespace, event) and are_rooms(rooms):
            await self._server.emit(event, data, to=rooms or None, namespace=namespace)

    async def _join(self, sid: str, namespace: str, room: str, rooms: Any = None) -> None:
        await self._command("join", namespace, rooms, room)

    async def _leave(self, sid: str, namespace: str, room: str, rooms: Any = None) -> None:
        await self._command("leave", namespace, rooms, room)

    async def _disconnect(self, sid: str, namespace: str, close: bool = False, rooms: Any = None) -> None:
        await self._command("disconnect", namespace, rooms)

    async def _command(self, kind: str, namespace: str, rooms: Any, room: str = "") -> None:
        """Let every worker do it with its own clients. Does nothing if the page never sends such
        arguments."""
        if are_texts(namespace, room) and are_rooms(rooms):
            await self._server.manager.order([kind, namespace, rooms, room])
            await self._do(kind, namespace, rooms, room)

    def _ordered(self, order: list[Any]) -> None:
        """Do what an admin of another worker asked for."""
        kind, *rest = order
        if kind != "sockets":
            if self._commands:
                self._server.start_background_task(self._do, *order)
        elif self._reports:
            self._server.start_background_task(self._tell_of, self._reports.sockets(), *rest)

    async def _do(self, kind: str, namespace: str, rooms: str | list[str] | None, room: str = "") -> None:
        """`rooms`: whose clients; None, or an empty list, is all of the namespace. A client has a room of its
        own, named like its sid."""
        manager = self._server.manager
        for sid in [sid for sid, _ in manager.get_participants(namespace, rooms or None)]:
            if kind == "disconnect":
                await self._server.disconnect(sid, namespace=namespace, ignore_queue=True)
            elif kind == "join":
                await manager.enter_room(sid, namespace, room)
            elif kind == "leave":
                await manager.leave_room(sid, namespace, room)
        if kind == "join" and (name := relayed(room)) is not None:
            await manager.set_baseline(name)
