"""A primary is lost whose last writes did not reach every replica: what was acknowledged is kept, and no
number means two messages."""

from tests.cluster.failover import fail_over
from tests.support.redis_cluster import RedisCluster

# Each test has a shard of its own: a replica that was about to be elected may try again only after 6 s.


async def test_what_reached_no_replica_was_not_acknowledged(cluster: RedisCluster) -> None:
    outcome = await fail_over(cluster, replicas=1, cut=2, shard=0)
    assert (outcome.lost, outcome.doubled) == (0, 0)


async def test_what_one_replica_confirmed_is_kept_if_that_one_takes_over(cluster: RedisCluster) -> None:
    """It nearly always does: the one that is behind waits longer. On a machine that is busy it may win."""
    outcome = await fail_over(cluster, replicas=1, cut=1, shard=1)
    assert outcome.in_danger > 0
    assert outcome.lost == 0 or outcome.behind
    assert outcome.doubled == 0


async def test_what_both_replicas_confirmed_is_kept_whichever_takes_over(cluster: RedisCluster) -> None:
    outcome = await fail_over(cluster, replicas=2, cut=1, pause=True, shard=2)
    assert (outcome.lost, outcome.doubled, outcome.behind) == (0, 0, True)
