"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.delivery.people import Member, People
from relay.log.log import (
    Amendment,
    Appended,
    Entry,
    Head,
    IdTaken,
    LogFull,
    LogUnavailable,
    Making,
    NoSuchEntry,
    Page,
    TooManyLogs,
)
from relay.log.rules import Barred, Gate, Rule, Rules
from relay.log.store import Note, Place, Quota, Recent, Spent, Store
from relay.log.token_buckets import Bucket, Limited
from relay.memory.token_buckets import MemoryBuckets
from relay.redis.info import RedisInfo
from relay.relay import Relay
from relay.server import RelayServer
from relay.stats import Stats
from relay.support.histogram import BOUNDS, Histogram
from relay.transport.backpressure import NotRead
from relay.transport.origin import Origin, refuse_origin
from relay.transport.websocket import RelayHttp

__all__ = [
    "BOUNDS",
    "Amendment",
    "Appended",
    "Barred",
    "Bucket",
    "Entry",
    "Gate",
    "Head",
    "Histogram",
    "IdTaken",
    "Limited",
    "LogFull",
    "LogUnavailable",
    "Making",
    "Member",
    "MemoryBuckets",
    "NoSuchEntry",
    "NotRead",
    "Note",
    "Origin",
    "Page",
    "People",
    "Place",
    "Quota",
    "Recent",
    "RedisInfo",
    "Relay",
    "RelayHttp",
    "RelayServer",
    "Rule",
    "Rules",
    "Spent",
    "Stats",
    "Store",
    "TooManyLogs",
    "refuse_origin",
]
