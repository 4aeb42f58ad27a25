"""Relay: python-socketio on many workers, with ordered and durable rooms. It knows nothing of the
application.

What is in `__all__` is public, and so are `relay.client` and `relay.outside`. All folders and other modules
are private: they change without notice.
"""

from relay.delivery.people import Member, People
from relay.log.log import (
    Amendment,
    Appended,
    Entry,
    Head,
    IdTaken,
    Log,
    LogFull,
    LogUnavailable,
    NoSuchEntry,
    Page,
    TooManyLogs,
)
from relay.log.post import LogCreation, Post
from relay.log.rules import Denied, Preconditions, Rule, Rules
from relay.log.store import BoundedSet, Note, Quota, Recent, Spent, Store
from relay.log.token_buckets import Limited, TokenBucket
from relay.memory.token_buckets import MemoryBuckets
from relay.options import Options
from relay.redis.info import RedisInfo
from relay.relay import NotConnected, Relay
from relay.rooms import Act, Authorize, Prepare, Rooms, everybody
from relay.server import RelayServer
from relay.stats import Stats
from relay.support.histogram import BOUNDS, Histogram
from relay.support.utf8_json import encode
from relay.transport.http import RelayHttp
from relay.transport.large_answers import NotRead
from relay.transport.origin import Origin, refuse_origin
from relay.transport.sid import route_of

__all__ = [
    "BOUNDS",
    "Act",
    "Amendment",
    "Appended",
    "Authorize",
    "BoundedSet",
    "Denied",
    "Entry",
    "Head",
    "Histogram",
    "IdTaken",
    "Limited",
    "Log",
    "LogCreation",
    "LogFull",
    "LogUnavailable",
    "Member",
    "MemoryBuckets",
    "NoSuchEntry",
    "NotConnected",
    "NotRead",
    "Note",
    "Options",
    "Origin",
    "Page",
    "People",
    "Post",
    "Preconditions",
    "Prepare",
    "Quota",
    "Recent",
    "RedisInfo",
    "Relay",
    "RelayHttp",
    "RelayServer",
    "Rooms",
    "Rule",
    "Rules",
    "Spent",
    "Stats",
    "Store",
    "TokenBucket",
    "TooManyLogs",
    "encode",
    "everybody",
    "refuse_origin",
    "route_of",
]
