"""A process that serves nobody says what it can not do. What it can is tested on Redis, in tests/stack."""

import asyncio
import time

import pytest
from relay import LogUnavailable, Rooms
from relay.outside import Outside, SyncOutside

NOBODY = "redis://127.0.0.1:1/0"


async def test_where_no_redis_is_the_log_is_unavailable() -> None:
    """Within 2 s, whatever is asked."""
    async with Outside(NOBODY) as outside:
        begun = time.monotonic()
        with pytest.raises(LogUnavailable):
            await outside.append("hall", Rooms.post("id-1", 1))
        with pytest.raises(LogUnavailable):
            await outside.read("hall")
        with pytest.raises(LogUnavailable):
            await outside.remove("hall", group="user ana")
        with pytest.raises(LogUnavailable):
            await outside.values.delete("score")
        assert time.monotonic() - begun < 2


def test_without_an_event_loop_too() -> None:
    with SyncOutside(NOBODY) as outside:
        begun = time.monotonic()
        with pytest.raises(LogUnavailable):
            outside.append("hall", Rooms.post("id-1", 1))
        with pytest.raises(LogUnavailable):
            outside.read("hall")
        with pytest.raises(LogUnavailable):
            outside.disconnect_group("user ana")
        with pytest.raises(LogUnavailable):
            outside.values.change("score", lambda score: 1)
        with pytest.raises(TypeError):
            outside.remove("hall")
        assert time.monotonic() - begun < 2


async def test_the_blocking_one_blocks_no_event_loop() -> None:
    with SyncOutside(NOBODY) as outside, pytest.raises(RuntimeError, match="Use Outside"):
        outside.head("hall")
    with SyncOutside(NOBODY) as outside, pytest.raises(RuntimeError, match="Use Outside"):
        outside.values.read("score")


async def test_one_belongs_to_an_event_loop() -> None:
    outside = Outside(NOBODY)
    with pytest.raises(LogUnavailable):
        await outside.head("hall")
    with pytest.raises(RuntimeError, match="belongs to one event loop"):
        await asyncio.to_thread(lambda: asyncio.run(outside.head("hall")))
    await outside.close()
