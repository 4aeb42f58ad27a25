"""Which clients a user has at several workers, and which one client has a role."""

import asyncio
from typing import Any

import pytest
from relay import LogUnavailable
from relay.connections import Connections
from relay.log.records import MOST_BYTES
from relay.memory.records import MemoryRecords
from relay.values import Values

from tests.support import relay_document
from tests.support.served import Served
from tests.support.waiting import PATIENCE


class FarRecords(MemoryRecords):
    """Records that may be away."""

    away = False

    async def read(self, *asks: Any) -> list[dict[str, bytes]]:
        await asyncio.sleep(0)
        if self.away:
            raise LogUnavailable("Redis is away")
        return await super().read(*asks)


class House:
    """Two workers."""

    def __init__(self) -> None:
        self.records = FarRecords()
        self.silent: set[str] = set()
        """Workers whose probe is missing."""
        self.one, self.other = self.worker("one"), self.worker("other")
        self.tasks = [asyncio.ensure_future(worker.run()) for worker in (self.one, self.other)]

    def worker(self, name: str) -> Connections:
        async def silent(workers: list[str]) -> set[str]:
            return self.silent & {*workers}

        return Connections(Values(self.records), name, silent)

    async def becomes(self, name: str, *sids: str) -> None:
        """Wait until these are the clients of a name."""
        async with asyncio.timeout(PATIENCE):
            while await self.one.of(name) != {*sids}:
                await asyncio.sleep(0.01)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("relay.connections.AGAIN", 0.02)
    monkeypatch.setattr("relay.connections.RETRY", 0.02)
    house = House()
    yield house
    for task in house.tasks:
        task.cancel()


async def test_the_first_and_the_last_client_are_told_apart(house: House) -> None:
    one, other = house.one, house.other
    assert [await one.add("a1", "ana"), await other.add("a2", "ana")] == [True, False]
    assert await other.add("b1", "ben")
    assert await one.of("ana") == await other.of("ana") == {"a1", "a2"}
    assert [await one.remove("a1", "ana"), await other.remove("a2", "ana")] == [False, True]
    assert await one.of("ana") == set()
    assert await one.add("a3", "ana")


async def test_who_was_never_added_may_be_removed(house: House) -> None:
    assert await house.one.remove("a1", "ana")
    assert await house.other.add("a2", "ana")
    assert not await house.one.remove("a1", "ana")
    assert await house.one.of("ana") == {"a2"}


async def test_one_of_many_that_come_or_go_at_once_is_first_or_last(house: House) -> None:
    sids = [((house.one, house.other)[n % 2], f"s{n}") for n in range(20)]
    assert sum(await asyncio.gather(*(worker.add(sid, "ana") for worker, sid in sids))) == 1
    assert len(await house.one.of("ana")) == 20
    assert sum(await asyncio.gather(*(worker.remove(sid, "ana") for worker, sid in sids))) == 1


async def test_one_client_has_a_role(house: House) -> None:
    """Also of several that ask at once. It stays the same until it leaves the role."""
    one, other = house.one, house.other
    sids = [((one, other)[n % 2], f"s{n}") for n in range(8)]
    taken = await asyncio.gather(*(worker.take(sid, "host") for worker, sid in sids))
    assert sum(taken) == 1
    worker, host = sids[taken.index(True)]
    assert await worker.take(host, "host")
    assert await one.of("host") == {host}
    for each, sid in sids:
        if sid != host:
            assert not await each.remove(sid, "host")
    assert await worker.remove(host, "host")
    assert await other.take("s9", "host")


async def test_clients_of_a_worker_that_was_killed_do_not_count(house: House) -> None:
    killed, other = house.other, house.one
    for name in ("ana", "ben"):
        await killed.add(f"{name} 1", name)
    await killed.take("host 1", "host")
    await other.add("ben 2", "ben")
    house.silent = {"other"}
    assert await other.of("ana") == set()
    assert await other.of("ben") == {"ben 2"}
    assert await other.add("ana 2", "ana")
    assert await other.remove("ben 2", "ben")
    assert await other.take("host 2", "host")


async def test_that_a_worker_is_dead_is_found_out_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks of its other clients does not wait any more. Once it was heard of it is doubted anew."""
    for name in ("ana", "ben"):
        await house.other.add(f"phone of {name}", name)
    house.silent = {"other"}
    assert await house.one.of("ana") == set()
    monkeypatch.setattr("relay.connections.AGAIN", 100 * PATIENCE)
    async with asyncio.timeout(PATIENCE):
        assert [await house.one.of(name) for name in ("ana", "ben", "ana")] == [set()] * 3
        assert await house.one.add("laptop", "ben")
        house.silent = set()
        assert await house.one.of("ana") == {"phone of ana"}
    house.silent = {"other"}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(house.one.of("ana"), 0.05)


async def test_a_worker_whose_probe_is_missing_for_a_moment_is_not_dead(house: House) -> None:
    """As all are after Redis was away."""
    await house.other.add("a1", "ana")
    house.silent = {"other"}
    asked = asyncio.ensure_future(house.one.add("a2", "ana"))
    await asyncio.sleep(0.005)
    house.silent = set()
    assert not await asked
    assert await house.one.of("ana") == {"a1", "a2"}


async def test_a_worker_that_was_taken_for_dead_puts_its_clients_back(house: House) -> None:
    """All that are still there, but for a role that another client has by now."""
    cut_off, other = house.other, house.one
    await cut_off.add("a1", "ana")
    await cut_off.add("b1", "ben")
    await cut_off.take("h1", "host")
    await cut_off.take("c1", "camera")
    house.silent = {"other"}
    assert await other.add("a2", "ana")
    assert await other.take("h2", "host")
    for name in ("ben", "camera"):
        await other.add("x", name)
        await other.remove("x", name)
    await cut_off.remove("b1", "ben")
    house.silent = set()
    cut_off.reconnected()
    await house.becomes("ana", "a1", "a2")
    await house.becomes("camera", "c1")
    await house.becomes("host", "h2")
    await house.becomes("ben")


async def test_what_redis_could_not_be_told_is_told_later(house: House) -> None:
    """Who left is taken out, and who could not be added is not in."""
    await house.other.add("a1", "ana")
    await house.other.add("a2", "ana")
    house.records.away = True
    with pytest.raises(LogUnavailable):
        await house.other.remove("a1", "ana")
    with pytest.raises(LogUnavailable):
        await house.other.add("a3", "ana")
    await asyncio.sleep(0.05)
    house.records.away = False
    await house.becomes("ana", "a2")
    assert await house.other.remove("a2", "ana")


async def test_a_worker_renews_what_is_kept_of_its_clients(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connections.RENEW", 0.02)
    renewing = house.worker("third")
    house.tasks.append(asyncio.ensure_future(renewing.run()))
    await renewing.add("a1", "ana")
    await Values(house.records).delete("clients ana")
    await house.becomes("ana", "a1")


async def test_a_name_that_can_not_be_is_refused(house: House) -> None:
    for refused in (house.one.add, house.one.take):
        with pytest.raises(ValueError, match="at most 200 characters"):
            await refused("x1", "x" * 200)


async def test_a_name_has_some_hundred_clients_and_says_so(house: House) -> None:
    for number in range(4):
        await house.one.add(f"{number}" * 15_000, "ana")
    with pytest.raises(ValueError, match="'ana' has 4 clients, and there is no room for one more"):
        await house.other.add("4" * 15_000, "ana")
    await house.becomes("ana", *(f"{number}" * 15_000 for number in range(4)))


async def test_clients_that_can_not_be_put_back_hold_up_no_other(house: House) -> None:
    for name in ("full", "ana"):
        await house.one.add("a1", name)
        await Values(house.records).delete(f"clients {name}")
    await Values(house.records).change("clients full", lambda _: {"x" * (MOST_BYTES - 20): "other"})
    for _ in range(2):
        house.one.reconnected()
        await house.becomes("ana", "a1")
        await Values(house.records).delete("clients ana")


async def test_a_client_may_leave_while_its_worker_puts_its_clients_back(house: House) -> None:
    for turn in range(20):
        sids = [f"a{turn} {number}" for number in range(10)]
        for sid in sids:
            await house.one.add(sid, "ana")
        house.one.reconnected()
        await asyncio.gather(*(house.one.remove(sid, "ana") for sid in sids))
    await house.becomes("ana")


async def test_nothing_is_kept_of_a_name_without_clients(house: House) -> None:
    await house.one.add("a1", "ana")
    await house.one.remove("a1", "ana")
    assert await house.other.remove("a1", "ana")
    assert await Values(house.records).read("clients ana") is None


async def test_the_document_says_who_came_and_who_went() -> None:
    """Once for a user with several clients."""
    [code] = [block for block in relay_document.blocks("python") if "relay.connections.add" in block]
    async with Served() as served:
        exec(code, {"sio": served.server, "relay": served.relay})
        watching = await served.visitor(auth={"user": "watching"})
        clients = [await served.visitor(auth={"user": "ana"}) for _ in range(2)]
        sids = {client.sid() for client in clients}
        assert await served.relay.connections.of("ana") == sids
        for client in clients:
            await client.sio.disconnect()
        await watching.hears(("/", "came", "watching"), ("/", "came", "ana"), ("/", "went", "ana"))
        assert await served.relay.connections.of("ana") == set()
