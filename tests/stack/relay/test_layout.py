"""Rooms are kept in Redis by partition. What 0.1.0 kept elsewhere is not overlooked, and is migrated."""

import json
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files
from typing import Any

import pytest
import relay.redis
from redis.exceptions import ResponseError
from relay import LogUnavailable, Options, Post
from relay.outside import Outside, SyncOutside
from relay.redis.connector import connector
from relay.redis.layout import check_layout
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest, Workers, until

MIGRATE = files(relay.redis).joinpath("migrate.lua").read_text()
ROOMS = ["lobby", "tea", "42", "a room with {braces}", "été", "x" * 200]


@pytest.fixture
async def old(redis: RedisUnderTest) -> AsyncIterator[Names]:
    """What 0.1.0 left: rooms of three entries, of which the second was amended in one; and a rule."""
    await redis.wipe()
    for room in ROOMS:
        key = f"{redis.prefix}{{{room}}}:"
        await redis.command("HSET", key + "head", "epoch", f"epoch of {room}", "seq", "3")
        for seq in (1, 3):
            about = ("id", f"id {seq}", "at", "1000", "data", f"said {seq}")
            await redis.command("XADD", key + "log", f"{seq}-0", *about)
            await redis.command(
                "HSETEX", key + "ids", "EX", "60", "FIELDS", "1", f"id {seq}", f"{seq} 1000 f"
            )
        await redis.command("ZADD", key + "amended", "2", "2 1000 4 id 2gone")
        await redis.command("HSET", key + "here", "w" * 32, "7")
        if room != ROOMS[-1]:  # one that is not listed, as of the very first logs
            await redis.command("SADD", f"{redis.prefix}logs", room)
    await redis.command("HSETEX", f"{redis.prefix}rules", "EX", "60", "FIELDS", "1", "no tea", "why")
    yield Names(redis.prefix)
    await redis.wipe()


async def migrate(redis: RedisUnderTest) -> Any:
    return await redis.command("EVAL", MIGRATE, "0", redis.prefix)


def connected(redis: RedisUnderTest) -> Link:
    return Link(connector(redis.url, check=partial(check_layout, Names(redis.prefix))))


async def test_every_room_is_found_where_it_was_migrated_to(redis: RedisUnderTest, old: Names) -> None:
    assert await migrate(redis) == len(ROOMS)
    link = connected(redis)
    log = RedisLog(link, old, keep=0, dedup_ttl=60)
    assert await log.logs() == set(ROOMS)
    for room in ROOMS:
        page = await log.read(room, after=0)
        assert page.head == (f"epoch of {room}", 3)
        said = [(entry.seq, entry.id, entry.data) for entry in page.entries]
        assert said == [(1, "id 1", b"said 1"), (2, "id 2", b"gone"), (3, "id 3", b"said 3")]
        assert (await log.append(room, Post("id 4", b"x"))).seq == 4
    assert (await log.rules.all())["no tea"].value == b"why"
    left = {key.decode() for key in await redis.command("KEYS", "*") if b"{" in key}
    assert {key for key in left if key.endswith(("}:head", "}:log", "}:ids", "}:amended"))} == set()
    await link.close()


async def test_to_migrate_twice_changes_nothing(redis: RedisUnderTest, old: Names) -> None:
    await migrate(redis)
    keys = sorted(await redis.command("KEYS", "*"))
    assert await migrate(redis) == 0
    assert sorted(await redis.command("KEYS", "*")) == keys


async def test_nothing_is_migrated_while_a_worker_runs(redis: RedisUnderTest, old: Names) -> None:
    await redis.command("SET", old.alive("one"), "", "EX", "6")
    keys = sorted(await redis.command("KEYS", "*"))
    with pytest.raises(ResponseError, match="A worker runs"):
        await migrate(redis)
    assert sorted(await redis.command("KEYS", "*")) == keys


async def test_a_room_in_both_layouts_stops_the_migration(redis: RedisUnderTest, old: Names) -> None:
    await redis.command("HSET", old.of("tea").head, "epoch", "another", "seq", "1")
    keys = sorted(await redis.command("KEYS", "*"))
    with pytest.raises(ResponseError, match="Nothing was done"):
        await migrate(redis)
    assert sorted(await redis.command("KEYS", "*")) == keys


async def test_nobody_writes_beside_the_old_layout(
    redis: RedisUnderTest, old: Names, worker: Workers
) -> None:
    keys = sorted(await redis.command("KEYS", "*"))
    one = worker()
    await until(lambda: "make migrate" in str(one.relay.manager.problem()), "the worker says why")
    with pytest.raises(LogUnavailable, match="make migrate"):
        await one.relay.log.append("tea", Post("1", b"x"))
    options = Options(prefix=redis.prefix)
    async with Outside(redis.url, options) as outside:
        with pytest.raises(LogUnavailable, match="make migrate"):
            await outside.append("tea", Post("1", b"x"))
    assert sorted(await redis.command("KEYS", "*")) == keys


async def test_rules_alone_are_data_of_the_old_layout(redis: RedisUnderTest) -> None:
    """Somebody was banned before anybody wrote."""
    await redis.wipe()
    await redis.command("HSET", f"{redis.prefix}rules", "no tea", "why")
    link = connected(redis)
    with pytest.raises(LogUnavailable, match="make migrate"):
        await link.send(("PING",))
    await migrate(redis)
    log = RedisLog(connected(redis), Names(redis.prefix), keep=0, dedup_ttl=60)
    assert (await log.rules.all())["no tea"].value == b"why"
    await redis.wipe()


async def test_a_later_layout_is_not_touched(redis: RedisUnderTest) -> None:
    await redis.wipe()
    await redis.command("SET", Names(redis.prefix).layout, "3")
    link = connected(redis)
    with pytest.raises(LogUnavailable, match="a newer version"):
        await link.send(("PING",))
    await link.close()
    await redis.wipe()


async def test_a_redis_that_is_new_gets_the_layout(redis: RedisUnderTest) -> None:
    await redis.wipe()
    link = connected(redis)
    await link.send(("PING",))
    assert await redis.command("GET", Names(redis.prefix).layout) == b"2"
    await link.close()


def test_a_program_without_asyncio_asks_for_the_layout_too(redis: RedisUnderTest) -> None:
    import asyncio

    asyncio.run(redis.wipe())
    asyncio.run(redis.command("SADD", f"{redis.prefix}logs", "tea"))
    with (
        SyncOutside(redis.url, Options(prefix=redis.prefix)) as outside,
        pytest.raises(LogUnavailable, match="make migrate"),
    ):
        outside.append("tea", Post("1", json.dumps("x").encode()))
    asyncio.run(redis.wipe())
