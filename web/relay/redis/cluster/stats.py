"""Cluster stats: how each shard of a cluster is, as one worker sees it."""

from __future__ import annotations

from typing import NamedTuple

from relay.support.histogram import Histogram


class ShardStats(NamedTuple):
    """`address`: of its primary, host:port. `away`: whether the worker does not hear itself through it.
    `replicas`: how many of its replicas are connected, as the cluster says. `exchanges`: the seconds from
    sending it a batch of requests to its last reply. `failures`: batches that got no complete answer."""

    address: str
    away: bool
    replicas: int
    exchanges: Histogram
    failures: int


class ClusterStats(NamedTuple):
    """`shards`: those that the worker knows and that have rooms. `replicas_wanted`: how many replicas have to
    have an entry on disk before it is acknowledged. `slots_missing`: hash slots that no primary has."""

    shards: list[ShardStats]
    replicas_wanted: int
    slots_missing: int
