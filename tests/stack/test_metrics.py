"""What the workers tell Prometheus of themselves is what is seen from outside; and nobody else is told."""

import asyncio
from functools import partial

import httpx
import pytest
from docker.models.containers import Container

from tests.support.metrics import of_workers, scrape
from tests.support.people import ORDINARY, POLLING, WEBSOCKET, crowd, on_each_worker
from tests.support.stack import Stack
from tests.support.waiting import soon


def sessions(worker: Container, stack: Stack) -> tuple[float, float]:
    """How many sessions a worker says that poll, and that have a WebSocket."""
    samples = scrape(stack, worker)
    return samples["tertulia_sessions", "polling"], samples["tertulia_sessions", "websocket"]


async def test_what_is_counted_is_what_people_did_and_saw(stack: Stack) -> None:
    """Sessions where they sit and by how they came; each message once, where it was sent; each refusal by its
    reason; each delivery once, where it was heard."""
    # Of who went away without a word, as in tests before, a worker learns by the missing pong.
    for worker in stack.containers("web"):
        worker.remove(force=True)
    stack.mend()
    workers = stack.workers()

    def as_told() -> dict[str, tuple[float, float]]:
        return {route: sessions(worker, stack) for route, worker in workers.items()}

    delivered = of_workers(stack, "tertulia_deliveries_total")
    async with crowd(stack.url, *[POLLING] * 5, *[WEBSOCKET] * 4, *[ORDINARY] * 3) as people:

        def as_seen() -> dict[str, tuple[float, float]]:
            sat = [(person.route, person.transport) for person in people]
            return {
                route: (sat.count((route, "polling")), sat.count((route, "websocket"))) for route in workers
            }

        assert all(sum(seen) > 0 for seen in as_seen().values())
        await soon(lambda: as_told() == as_seen(), what="the workers tell of the sessions that are there")

        outcomes = "ok", "empty", "too_long"
        before = [of_workers(stack, "tertulia_events_total", "message", outcome) for outcome in outcomes]
        for number, person in enumerate(people):
            assert (await person.says(f"metrics {number}"))["ok"]
        assert (await people[0].says(" "))["error"] == "empty"
        assert [(await people[n].says("x" * 4001))["error"] for n in (1, 2)] == ["too_long"] * 2
        after = [of_workers(stack, "tertulia_events_total", "message", outcome) for outcome in outcomes]
        assert [now - then for now, then in zip(after, before, strict=True)] == [len(people), 1, 2]

        for number in range(len(people)):
            for person in people:
                await person.hears(f"metrics {number}")
        # Who came was told as well.
        await soon(
            lambda: (
                of_workers(stack, "tertulia_deliveries_total") - delivered
                == sum(person.deliveries.total() for person in people)
            ),
            what="as many deliveries are counted as there were",
        )
    for worker in stack.workers().values():
        samples = scrape(stack, worker)
        handled = sum(
            count
            for (name, *labels), count in samples.items()
            if name == "tertulia_events_total"
            if "message" in labels
        )
        assert samples["tertulia_event_seconds_count", "message"] == handled > 0


async def test_what_comes_too_often_is_counted_as_that(stack: Stack) -> None:
    async with crowd(stack.url, WEBSOCKET) as (ana,):
        refusals = of_workers(stack, "tertulia_events_total", "typing", "rate_limited")
        answers = [await ana.asks("typing", {"typing": True}) for _ in range(15)]
        refused = sum(answer.get("error") == "rate_limited" for answer in answers)
        assert refused > 0
        now = of_workers(stack, "tertulia_events_total", "typing", "rate_limited")
        assert now - refusals == refused


async def test_a_worker_that_was_cut_off_tells_how_deaf_it_is_and_what_it_caught_up(stack: Stack) -> None:
    (deaf_route, deaf), (_, well) = stack.workers().items()
    async with on_each_worker(stack.url, list(stack.workers())) as (ana, ben):
        before = scrape(stack, deaf)
        await asyncio.to_thread(stack.network("back").disconnect, deaf)
        silence = partial(lambda worker: scrape(stack, worker)["tertulia_bus_silence_seconds",], deaf)
        # Longer than the worker bears with its connection, which else brings late what was said.
        await soon(lambda: silence() > 5, what="the worker tells that it hears nothing")
        assert scrape(stack, well)["tertulia_bus_silence_seconds",] < silence()
        for number in range(5):
            assert (await ben.says(f"missed {number}"))["ok"]
        await asyncio.to_thread(stack.network("back").connect, deaf, aliases=["web"])
        await ana.hears("missed 4")
        await soon(lambda: silence() < 2, what="it hears itself again")
        after = scrape(stack, deaf)
        assert after["tertulia_heals_total",] > before["tertulia_heals_total",]
        assert after["tertulia_healed_entries_total",] - before["tertulia_healed_entries_total",] == 5
        assert after["tertulia_redis_failures_total",] > before["tertulia_redis_failures_total",]
        assert ana.route == deaf_route


def test_redis_is_told_of_once_by_whichever_worker_is_asked(stack: Stack) -> None:
    for worker in stack.workers().values():
        samples = scrape(stack, worker, "/metrics/redis")
        assert samples["redis_memory_max_bytes",] == 768 << 20
        assert 0 < samples["redis_memory_used_bytes",] < 100 << 20
        assert samples["redis_connected_clients",] >= 4, "two connections of each worker"
        assert samples["redis_aof_last_write_status",] == samples["redis_aof_last_bgrewrite_status",] == 1
        assert not any(name.startswith("redis_") for name, *_ in scrape(stack, worker))


def test_each_worker_tells_its_own_process_and_what_was_asked_for(stack: Stack) -> None:
    for worker in stack.workers().values():
        samples = scrape(stack, worker)
        assert 20 << 20 < samples["process_resident_memory_bytes",] < 512 << 20
        assert samples["process_cpu_seconds_total",] > 0
        assert samples["tertulia_workers_wanted",] == 2
        assert samples["tertulia_loop_lag_seconds_count",] > 10
        assert samples["tertulia_redis_seconds_count",] > 0


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/metrics/redis",
        "/%6detrics",
        "//metrics",
        "/static/../metrics",
        "/x/%2e%2e/metrics",
    ],
)
def test_nobody_outside_reads_metrics(stack: Stack, path: str) -> None:
    """However the path is spelt; and the port of nginx' own is not published."""
    for host in ("localhost", "web:8000"):
        request = httpx.Request(
            "GET", stack.url, headers={"Host": host}, extensions={"target": path.encode()}
        )
        with httpx.Client() as client:
            answer = client.send(request)
        assert answer.status_code == (404 if host == "localhost" else 400)
        assert "tertulia_" not in answer.text
        assert "redis_" not in answer.text


def test_nginx_tells_how_many_connections_it_has(stack: Stack) -> None:
    assert scrape(stack, stack.container("nginx"), port=9113)["nginx_connections",] >= 1
