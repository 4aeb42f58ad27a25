"""What Prometheus reads of one worker."""

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from chat.app import build
from chat.observe.event_metrics import EventMetrics
from chat.observe.loop_lag import TICK, LoopLag
from chat.observe.metrics import WorkerCollector
from chat.observe.shard_metrics import of_cluster
from chat.settings import Settings
from prometheus_client import CollectorRegistry
from relay import ClusterStats, Histogram, RelayServer, ShardStats
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from tests.support.waiting import soon
from tests.unit.wire import Chat

OUTSIDE = Settings(redis_url="redis://127.0.0.1:1/0", allowed_hosts=("chat.example.org",))


async def test_only_a_worker_behind_nginx_shows_its_metrics(chat: Chat) -> None:
    """A process on its own is the one that everybody reaches."""
    assert (await scrape("/metrics")).status_code == 200
    for path in ("/metrics", "/metrics/redis"):
        assert (await chat.http.get(path)).status_code == 404


async def scrape(path: str) -> httpx.Response:
    """What a worker that reaches no Redis, and whose lifespan has not begun, answers to Prometheus."""
    transport = httpx.ASGITransport(build(OUTSIDE).asgi)
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as prometheus:
        return await prometheus.get(path)


async def test_prometheus_asks_by_address_whatever_hosts_are_allowed() -> None:
    """And gets an answer of all that there is, before anything ran, with each name once."""
    answer = await scrape("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    names = [line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert "tertulia_workers_wanted 1.0" in answer.text.splitlines()
    assert 'tertulia_sessions{transport="websocket"} 0.0' in answer.text.splitlines()


async def test_without_redis_its_metrics_say_so_and_the_connection_ends() -> None:
    """So that Prometheus' next scrape may find a worker that reaches it."""
    answer = await scrape("/metrics/redis")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert "Redis is away" in answer.text


async def test_sessions_are_counted_by_their_transport(chat: Chat) -> None:
    """While they are open, and an upgraded one by what it was upgraded to."""
    server: RelayServer = chat.relay
    await chat.client("polling")
    upgraded = await chat.client("polling", "websocket")
    await chat.client("websocket")

    def sessions() -> tuple[float | None, ...]:
        registry = CollectorRegistry()
        registry.register(WorkerCollector(server, EventMetrics(), LoopLag(), 1))
        return tuple(
            registry.get_sample_value("tertulia_sessions", {"transport": transport})
            for transport in ("polling", "websocket")
        )

    await soon(lambda: sessions() == (1, 2), what="one polls and two have a WebSocket")
    await upgraded.disconnect()
    await soon(lambda: sessions() == (1, 1), what="one is gone")


async def test_what_waits_for_a_client_that_does_not_poll_is_unsent(chat: Chat) -> None:
    session = await chat.polling()
    server: RelayServer = chat.relay
    before = server.stats().unsent
    assert (await session.post('420["message","' + "x" * 40 + '"]')).status_code == 200
    assert server.stats().unsent > before + 40


async def test_what_clients_leave_unread_is_measured_as_the_bound_counts_it(chat: Chat) -> None:
    """In bytes of memory; nobody here holds what somebody else holds too."""
    session = await chat.polling()
    server: RelayServer = chat.relay
    before = sample(server, "tertulia_buffered_bytes")
    assert (await session.post('420["message","' + "x" * 400 + '"]')).status_code == 200
    assert before + 400 < sample(server, "tertulia_buffered_bytes") == server.eio.buffers.bytes


def sample(server: RelayServer, name: str) -> float:
    registry = CollectorRegistry()
    registry.register(WorkerCollector(server, EventMetrics(), LoopLag(), 1))
    value = registry.get_sample_value(name)
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"ok": True}, "ok"),
        (None, "ok"),
        ({"ok": False, "error": "rate_limited", "detail": "…"}, "rate_limited"),
        (ConnectionRefused("…", {"error": "wrong_code"}), "wrong_code"),
        (ValueError("a fault of ours"), "failed"),
    ],
)
async def test_each_event_is_counted_by_its_outcome(answer: Any, outcome: str) -> None:
    """And what the handler answers or raises goes on as it is."""

    async def handler(sid: str) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    event_metrics = EventMetrics()
    counted = event_metrics.counted("wave", handler)
    if isinstance(answer, Exception):
        with pytest.raises(type(answer)):
            await counted("sid")
    else:
        assert await counted("sid") is answer
    assert event_metrics.outcomes == {("wave", outcome): 1}
    assert sum(event_metrics.seconds["wave"].counts) == 1


async def test_a_loop_that_was_held_up_is_late_with_everything_that_fell_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not once: of a second that it stood still, each tenth waited for the rest of it. On a clock of its own,
    since a busy machine holds up every loop."""
    now, naps = 0.0, 0

    async def sleep(seconds: float) -> None:
        nonlocal now, naps
        naps += 1
        if naps > 20:
            raise asyncio.CancelledError
        now += max(0.0, seconds) + (10 * TICK if naps == 5 else 0.0)

    monkeypatch.setattr("chat.observe.loop_lag.monotonic", lambda: now)
    monkeypatch.setattr("chat.observe.loop_lag.asyncio", SimpleNamespace(sleep=sleep))
    lag = LoopLag()
    with pytest.raises(asyncio.CancelledError):
        await lag.run()
    assert sum(lag.seconds.counts) == 20
    assert sum(lag.seconds.counts[8:]) == 8, "those that were late by more than a quarter of a second"


def test_each_shard_of_a_cluster_is_a_series_of_its_own() -> None:
    """And a cluster, what it lacks."""
    took = Histogram()
    took.observe(0.002)
    shards = [
        ShardStats("10.0.0.1:6379", False, 2, took, 0),
        ShardStats("10.0.0.2:6379", True, 1, Histogram(), 3),
    ]
    metrics = of_cluster(ClusterStats(shards, 1, 5461))
    samples = {
        (sample.name, sample.labels.get("shard")): sample.value
        for metric in metrics
        for sample in metric.samples
        if "le" not in sample.labels
    }
    names = (
        "tertulia_shard_away",
        "tertulia_shard_replicas",
        "tertulia_shard_failures_total",
        "tertulia_shard_seconds_count",
    )
    told = [[samples[name, shard.address] for shard in shards] for name in names]
    assert told == [[0, 1], [2, 1], [0, 3], [1, 0]]
    assert samples["tertulia_replicas_wanted", None] == 1
    assert samples["tertulia_slots_missing", None] == 5461


async def test_one_redis_has_no_shards() -> None:
    assert "shard" not in (await scrape("/metrics")).text
