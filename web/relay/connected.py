"""What a process is connected to: one Redis or a cluster, as its URL says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from relay.redis.bus import Bus
from relay.redis.cluster.bus import ClusterBus
from relay.redis.cluster.examined import examine_cluster
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import PORT, check_replicas, is_cluster, nodes_of
from relay.redis.connector import Password, connector
from relay.redis.examination import Examination
from relay.redis.layout import check_layout
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.needs import check_needs


class Connected(NamedTuple):
    """What a worker has of Redis. `examination`: finds out whether it is the right one."""

    link: Link
    bus: Bus | ClusterBus
    examination: Examination


def check_url(url: str) -> None:
    """Raise ValueError, with what is wrong, for a URL of neither one Redis nor a cluster."""
    if is_cluster(url):
        nodes_of(url)
        return
    parts = urlsplit(url)
    if "," in parts.netloc:
        raise ValueError(
            "one Redis has one host; for the nodes of a cluster begin the URL with redis+cluster:// "
            "(rediss+cluster:// for TLS)"
        )
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ValueError(
            "expected redis://host:port/database, rediss:// for TLS, unix:///path, or "
            "redis+cluster://host:port,host:port (rediss+cluster:// for TLS)"
        )
    parts.port  # noqa: B018 - raises ValueError for a port that is none


def connected(
    url: str,
    password: Password | None,
    replicas: int,
    names: Names,
    worker: str,
    received: Callable[[str, bytes], None],
    subscribed: Callable[[str], None],
) -> Connected:
    """Return what connects a worker; the arguments are the link's and the bus'. Raises ValueError for a URL
    that says what is not to be had."""
    check_url(url)
    link: Link
    if is_cluster(url):
        nodes = nodes_of(url, password)
        check = partial(check_layout, names)
        link = ClusterLink(nodes.connect_to, nodes.seeds, replicas, by_name=nodes.by_name, check=check)
        bus = ClusterBus(nodes.connect_to, link, names, worker, received, subscribed)
        return Connected(link, bus, Examination(partial(examine_cluster, nodes, names, replicas)))
    check_replicas(replicas)
    connect = connector(url, password, partial(check_layout, names))
    link = Link(connect)
    examination = Examination(partial(_examine, url, password, names))
    return Connected(
        link, Bus(connect, link, names.alive(worker), names.control, received, subscribed), examination
    )


async def _examine(url: str, password: Password | None, names: Names) -> None:
    """Ask one Redis whether it is what the relay needs. Raises WrongRedis, RedisError and OSError."""
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or PORT}"
    check = partial(check_needs, names, place, in_cluster=False, replicas=0)
    connection = await connector(url, password, check)(lambda _: None, lambda _: None)
    connection.close()
