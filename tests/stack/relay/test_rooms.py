"""Rooms on two workers: what one worker's application decides holds at the other."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from relay import Act, LogUnavailable, Options, Relay, RelayServer, Rooms

from tests.stack.relay.worker import RedisUnderTest
from tests.support.application import Visitor, serving
from tests.support.waiting import soon


class Site:
    """One application on two workers. `denied`: rooms that nobody may do anything in any more."""

    def __init__(self, redis: RedisUnderTest) -> None:
        self.denied: set[str] = set()
        self.relays = [Relay.on_redis(redis.url, options=Options(prefix=redis.prefix)) for _ in range(2)]
        self.servers = [RelayServer(relay.manager) for relay in self.relays]
        self.rooms = [
            Rooms(relay, server, authorize=self.may)
            for relay, server in zip(self.relays, self.servers, strict=True)
        ]
        self.urls: list[str] = []

    async def may(self, sid: str, act: Act, room: str) -> bool | str:
        return room not in self.denied or "Not any more."


@pytest.fixture
async def site(redis: RedisUnderTest) -> AsyncIterator[Site]:
    site = Site(redis)
    async with AsyncExitStack() as stack:
        for server in site.servers:
            site.urls.append(await stack.enter_async_context(serving(server)))
        for relay in site.relays:
            await soon(lambda relay=relay: relay.problem() is None, what="the worker to hear itself")  # type: ignore[misc]
        yield site


async def test_members_at_two_workers_get_all_in_one_order(site: Site) -> None:
    ana, ben = [await Visitor.at(url) for url in site.urls]
    for each in (ana, ben):
        assert (await each.asks("join", room="hall"))["ok"]
    for number in range(20):
        assert (await (ana, ben)[number % 2].append("hall", f"id-{number}", number))["seq"] == number + 1
    for each in (ana, ben):
        await each.hears(lambda data: data == list(range(20)), "all to be heard")
    page = await ben.asks("join", room="hall", after=18, epoch=ben.heard[0]["epoch"])
    assert [entry["data"] for entry in page["entries"]] == [18, 19]
    for each in (ana, ben):
        await each.leaves()


async def test_who_is_removed_at_one_worker_hears_nothing_at_the_other(site: Site) -> None:
    """By sid and by group; nothing that is appended after it, however soon."""
    ana, ben = [await Visitor.at(url) for url in site.urls]
    for each in (ana, ben):
        for room in ("hall", "desk"):
            await each.asks("join", room=room)
    await site.relays[1].group(ben.sid, "user ben")
    for number in range(20):
        by_sid = number % 2 == 0
        assert (await ben.asks("join", room="hall"))["ok"]
        await ana.append("hall", f"before-{number}", f"before-{number}")
        await ben.hears(lambda data, number=number: f"before-{number}" in data, "ben to be a member")  # type: ignore[misc]
        site.denied.add("hall")
        await site.rooms[0].remove(
            "hall", sid=ben.sid if by_sid else None, group=None if by_sid else "user ben"
        )
        await site.relays[0].log.append("hall", Rooms.post(f"secret-{number}", "secret"))
        await site.relays[0].log.append("desk", Rooms.post(f"desk-{number}", f"desk-{number}"))
        await ben.hears(lambda data, number=number: f"desk-{number}" in data, "the desk's to be heard")  # type: ignore[misc]
        assert (await ben.asks("join", room="hall"))["error"] == "forbidden"
        assert (await ben.asks("history", room="hall"))["error"] == "forbidden"
        assert (await ben.append("hall", "id", 1))["error"] == "forbidden"
        site.denied.clear()
        assert (await ben.append("hall", "id", 1))["error"] == "not_joined"
        assert "secret" not in ben.data
    assert ana.data.count("secret") == 20
    for each in (ana, ben):
        await each.leaves()


async def test_redis_that_is_away_is_said_to_client_and_application(
    site: Site, redis: RedisUnderTest
) -> None:
    """Who was to be removed at this worker is, all the same."""
    ana = await Visitor.at(site.urls[0])
    await ana.asks("join", room="hall")
    await redis.docker("pause")
    assert (await ana.append("hall", "id-1", 1))["error"] == "unavailable"
    assert (await ana.asks("history", room="hall"))["error"] == "unavailable"
    assert (await ana.asks("join", room="desk"))["error"] == "unavailable"
    with pytest.raises(LogUnavailable):
        await site.rooms[0].remove("hall", sid=ana.sid)
    assert not site.relays[0].joined(ana.sid, "hall")
    await redis.docker("unpause")
    await ana.leaves()
