"""Expiry: a session ends when its token does, unless the application renews it.

Each session keeps the time itself, and the service task, which looks at every session once a second, finds
those that are over. So there is neither a timer nor a task for each. The clients of a session that is over
are told `expired {reason}`, and then disconnected with a packet after which the official clients do not
connect again by themselves: the page gets another token first.
"""

import asyncio
from math import inf, isnan
from time import monotonic
from typing import Any

from socketio import packet

from relay.strict_server import StrictServer
from relay.transport.session import EngineSocket

LAST_WORD = 0.3
"""Seconds between `expired` and the disconnection: python-socketio's client, on Python 3.14, may lose an
event that comes together with it."""


class ExpiringServer(StrictServer):
    """A server whose sessions may end with a token."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ending: set[asyncio.Task[None]] = set()  # asyncio itself holds tasks weakly
        self.eio.on_expired = self._expired

    def expire(self, sid: str, seconds: float | None, reason: str = "expired") -> bool:
        """End a client's session in so many seconds, at most one second later; None: not any more. A further
        call replaces the last one, so that a client renews its token without connecting again. May be called
        in a `connect` handler. The client is told `expired {reason}`, and 0.3 s later it is
        disconnected so that it does not connect again by itself. `reason`: what it is told, and what the
        `disconnect` handler gets. Returns False if the session has ended, or is about to."""
        if seconds is not None and isnan(seconds):
            raise ValueError("seconds is a number, or None")
        session = self.eio.sockets.get(self._session_of(sid))
        if session is None or session.closing or session.expired:
            return False
        session.expires_at = inf if seconds is None else monotonic() + seconds
        session.expires_for = reason
        return True

    def _expired(self, session: EngineSocket) -> None:
        task = asyncio.create_task(end(self, session, session.expires_for))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def end(server: Any, session: EngineSocket, reason: str) -> None:
    """Tell every client of a RelayServer's session that it is over, and end it."""
    await _send(server, session, lambda namespace: _event(namespace, reason))
    await asyncio.sleep(LAST_WORD)
    await _send(server, session, lambda namespace: packet.Packet(packet.DISCONNECT, namespace=namespace))
    await session.close(reason=reason)


async def _send(server: Any, session: EngineSocket, packet_for: Any) -> None:
    for namespace in server.namespaces_of(session.sid):
        sid = server.manager.sid_from_eio_sid(session.sid, namespace)
        if server.manager.is_connected(sid, namespace) and not session.closed:
            await server._send_packet(session.sid, packet_for(namespace))


def _event(namespace: str, reason: str) -> packet.Packet:
    return packet.Packet(packet.EVENT, ["expired", {"reason": reason}], namespace)
