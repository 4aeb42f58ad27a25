"""Stats: what a worker of the relay does now, and what it has done since it started.

They are read when somebody asks. What happens often is counted where it happens, in plain integers, so that
no message waits for it.
"""

from typing import NamedTuple

from relay.redis.cluster.stats import ClusterStats
from relay.support.histogram import Histogram


class OnRedis(NamedTuple):
    """A worker's connection to Redis. `probe_age`: seconds since the worker received its own probe, or since
    it started if it never did. `behind`: entries that its rooms lacked when they were last compared with
    their logs. `catch_ups`: how often a room caught up by reading its log. `caught_up`: entries delivered
    that way. `exchanges`: the seconds from sending a batch of requests to its last reply. `failures`: batches
    that got no complete answer. `cluster`: None on one Redis."""

    probe_age: float
    behind: int
    catch_ups: int
    caught_up: int
    exchanges: Histogram
    failures: int
    cluster: ClusterStats | None = None


class Stats(NamedTuple):
    """`polling`, `websocket`: open sessions by their transport. `rooms`: rooms with members on this worker.
    `deliveries`: events handed to members' sessions. `unsent`: bytes that clients have not read yet.
    `buffered`: bytes of memory that all sessions take together, which `max_buffered_bytes` bounds.
    `slow_readers`: clients disconnected because they left too much unread. `on_redis`: None without Redis."""

    polling: int
    websocket: int
    rooms: int
    deliveries: int
    unsent: int
    buffered: int
    slow_readers: int
    on_redis: OnRedis | None
