"""The vitals: what a worker of the relay does now and has done since it started, read when somebody asks.

What happens often is counted where it happens, in plain integers; nothing here is on a message's way.
"""

from typing import NamedTuple

from relay.support.histogram import Histogram


class OnRedis(NamedTuple):
    """How a worker stands with Redis. `heard_ago`: seconds since it heard its own probe, or since it started
    if it never did. `behind`: entries that its rooms were found to lack when last compared with their logs.
    `heals`: how often a room was caught up by reading its log, and `healed` entries told so. `exchanges`: the
    seconds of each batch of requests until all was answered; `failures`: batches that were not."""

    heard_ago: float
    behind: int
    heals: int
    healed: int
    exchanges: Histogram
    failures: int


class Vitals(NamedTuple):
    """`deliveries`: events handed to members' sessions. `unsent`: bytes that clients have still to read.
    `buffered`: bytes of memory that all sessions take together; see buffers.py. `slow_readers`: clients
    dropped because they left too much unread. `on_redis`: None for a process on its own."""

    polling: int
    websocket: int
    rooms: int
    deliveries: int
    unsent: int
    buffered: int
    slow_readers: int
    on_redis: OnRedis | None
