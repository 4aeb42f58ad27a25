"""What is said of a Redis Cluster, by what workers tell of it."""

import pytest
from chat.observe.shard_metrics import of_cluster
from doctor.findings import Outcome
from doctor.shards import judge_shards, samples
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from relay import ClusterStats, Histogram, ShardStats

ONE, TWO = "10.0.0.1:6379", "10.0.0.2:6379"


def told(*, away: bool = False, replicas: int = 2, wanted: int = 1, missing: int = 0) -> str:
    """What a worker's metrics are, of two shards; the second has so many replicas."""
    shards = [
        ShardStats(ONE, False, 2, Histogram(), 0),
        ShardStats(TWO, away, replicas, Histogram(), 4),
    ]

    class Metrics(Collector):
        def collect(self) -> list[Metric]:
            return list(of_cluster(ClusterStats(shards, wanted, missing)))

    registry = CollectorRegistry()
    registry.register(Metrics())
    return generate_latest(registry).decode()


def test_a_cluster_that_is_well() -> None:
    found = judge_shards([samples(told()), samples(told())])
    assert {each.outcome for each in found} == {Outcome.OK}
    assert found[0].said == f"workers here hear themselves through each of 2: {ONE}, {TWO}"


@pytest.mark.parametrize(
    ("second", "number", "outcome", "said"),
    [
        (told(away=True), 0, Outcome.WRONG, f"away for workers here: {TWO}, of 2"),
        (told(missing=5461), 1, Outcome.WRONG, "5461 of 16384 hash slots"),
        (told(replicas=0), 2, Outcome.WRONG, f"2 at {ONE}, 0 at {TWO}; expected 1 or more"),
        (told(replicas=1), 2, Outcome.LOOK, "as many as have to confirm"),
    ],
)
def test_what_one_worker_lacks_is_named(second: str, number: int, outcome: Outcome, said: str) -> None:
    found = judge_shards([samples(told()), samples(second)])
    assert (found[number].outcome, said in found[number].said) == (outcome, True)


def test_messages_without_a_copy_are_worth_a_look() -> None:
    found = judge_shards([samples(told(wanted=0))])[2]
    assert found.outcome is Outcome.LOOK
    assert "none has to confirm" in found.said


def test_a_worker_that_knows_no_shard_is_told() -> None:
    assert judge_shards([{("slots_missing", ""): 0, ("replicas_wanted", ""): 0}])[0].outcome is Outcome.WRONG
