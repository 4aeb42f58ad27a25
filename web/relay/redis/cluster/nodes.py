"""How the nodes of a cluster are reached: `redis+cluster://[user[:password]@]host[:port][,host[:port]…]`, or
`rediss+cluster://` over TLS. These hosts are asked first; the cluster says which others there are."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from relay.redis.connector import Check, Connect, Password, connector

SCHEMES = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
PORT = 6379


class Nodes(NamedTuple):
    """`seeds`: hosts and ports. `scheme`, `login`: of the URL of each node."""

    scheme: str
    login: str
    seeds: tuple[tuple[str, int], ...]
    password: Password | None

    @property
    def by_name(self) -> bool:
        """Whether nodes are reached by the names that they announce: certificates have these."""
        return self.scheme == "rediss"

    def connect_to(self, host: str, port: int, check: Check | None = None) -> Connect:
        """Return what connects to one node. `check`: as of connector."""
        return connector(self.url_of(host, port), self.password, check)

    def url_of(self, host: str, port: int) -> str:
        """Return the URL of one node."""
        bracketed = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{self.login}{bracketed}:{port}"


def is_cluster(url: str) -> bool:
    """Return whether a URL is one of a cluster."""
    return url.partition("://")[0] in SCHEMES


def check_replicas(replicas: int) -> None:
    """Raise ValueError if one Redis is to wait for replicas."""
    if replicas:
        raise ValueError("only a cluster has replicas: begin the URL with redis+cluster://, or ask for none")


def nodes_of(url: str, password: Password | None = None) -> Nodes:
    """Return what a URL of a cluster says. Raises ValueError for one that is none."""
    # By hand: urlsplit of Python 3.14 refuses an IPv6 address among several hosts.
    scheme, _, rest = url.partition("://")
    end = re.search("[/?#]|$", rest).start()  # type: ignore[union-attr]
    if "://" in rest:
        raise ValueError("a URL of a cluster has several hosts, and no other URL in it; give hosts and ports")
    login, at, hosts = rest[:end].rpartition("@")
    if rest[end:] not in ("", "/", "/0"):
        raise ValueError(f"a cluster has no database but 0 and takes no options; leave out '{rest[end:]}'")
    return Nodes(SCHEMES[scheme], login + at, tuple(map(_seed, hosts.split(","))), password)


def _seed(host: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port or PORT
    except ValueError:
        name, port = None, PORT
    if not name:
        expected = "redis+cluster://host:6379,host:6379"
        raise ValueError(f"'{host}' is no host and port; expected is, for example, {expected}")
    return name, port
