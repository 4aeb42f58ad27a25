"""Asks a cluster whether it is what the relay needs: each of its primaries, and how many nodes it has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from redis.exceptions import RedisError

from relay.redis.cluster.nodes import Nodes
from relay.redis.cluster.topology import Topology
from relay.redis.connector import Dialogue
from relay.redis.names import Names
from relay.redis.needs import WrongRedis, check_needs


async def examine_cluster(nodes: Nodes, names: Names, replicas: int) -> None:
    """Ask the nodes that the URL names, and the primaries that they know. `replicas`: how many are to confirm
    each entry. Raises WrongRedis, and RedisError or OSError if no node has answered."""
    asked = list(dict.fromkeys(nodes.seeds))
    found = await _ask_all(nodes, names, replicas, asked)
    topology = max(found, key=lambda topology: topology.epoch)
    if not topology.primaries:
        raise RedisError("no node has slots yet")
    await _ask_all(nodes, names, replicas, [at for at in topology.addresses if at not in asked])
    if not topology.missing and topology.others < replicas:
        raise WrongRedis(
            f"{replicas} replicas are to confirm each entry, and the cluster has {topology.others} nodes "
            f"besides its {len(topology.primaries)} primaries. Add replicas, so that each primary has "
            f"{replicas} or more, or ask for fewer (REDIS_REPLICAS; `replicas` of Options)."
        )


async def _ask_all(
    nodes: Nodes, names: Names, replicas: int, addresses: Iterable[tuple[str, int]]
) -> list[Topology]:
    """Return what those say that answer. Raises WrongRedis if one is wrong, and the first error if none
    answers."""
    asking = (_ask(nodes, names, replicas, *address) for address in addresses)
    answers = await asyncio.gather(*asking, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    for error in errors:
        if not isinstance(error, (RedisError, OSError)):
            raise error
    if errors and len(errors) == len(answers):
        raise errors[0]
    return [answer for answer in answers if isinstance(answer, Topology)]


async def _ask(nodes: Nodes, names: Names, replicas: int, host: str, port: int) -> Topology:
    said: list[bytes] = []

    def check() -> Dialogue[None]:
        yield from check_needs(names, f"{host}:{port}", in_cluster=True, replicas=replicas)
        said.append((yield ("CLUSTER", "NODES")))

    connection = await nodes.connect_to(host, port, check)(lambda _: None, lambda _: None)
    connection.close()
    return Topology.of(said[0].decode(), host, by_name=nodes.by_name)
