"""The metrics over HTTP, in Prometheus' text format: `/metrics` of this worker, `/metrics/redis` of the Redis
that all workers share, to be asked of any one of them.

Nothing is counted here: what the parts count in plain integers is read when Prometheus asks.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from relay import LogUnavailable, RedisInfo, Relay, RelayServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chat.observe.event_metrics import EventMetrics
from chat.observe.histogram_metric import histogram
from chat.observe.loop_lag import LoopLag
from chat.observe.shard_metrics import of_cluster


class Metrics:
    def __init__(
        self,
        server: RelayServer,
        relay: Relay,
        event_metrics: EventMetrics,
        lag: LoopLag,
        replicas: int,
        node: str,
    ) -> None:
        """`replicas`: how many workers there should be. `node`: the name of this worker's host, if known."""
        self._relay = relay
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(WorkerCollector(server, event_metrics, lag, replicas, node))
        self.routes = [Route("/metrics", self.of_worker), Route("/metrics/redis", self.of_redis)]

    async def of_worker(self, request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    async def of_redis(self, request: Request) -> Response:
        """503 when this worker doesn't reach Redis; over a connection that ends, so that the next scrape may
        find another worker."""
        try:
            info = await self._relay.redis_info()
        except LogUnavailable as error:
            return PlainTextResponse(f"{error}\n", 503, headers={"Connection": "close"})
        registry = CollectorRegistry()
        registry.register(RedisCollector(info))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class WorkerCollector(Collector):
    def __init__(
        self, server: RelayServer, event_metrics: EventMetrics, lag: LoopLag, replicas: int, node: str = ""
    ) -> None:
        self._server = server
        self._event_metrics = event_metrics
        self._lag = lag
        self._replicas = replicas
        self._node = node

    def describe(self) -> Iterable[Metric]:
        """Extends Collector, where the registry collects to learn the names, before anything runs."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._of_relay()
        events = CounterMetricFamily(
            "tertulia_events",
            "Events that clients sent, by how they were answered",
            labels=["event", "outcome"],
        )
        for labels, count in sorted(self._event_metrics.outcomes.items()):
            events.add_metric(labels, count)
        yield events
        yield CounterMetricFamily(
            "tertulia_useless_packets",
            "Packets of clients that nobody asked for",
            self._event_metrics.useless,
        )
        seconds = self._event_metrics.seconds
        yield histogram("tertulia_event_seconds", "How long an event's handler took", seconds, "event")
        yield histogram("tertulia_loop_lag_seconds", "How late the event loop was", {"": self._lag.seconds})
        yield GaugeMetricFamily("tertulia_workers_wanted", "How many workers there should be", self._replicas)
        if self._node:
            info = GaugeMetricFamily("tertulia_worker_info", "1, and where the worker is", labels=["node"])
            info.add_metric([self._node], 1)
            yield info

    def _of_relay(self) -> Iterator[Metric]:
        stats = self._server.stats()
        sessions = GaugeMetricFamily("tertulia_sessions", "Open sessions", labels=["transport"])
        sessions.add_metric(["polling"], stats.polling)
        sessions.add_metric(["websocket"], stats.websocket)
        yield sessions
        yield GaugeMetricFamily("tertulia_rooms", "Rooms with members on this worker", stats.rooms)
        yield CounterMetricFamily("tertulia_deliveries", "Events handed to sessions", stats.deliveries)
        yield GaugeMetricFamily(
            "tertulia_unsent_bytes", "Bytes that clients have still to read", stats.unsent
        )
        yield GaugeMetricFamily(
            "tertulia_buffered_bytes", "Memory for what clients have not read or sent half", stats.buffered
        )
        yield CounterMetricFamily(
            "tertulia_evictions", "Clients dropped because they read too slowly", stats.slow_readers
        )
        if on_redis := stats.on_redis:
            yield GaugeMetricFamily(
                "tertulia_bus_silence_seconds",
                "Since the worker heard its own probe through Redis",
                on_redis.probe_age,
            )
            yield GaugeMetricFamily(
                "tertulia_bus_lag_entries",
                "Entries that rooms lacked when last compared with their logs",
                on_redis.behind,
            )
            yield CounterMetricFamily(
                "tertulia_heals", "Times that a room was caught up by reading its log", on_redis.catch_ups
            )
            yield CounterMetricFamily(
                "tertulia_healed_entries", "Entries that were told by reading a log", on_redis.caught_up
            )
            yield histogram(
                "tertulia_redis_seconds",
                "How long Redis took to answer a batch of requests, the sync to disk included",
                {"": on_redis.exchanges},
            )
            yield CounterMetricFamily(
                "tertulia_redis_failures", "Batches that Redis did not answer in time", on_redis.failures
            )
            if on_redis.cluster is not None:
                yield from of_cluster(on_redis.cluster)


class RedisCollector(Collector):
    """Names as of redis_exporter, where it has them. No metrics for a process without Redis."""

    def __init__(self, info: RedisInfo | None) -> None:
        self._info = info

    def collect(self) -> Iterator[Metric]:
        if now := self._info:
            yield GaugeMetricFamily("redis_uptime_in_seconds", "Since Redis started", now.uptime)
            yield GaugeMetricFamily("redis_connected_clients", "Connections", now.clients)
            yield GaugeMetricFamily("redis_memory_used_bytes", "Memory in use", now.memory)
            yield GaugeMetricFamily("redis_memory_max_bytes", "Memory allowed, 0: any", now.memory_limit)
            yield GaugeMetricFamily("redis_aof_current_size_bytes", "Size of the file", now.file_bytes)
            yield GaugeMetricFamily(
                "redis_aof_last_write_status", "1 if the last write to the file went well", now.written
            )
            yield GaugeMetricFamily(
                "redis_aof_last_bgrewrite_status", "1 if the last rewriting went well", now.rewritten
            )
            yield GaugeMetricFamily(
                "redis_slowest_sync_seconds",
                "The slowest sync to disk within a minute, 0 if none was slow",
                now.slowest_sync,
            )
            yield CounterMetricFamily("redis_commands_processed", "Commands processed", now.commands)
