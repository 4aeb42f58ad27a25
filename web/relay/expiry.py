"""Expiry: a session ends when its token does, unless the application renews it.

Each session keeps the time itself, and the service task, which looks at every session once a second, finds
those that are over. So there is neither a timer nor a task for each. The clients of a session that is over
are told `expired {reason}`, and then disconnected with a packet after which the official clients do not
connect again by themselves: the page gets another token first.
"""

import asyncio
from typing import Any

from socketio import packet

from relay.transport.session import EngineSocket

LAST_WORD = 0.3
"""Seconds between `expired` and the disconnection: python-socketio's client, on Python 3.14, may lose an
event that comes together with it."""


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
