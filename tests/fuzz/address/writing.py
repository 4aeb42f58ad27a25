"""Redis' memory: as many bytes of messages as an address may write, by many guests at once."""

import itertools
import json
from collections import Counter

from tests.fuzz.connections import Connection, Door
from tests.fuzz.senders import Refused, again_and_again, event, opened, post

TEXTS = ("\N{GRINNING FACE}" * 4000, "\x01" * 4000, "word " * 800, "\n\t." * 1333)
"""What takes most: four bytes a character, six as an escape, and what nobody would refuse."""
ROOMS = tuple(f"said-{number}" for number in range(20))
SAID = 20
"""Messages of one guest, as many as one may say at once."""


async def writes(door: Door, seconds: float) -> Counter[str]:
    sent, rooms = Counter[str](), itertools.cycle(ROOMS)

    async def write(connection: Connection, sent: Counter[str]) -> None:
        sid, room = await opened(connection, sent), next(rooms)
        await post(connection, sid, ["40", event("join", {"room": room})])
        for number in range(SAID):
            text = TEXTS[number % len(TEXTS)]
            await post(connection, sid, [event("message", text, {"room": room}, ack=number)])
            sent[f"messages answered {await _answer(connection, sid, number)}"] += 1
        await post(connection, sid, ["1"])

    await again_and_again(door, seconds, 10, write, sent)
    return sent


async def _answer(connection: Connection, sid: str, ack: int) -> str:
    """Poll until a message is answered: `ok`, or the error code."""
    while True:
        status, body = await connection.get(f"&sid={sid}")
        if status != 200:
            raise Refused(f"polls answered {status}")
        for packet in body.split(b"\x1e"):
            if packet.startswith(b"43%d[" % ack):
                return str(json.loads(packet[packet.index(b"[") :])[0].get("error", "ok"))
