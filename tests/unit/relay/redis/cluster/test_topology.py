"""What a node of a cluster says of all nodes."""

from relay.redis.cluster.topology import Topology

A, B, C, D, E = (letter * 40 for letter in "abcde")
NODES = f"""\
{A} 10.0.0.1:6379@16379,host-a,,tls-port=0 master - 0 1426238316232 7 connected 0-5460 5462 [93-<-{B}]
{B} 10.0.0.2:6380@16380 myself,master - 0 0 2 connected 5461 5463-10922 [77->-{A}]
{C} fe80::7:6379@16379 slave {A} 0 1426238316232 7 connected
{D} 10.0.0.4:6379@16379 slave,fail {B} 1426238316232 1426238316232 2 disconnected
{E} 10.0.0.5:6379@16379 master - 0 1426238316232 0 connected
"""


def test_each_slot_has_its_primary() -> None:
    topology = Topology.of(NODES, "10.0.0.2")
    assert [(each.id, each.host, each.port, each.epoch) for each in topology.primaries] == [
        (A, "10.0.0.1", 6379, 7),
        (B, "10.0.0.2", 6380, 2),
    ]
    owners = {slot: topology.owner(slot) for slot in (0, 93, 5460, 5461, 5462, 5463, 10922, 10923, 16383)}
    found = {slot: owner.id if owner else None for slot, owner in owners.items()}
    assert found == {0: A, 93: A, 5460: A, 5461: B, 5462: A, 5463: B, 10922: B, 10923: None, 16383: None}
    assert topology.missing == 16384 - 10923


def test_replicas_count_while_they_are_connected() -> None:
    assert [each.replicas for each in Topology.of(NODES, "10.0.0.2").primaries] == [1, 0]


def test_a_node_that_does_not_know_its_own_address_has_the_one_it_was_asked_at() -> None:
    topology = Topology.of(f"{A} :6379@16379 myself,master - 0 0 1 connected 0-16383\n", "redis-1")
    assert topology.addresses == [("redis-1", 6379)]


def test_a_node_with_an_ipv6_address_is_found() -> None:
    topology = Topology.of(f"{A} fe80::7:6379@16379 myself,master - 0 0 1 connected 0-16383\n", "x")
    assert topology.addresses == [("fe80::7", 6379)]
