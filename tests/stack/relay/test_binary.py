"""Bytes between two workers on Redis, and from processes that have python-socketio's own managers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio
from relay import Entry, Options, Post, Relay
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, until
from tests.support.served import Served, Visitor

BLOB = bytes(range(256))


def event_of(entry: Entry) -> list[Any]:
    return ["stroke", entry.seq, entry.data]


@pytest.fixture
async def boards(redis: RedisUnderTest) -> AsyncIterator[tuple[Served, Served]]:
    """Two workers, to which clients draw: what they draw is appended, and answered with itself."""
    async with contextlib.AsyncExitStack() as serving:
        both = []
        for _ in range(2):
            relay = Relay.on_redis(redis.url, event_of, Options(prefix=redis.prefix))
            served = await serving.enter_async_context(Served(relay))

            async def draw(sid: str, id: str, points: bytes, relay: Relay = relay) -> tuple[int, bytes]:
                return (await relay.log.append("board", Post(id, points))).seq, points

            served.server.on("draw", draw)
            both.append(served)
        for each in both:
            await until(lambda s=each: s.relay.problem() is None, "the worker hears itself")  # type: ignore[misc]
        yield both[0], both[1]


async def joined(board: Served, transport: str) -> Visitor:
    visitor = await board.visitor(transport=transport)
    await board.relay.join(visitor.sid(), "board")
    return visitor


async def test_entries_of_bytes_reach_the_members_of_every_worker(boards: tuple[Served, Served]) -> None:
    """In order, on either transport; what was missed is read as it was appended."""
    _, two = boards
    people = [await joined(board, way) for board in boards for way in ("polling", "websocket")]
    strokes = [bytes([number]) * number * 50 for number in range(20)]
    for number, points in enumerate(strokes):
        assert await people[number % 4].asks("draw", f"id-{number}", points) == (number + 1, points)
    for visitor in people:
        await visitor.hears(*[("/", "stroke", number + 1, points) for number, points in enumerate(strokes)])
    page, _ = await two.relay.resume("board", after=15)
    assert [entry.data for entry in page.entries] == strokes[15:]


async def test_what_one_worker_emits_reaches_the_clients_of_the_other(boards: tuple[Served, Served]) -> None:
    """To a room of relay, to one client, to everybody; and the client's answer comes back."""
    one, two = boards
    ana = await joined(two, "polling")
    await one.relay.emit_volatile("cursor", {"at": BLOB}, "board")
    await one.server.emit("single", (BLOB, b""), to=ana.sid())
    await one.server.emit("all", [BLOB])
    expected = ("/", "cursor", {"at": BLOB}), ("/", "single", BLOB, b""), ("/", "all", [BLOB])
    await until(lambda: len(ana.heard) == 3, "all is heard")
    assert sorted(ana.heard, key=str) == sorted(expected, key=str)
    ana.sio.on("ask", lambda question: {"answer": [question, b"2"]})
    assert await one.server.call("ask", BLOB, to=ana.sid()) == {"answer": [BLOB, b"2"]}
    with pytest.raises(ValueError, match="11 bytes"):
        await one.server.emit("single", tuple([b"x"] * 11), to=ana.sid())


async def test_processes_that_serve_nobody_emit_bytes(
    redis: RedisUnderTest, boards: tuple[Served, Served]
) -> None:
    """With python-socketio's write-only managers, asyncio's and the other."""
    people = [await joined(board, "websocket") for board in boards]
    channel = Names(redis.prefix).control
    outside = socketio.AsyncRedisManager(redis.url, channel=channel, write_only=True)
    await outside.emit("news", {"picture": BLOB, "of": "Ana"}, room="room:board")
    await outside.redis.aclose()
    plain = socketio.RedisManager(redis.url, channel=channel, write_only=True)
    await asyncio.to_thread(plain.emit, "news", (BLOB, 2))
    plain.redis.close()
    for visitor in people:
        await visitor.hears(("/", "news", {"picture": BLOB, "of": "Ana"}), ("/", "news", BLOB, 2))
