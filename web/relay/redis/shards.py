"""Shards: which Redis has which partitions. One Redis is one shard, with all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relay.redis.link import Link


class Shard(NamedTuple):
    """`id`: another one if another Redis process took over. `first`: the lowest of all its partitions.
    `address`: host and port, if it is a node of a cluster."""

    id: str
    first: int
    link: Link
    address: tuple[str, int] = ("", 0)
