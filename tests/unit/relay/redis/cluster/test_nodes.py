"""URLs of clusters, and what is wrong with others."""

import pytest
from relay import Options, Relay
from relay.outside import Outside, SyncOutside
from relay.redis.cluster.nodes import is_cluster, nodes_of


def test_a_url_names_the_nodes_that_are_asked_first() -> None:
    nodes = nodes_of("redis+cluster://worker:secret@redis-1,redis-2:7000,[fe80::1]:7001/0")
    assert nodes.seeds == (("redis-1", 6379), ("redis-2", 7000), ("fe80::1", 7001))
    assert (nodes.scheme, nodes.login) == ("redis", "worker:secret@")
    assert nodes_of("rediss+cluster://redis-1").scheme == "rediss"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+cluster://redis-1/3", "no database but 0"),
        ("redis+cluster://redis-1?protocol=3", "takes no options"),
        ("redis+cluster://", "'' is no host and port"),
        ("redis+cluster://redis-1,", "'' is no host and port"),
        ("redis+cluster://redis-1:port", "'redis-1:port' is no host and port"),
        ("redis+cluster://redis-1,redis://redis-2", "no other URL in it"),
        ("redis+cluster://redis+cluster://redis-2", "no other URL in it"),
    ],
)
def test_a_url_that_is_none_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Relay.on_redis(url)
    with pytest.raises(ValueError, match=said):
        Outside(url)


def test_other_urls_are_of_one_redis() -> None:
    assert not any(map(is_cluster, ("redis://redis", "rediss://redis", "unix:///run/redis")))


def test_one_redis_has_no_replicas_to_wait_for() -> None:
    for use in (Relay.on_redis, Outside, SyncOutside):
        with pytest.raises(ValueError, match="only a cluster has replicas"):
            use("redis://redis", options=Options(replicas=1))
