"""What is remembered: cookies that are taken and given back, guests in rooms, and ids of messages."""

import asyncio
import secrets
from collections import Counter

from tests.fuzz.connections import Connection, Door
from tests.fuzz.senders import PAUSE, again_and_again, event, opened, post, submit


async def is_remembered(door: Door, seconds: float) -> Counter[str]:
    """All three at once."""
    sent = Counter[str]()
    await asyncio.gather(
        again_and_again(door, seconds, 5, _signs_in_and_out, sent),
        again_and_again(door, seconds, 5, _guest, sent),
    )
    return sent


async def _signs_in_and_out(connection: Connection, sent: Counter[str]) -> None:
    status, cookie = await submit(connection, "/sign-in", name="somebody else")
    sent[f"sign-ins answered {status}"] += 1
    if status != 303:
        return await asyncio.sleep(PAUSE)
    status, _ = await submit(connection, "/sign-out", cookie)
    sent[f"sign-outs answered {status}"] += 1


async def _guest(connection: Connection, sent: Counter[str]) -> None:
    """Somebody new, in some rooms, with a message of an id of its own in each."""
    sid, word = await opened(connection, sent), secrets.token_hex(4)
    rooms = [f"kept-{number}" for number in range(10)]
    said = [event("message", "here", {"room": room, "id": f"{word}-{room}"}, ack=1) for room in rooms]
    await post(connection, sid, ["40", *(event("join", {"room": room}) for room in rooms), *said, "1"])
    sent["guests"] += 1
