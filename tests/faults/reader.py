"""The reader: a newcomer who reads every room's log from its first message to its last, through `history`."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.faults.ledger import Entry, RoomLog
from tests.faults.wire import Connection

ANSWER = 5.0
PAGE = 200


async def read_logs(http: aiohttp.ClientSession, url: str, rooms: Sequence[str]) -> dict[str, RoomLog]:
    """Return each room's log. Believes no `more`: reads on until nothing comes."""
    connection = await Connection.open(
        http, url, ["websocket"], {"name": "reader"}, lambda event, arguments: None
    )
    try:
        return {room: await _read(connection, room) for room in rooms}
    finally:
        await connection.close()


async def _read(connection: Connection, room: str) -> RoomLog:
    joined = await _ask(connection, "join", {"room": room})
    messages: list[dict[str, Any]] = []
    while True:
        after = messages[-1]["seq"] if messages else 0
        page = (await _ask(connection, "history", {"room": room, "after": after, "limit": PAGE}))["messages"]
        if not page:
            break
        messages += page
    return RoomLog(joined["epoch"], tuple(Entry(each["seq"], each["id"], text_of(each)) for each in messages))


def text_of(message: dict[str, Any]) -> str:
    """Return what a message says. The first entry of a guarded room, that it was made, says nothing."""
    return str(message.get("text", ""))


async def _ask(connection: Connection, event: str, request: dict[str, Any]) -> dict[str, Any]:
    """A long log takes more pages than one may ask for at once, and the server says for how long to wait."""
    while True:
        answer: dict[str, Any] = await connection.ask(event, request, within=ANSWER)
        if answer.get("error") != "rate_limited":
            assert answer["ok"], f"{event} {request} was answered {answer}"
            return answer
        await asyncio.sleep(answer["retry_after"])
