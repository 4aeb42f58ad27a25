"""A process that serves nobody appends, reads and removes; what it appends reaches live members on all
workers."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from relay import Head, IdTaken, LogUnavailable, Options, Post, Rooms
from relay.outside import Outside, SyncOutside

from tests.stack.relay.two_workers import two_workers
from tests.stack.relay.worker import Proxy, RedisUnderTest
from tests.support.application import Visitor
from tests.support.waiting import PATIENCE, soon


async def in_a_thread(what: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(what)


async def test_entries_from_outside_reach_live_members_on_all_workers_in_order(redis: RedisUnderTest) -> None:
    """Those of asyncio, those of threads, and those of members, in one order everywhere."""
    options = Options(prefix=redis.prefix)
    async with two_workers(redis) as urls, Outside(redis.url, options) as outside:
        ana, ben = [await Visitor.at(url) for url in urls]
        for each in (ana, ben):
            await each.asks("join", room="hall")
        with SyncOutside(redis.url, options) as sync_outside:

            def say(number: int) -> None:
                sync_outside.append("hall", Rooms.post(f"thread-{number}", number))

            with ThreadPoolExecutor(8) as threads:
                loop = asyncio.get_running_loop()
                said = [loop.run_in_executor(threads, say, number) for number in range(40)]
                told = [outside.append("hall", Rooms.post(f"task-{number}", number)) for number in range(40)]
                mine = [ana.append("hall", f"ana-{number}", number) for number in range(10)]
                await asyncio.gather(*said, *told, *mine)
        for each in (ana, ben):
            await each.hears(lambda data: len(data) >= 90, "all to be heard")
            assert [entry["seq"] for entry in each.heard] == list(range(1, 91))
        assert ana.heard == ben.heard
        assert len({entry["id"] for entry in ana.heard}) == 90
        for each in (ana, ben):
            await each.leaves()


async def test_what_is_read_outside_is_what_was_appended(redis: RedisUnderTest) -> None:
    options = Options(prefix=redis.prefix)
    async with Outside(redis.url, options) as outside:
        posts = [Rooms.post(f"id-{number}", {"number": number}) for number in range(5)]
        kept = [await outside.append("hall", post) for post in posts]
        again = await outside.append("hall", posts[0])
        assert (again.seq, again.duplicate) == (1, True)
        with pytest.raises(IdTaken):
            await outside.append("hall", Rooms.post("id-0", "other"))
        page = await outside.read("hall", after=2, limit=2)
        assert [Rooms.value_of(entry)["number"] for entry in page.entries] == [2, 3]
        assert page.more

        def compare() -> None:
            with SyncOutside(redis.url, options) as other:
                assert other.append("hall", posts[0]).duplicate
                with pytest.raises(IdTaken):
                    other.append("hall", Rooms.post("id-0", "other"))
                assert other.read("hall", after=2, limit=2) == page
                assert other.head("hall") == page.head == (kept[0].epoch, 5)
                assert other.heads(["hall", "none"]) == {"hall": page.head, "none": ("", 0)}

        await in_a_thread(compare)
        assert await outside.head("hall") == page.head
        assert await outside.heads(["hall", "none"]) == {"hall": page.head, "none": ("", 0)}


async def test_values_are_changed_from_outside(redis: RedisUnderTest) -> None:
    """By tasks and by threads at once, and no change undoes another."""
    options = Options(prefix=redis.prefix)

    def count(score: int | None) -> int:
        return (score or 0) + 1

    async with Outside(redis.url, options) as outside:
        with SyncOutside(redis.url, options) as other, ThreadPoolExecutor(4) as threads:
            loop = asyncio.get_running_loop()
            mine = (outside.values.change("score", count) for _ in range(20))
            theirs = (
                loop.run_in_executor(threads, other.values.change, "score", count, 60) for _ in range(20)
            )
            await asyncio.gather(*mine, *theirs)
            assert await outside.values.read("score") == 40
            assert await in_a_thread(lambda: other.values.read("score")) == 40
            await in_a_thread(lambda: other.values.delete("score"))
            assert await outside.values.read("score") is None


@pytest.mark.parametrize("sync", [False, True])
async def test_somebody_is_removed_and_disconnected_from_outside(redis: RedisUnderTest, sync: bool) -> None:
    """On every worker, by a group; and hears nothing that is appended after it."""
    options = Options(prefix=redis.prefix)
    async with two_workers(redis) as urls, Outside(redis.url, options) as outside:
        eva = await Visitor.at(urls[0], auth="eva")
        ana = [await Visitor.at(url, auth="ana") for url in urls]
        for each in (eva, *ana):
            for room in ("hall", "desk"):
                await each.asks("join", room=room)
        with SyncOutside(redis.url, options) as sync_outside:
            if sync:
                await in_a_thread(lambda: sync_outside.remove("hall", group="user ana"))
            else:
                await outside.remove("hall", group="user ana")
            await outside.append("hall", Rooms.post("id-1", "after"))
            await outside.append("desk", Rooms.post("id-2", "on the desk"))
            await eva.hears(lambda data: data == ["after", "on the desk"], "both to be heard")
            for each in ana:
                await each.hears(lambda data: "on the desk" in data, "the desk's to be heard")
                assert each.data == ["on the desk"]
            if sync:
                await in_a_thread(lambda: sync_outside.disconnect_group("user ana"))
            else:
                await outside.disconnect_group("user ana")
        for each in ana:
            await soon(lambda each=each: not each.sio.connected, what="ana to be disconnected")  # type: ignore[misc]
        assert eva.sio.connected
        await eva.leaves()


@pytest.mark.parametrize("way", ["paused", "stopped", "cut"])
async def test_redis_that_is_away_is_said_in_two_seconds(
    redis: RedisUnderTest, proxy: Proxy, way: str
) -> None:
    """And the same object works again once Redis is back."""
    options = Options(prefix=redis.prefix)
    async with Outside(proxy.redis.url, options) as outside:
        other = SyncOutside(proxy.redis.url, options)
        post = Rooms.post("id-1", "hello")
        await outside.append("hall", post)
        assert (await in_a_thread(lambda: other.append("hall", post))).duplicate
        if way == "paused":
            await redis.docker("pause")
        elif way == "stopped":
            await redis.docker("kill")
        else:
            proxy.cut()
        begun = time.monotonic()
        with pytest.raises(LogUnavailable):
            await outside.append("hall", post)
        assert time.monotonic() - begun < 2
        begun = time.monotonic()
        with pytest.raises(LogUnavailable):
            await in_a_thread(lambda: other.append("hall", post))
        assert time.monotonic() - begun < 2
        if way == "paused":
            await redis.docker("unpause")
        elif way == "stopped":
            await redis.docker("start")
        await redis.ready()

        async def works() -> bool:
            try:
                first = await outside.append("hall", post)
                return bool(first == await in_a_thread(lambda: other.append("hall", post)))
            except LogUnavailable:
                return False

        async with asyncio.timeout(PATIENCE):
            while not await works():
                await asyncio.sleep(0.1)
        await in_a_thread(other.close)


async def test_it_is_told_nothing_that_it_did_not_ask_for(redis: RedisUnderTest) -> None:
    """It subscribes to no channel."""
    options = Options(prefix=redis.prefix)
    async with Outside(redis.url, options) as outside:
        with SyncOutside(redis.url, options) as other:
            await outside.append("hall", Rooms.post("id-1", "hello"))
            await in_a_thread(lambda: other.append("hall", Rooms.post("id-2", "hello")))
            clients = (await redis.command("CLIENT", "LIST")).decode()
            assert "cmd=evalsha" in clients or "cmd=eval" in clients
            assert "sub=0" in clients
            assert not any(f"sub={number}" in clients for number in range(1, 10))
        clients = (await redis.command("CLIENT", "LIST")).decode()
    gone = (await redis.command("CLIENT", "LIST")).decode()
    assert len(gone.splitlines()) == 1, gone


async def test_it_says_where_it_can_not_be_used(redis: RedisUnderTest) -> None:
    """Outside in a second event loop, SyncOutside in one that runs."""
    options = Options(prefix=redis.prefix)
    async with Outside(redis.url, options) as outside:
        await outside.head("hall")
        with pytest.raises(RuntimeError, match="belongs to one event loop"):
            await in_a_thread(lambda: asyncio.run(outside.head("hall")))
        with pytest.raises(RuntimeError, match="Use Outside"):
            SyncOutside(redis.url, options).head("hall")
        await outside.close()

        async def elsewhere() -> Head:
            async with outside:
                return await outside.head("hall")

        assert await in_a_thread(lambda: asyncio.run(elsewhere())) == ("", 0)


def _in_a_child(outside: SyncOutside, answers: Any) -> None:
    answers.put(outside.append("hall", Rooms.post("from the child", 1)).seq)
    outside.close()


async def test_one_that_was_used_before_a_fork_works_after_it(redis: RedisUnderTest) -> None:
    """In the child and in the parent: servers such as gunicorn fork what has been imported."""

    def forking() -> list[int]:
        fork = multiprocessing.get_context("fork")
        outside = SyncOutside(redis.url, Options(prefix=redis.prefix))
        answers = fork.Queue()
        seqs = [outside.append("hall", Rooms.post("before", 1)).seq]
        child = fork.Process(target=_in_a_child, args=(outside, answers))
        child.start()
        seqs.append(answers.get(timeout=PATIENCE))
        child.join(PATIENCE)
        seqs.append(outside.append("hall", Rooms.post("after", 1)).seq)
        assert child.exitcode == 0
        outside.close()
        return seqs

    assert await in_a_thread(forking) == [1, 2, 3]


async def test_a_post_that_is_no_json_is_kept_as_it_is(redis: RedisUnderTest) -> None:
    """Entries are bytes to whoever has an `event_of` of their own."""
    async with Outside(redis.url, Options(prefix=redis.prefix)) as outside:
        await outside.append("hall", Post("id-1", b"\x00\xff"))
        assert (await outside.read("hall")).entries[0].data == b"\x00\xff"
