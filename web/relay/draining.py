"""Draining: a worker that is told to end brings its clients to the others first, and nobody notices.

It refuses new sessions with 503, at which the proxy asks another worker, and goes on serving those it has.
One after the other they are moved, in a random order and spread over time, so that the other workers are not
stormed. To move a client is to

1. tell it: the event `moved` with `{within}`, the seconds until its connection ends. A client that knows the
   event connects again by itself, when it has the answers that it waits for;
2. let it finish: what it asked is answered, and the answers are read;
3. end its connection: a WebSocket with code 1012 (Service Restart), a polling session with 400 to the next
   poll. The official clients connect again after either. They would not after an Engine.IO CLOSE (Python's
   stays away for good) or a Socket.IO DISCONNECT (JavaScript's does).

At last it waits until those who did not come back are gone from presence, and the other workers know it.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from socketio import packet

from relay.delivery.room_names import NAMESPACE
from relay.transport.session import MOVED, EngineSocket

logger = logging.getLogger(__name__)

PACE = 25
"""Clients a second that are moved when there is time enough; coming back costs a worker some 5 ms."""
NOTICE = 1.0
"""Seconds between telling a client and ending its connection."""
REST = 2.0
"""Seconds more that a client has to read its last answers."""
PRESENCE = 5.0
"""Seconds to wait at most until presence is released: its grace, and telling the others."""
LOOK = 0.02
"""Seconds between two looks."""


async def drain(server: Any, seconds: float) -> None:
    """Move every client of a RelayServer, beginning with the last of them within `seconds`, and sooner when
    there are few; 0 ends their connections at once, for a worker that has no others beside it. Returns at
    most `NOTICE` + `REST` + `PRESENCE` seconds later. There is no way back."""
    server.eio.draining = True
    moving: list[EngineSocket] = list(server.eio.sockets.values())
    logger.info("Draining: %d sessions are moved to other workers", len(moving))
    if seconds:
        random.shuffle(moving)
        apart = min(seconds / max(1, len(moving)), 1 / PACE)
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
    except Exception:  # of the application's `disconnect` handler; the others have to be moved all the same
        logger.exception("A client could not be moved in order; going on")


async def _move(server: Any, session: EngineSocket) -> None:
    if server.manager.sid_from_eio_sid(session.sid, NAMESPACE) is not None and not session.closed:
        event = packet.Packet(packet.EVENT, ["moved", {"within": NOTICE}], NAMESPACE)
        await server._send_packet(session.sid, event)
    await asyncio.sleep(NOTICE)
    await _until(lambda: session.closed or session.at_rest, REST)
    await session.close(abort=True, reason=MOVED)


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while not condition() and clock() < deadline:  # noqa: ASYNC110 - what makes it true is in many places
        await asyncio.sleep(LOOK)
