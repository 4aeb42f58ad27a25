"""The metrics of each shard of a Redis Cluster, as a worker sees it. The label is the address of its primary,
so there are no more series than the cluster has nodes, however many rooms there are."""

from collections.abc import Iterator

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from relay import ClusterStats

from chat.observe.histogram_metric import histogram

LABEL = "shard"


def of_cluster(cluster: ClusterStats) -> Iterator[Metric]:
    away = GaugeMetricFamily(
        "tertulia_shard_away", "1 if the worker does not hear itself through a shard", labels=[LABEL]
    )
    replicas = GaugeMetricFamily(
        "tertulia_shard_replicas", "Replicas of a shard that are connected", labels=[LABEL]
    )
    failures = CounterMetricFamily(
        "tertulia_shard_failures", "Batches that a shard did not answer in time", labels=[LABEL]
    )
    for shard in cluster.shards:
        away.add_metric([shard.address], shard.away)
        replicas.add_metric([shard.address], shard.replicas)
        failures.add_metric([shard.address], shard.failures)
    yield from (away, replicas, failures)
    yield histogram(
        "tertulia_shard_seconds",
        "How long a shard took to answer a batch of requests, its replicas included",
        {shard.address: shard.exchanges for shard in cluster.shards},
        LABEL,
    )
    yield GaugeMetricFamily(
        "tertulia_replicas_wanted", "Replicas that confirm each message", cluster.replicas_wanted
    )
    yield GaugeMetricFamily("tertulia_slots_missing", "Hash slots that no primary has", cluster.slots_missing)
