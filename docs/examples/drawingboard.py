"""Drawing boards: a stroke is bytes, an entry of its board's log. Who comes later gets all strokes."""

import os

import socketio
from relay import Entry, Options, Post, Relay, RelayServer

LONGEST = 4096
"""Bytes of a stroke."""


def event_of(entry: Entry) -> list[object]:
    return ["stroke", entry.room, entry.epoch, entry.seq, entry.data]


url = os.environ.get("REDIS_URL")
relay = Relay.on_redis(url, event_of, Options(prefix="board:")) if url else Relay.in_memory(event_of)
server = RelayServer(relay.manager)


async def draw(sid: str, board: str, id: str, points: object) -> dict[str, object]:
    if not isinstance(points, bytes) or len(points) > LONGEST:
        return {"error": f"A stroke has at most {LONGEST} bytes."}
    return {"seq": (await relay.log.append(board, Post(id, points))).seq}


async def join(sid: str, board: str, after: int | None = None, epoch: str | None = None) -> dict[str, object]:
    """Answers with all strokes in one piece, as a packet holds at most ten."""
    async with server.large_answer(sid):
        await relay.join(sid, board)
        page, reset = await relay.resume(board, after=after, epoch=epoch)
        return {
            "epoch": page.head.epoch,
            "reset": reset,
            "more": page.more,
            "strokes": [[entry.seq, len(entry.data)] for entry in page.entries],
            "points": b"".join(entry.data for entry in page.entries),
        }


async def pointer(sid: str, board: str, place: bytes) -> None:
    """Shows the others where somebody points. Nobody misses it when it is lost."""
    if relay.joined(sid, board):
        await relay.emit_volatile("pointer", (sid, place), board, skip_sid=sid)


server.on("draw", draw)
server.on("join", join)
server.on("pointer", pointer)
app = socketio.ASGIApp(server, on_startup=server.start, on_shutdown=server.stop)
