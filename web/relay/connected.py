"""What a process is connected to: one Redis or a cluster, as its URL says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from relay.redis.bus import Bus
from relay.redis.cluster.bus import ClusterBus
from relay.redis.cluster.link import ClusterLink
from relay.redis.cluster.nodes import check_replicas, is_cluster, nodes_of
from relay.redis.connector import Password, connector
from relay.redis.layout import check_layout
from relay.redis.link import Link
from relay.redis.names import Names


def check_url(url: str) -> None:
    """Raise ValueError, with what is wrong, for a URL of neither one Redis nor a cluster."""
    if is_cluster(url):
        nodes_of(url)
        return
    parts = urlsplit(url)
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
) -> tuple[Link, Bus | ClusterBus]:
    """Return a worker's link and bus; the arguments are theirs. Raises ValueError for a URL that says what is
    not to be had."""
    check_url(url)
    link: Link
    if is_cluster(url):
        nodes = nodes_of(url, password)
        link = ClusterLink(nodes.connect_to, nodes.seeds, replicas, by_name=nodes.by_name)
        return link, ClusterBus(nodes.connect_to, link, names, worker, received, subscribed)
    check_replicas(replicas)
    connect = connector(url, password, partial(check_layout, names))
    link = Link(connect)
    return link, Bus(connect, link, names.alive(worker), names.control, received, subscribed)
