"""Draining: a worker that is told to end moves its clients to the other workers first, without anybody
noticing.

It refuses new sessions with 503, at which the proxy asks another worker, and goes on serving those it has.
Its clients are moved one after the other, in a random order and spread over time, so that they do not all
connect at once. Moving a client takes three steps:

1. Tell it, in each of its namespaces: the event `moved` carries `{within}`, the seconds until its connection
   is closed. A client that knows the event connects again by itself, once it has the answers that it waits
   for.
2. Let it finish: its requests are answered, and the answers are read.
3. Close its connection: a WebSocket with code 1012 (Service Restart), a polling session with 400 to the next
   poll. The official clients connect again after either. After an Engine.IO CLOSE Python's client would not,
   and after a Socket.IO DISCONNECT JavaScript's would not.

At last the worker waits until the members that did not come back are gone from presence, and the other
workers know it.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from socketio import packet

from relay.transport.session import MOVED, EngineSocket

logger = logging.getLogger(__name__)

MOVES_PER_SECOND = 25
"""Clients moved per second at most when there is time enough. To connect again costs a worker some 0.5 ms, so
the other workers spend about 1 % of their time on it."""
NOTICE = 1.0
"""Seconds between telling a client and closing its connection."""
READ_TIMEOUT = 2.0
"""Further seconds that a client has to read its last answers."""
PRESENCE = 5.0
"""Seconds to wait at most until no member is left: the grace, and telling the other workers."""
POLL_INTERVAL = 0.02
"""Seconds between two checks of a condition."""


async def drain(server: Any, seconds: float) -> None:
    """Move every client of a RelayServer. The last one is told within `seconds`, and sooner when there are
    few; 0 closes all connections at once, for a worker that is the only one. Returns at most `NOTICE` +
    `READ_TIMEOUT` + `PRESENCE` seconds after that. A worker can't stop draining."""
    server.eio.draining = True
    moving: list[EngineSocket] = list(server.eio.sockets.values())
    logger.info("Draining: %d sessions are moved to other workers", len(moving))
    if seconds:
        random.shuffle(moving)
        apart = min(seconds / max(1, len(moving)), 1 / MOVES_PER_SECOND)
        async with asyncio.TaskGroup() as tasks:
            for number, session in enumerate(moving):
                tasks.create_task(_move_one(server, session, (number + random.random()) * apart))
    await server.close_sessions()
    if seconds:
        await _until(lambda: server.manager.deserted, PRESENCE)
    logger.info("Drained")


async def _move_one(server: Any, session: EngineSocket, after: float) -> None:
    await asyncio.sleep(after)
    try:
        await _move(server, session)
    except (
        Exception
    ):  # the application's `disconnect` handler may fail; the other clients have to be moved all the same
        logger.exception("A client could not be moved in order; going on")


async def _move(server: Any, session: EngineSocket) -> None:
    for namespace in server.namespaces_of(session.sid):
        event = packet.Packet(packet.EVENT, ["moved", {"within": NOTICE}], namespace)
        await server._send_packet(session.sid, event)
    await asyncio.sleep(NOTICE)
    await _until(lambda: session.closed or session.at_rest, READ_TIMEOUT)
    await session.close(abort=True, reason=MOVED)


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while not condition() and clock() < deadline:  # noqa: ASYNC110 - what makes it true is in many places
        await asyncio.sleep(POLL_INTERVAL)
