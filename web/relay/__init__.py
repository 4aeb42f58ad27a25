"""Relay: python-socketio on many workers, with ordered and durable rooms. It knows nothing of the
application.

What is in `__all__` is public, and so are `relay.client` and `relay.outside`. All folders and other modules
are private: they change without notice.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relay.connected import check_url
    from relay.connections import Connections
    from relay.delivery.people import Member, People
    from relay.log.amendments import Amendment, Changed
    from relay.log.log import (
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
        Voted,
    )
    from relay.log.post import LogCreation, Post
    from relay.log.records import Ask, Drop, Expect, Fewer, Put, Records
    from relay.log.rules import Denied, DenyField, Preconditions, Requirement, RequirementUnmet, Rule, Rules
    from relay.log.store import BoundedSet, Note, Quota, Recent, Spent, Store
    from relay.log.token_buckets import Limited, TokenBucket
    from relay.log.votes import MOST_KEYS, Tally, TooManyKeys, Vote, Voter
    from relay.memory.token_buckets import MemoryBuckets
    from relay.options import Options
    from relay.redis.cluster.stats import ClusterStats, ShardStats
    from relay.redis.info import RedisInfo
    from relay.redis.needs import WrongRedis
    from relay.relay import NotConnected, Relay
    from relay.rooms import Act, Authorize, Prepare, Rooms, everybody
    from relay.server import RelayServer
    from relay.stats import OnRedis, Stats
    from relay.support.histogram import BOUNDS, Histogram
    from relay.support.utf8_json import encode
    from relay.transport.http import RelayHttp
    from relay.transport.large_answers import NotRead
    from relay.transport.origin import Origin, refuse_origin
    from relay.transport.sid import route_of
    from relay.values import DELETE, Values

MODULES = {
    "relay.connected": "check_url",
    "relay.connections": "Connections",
    "relay.delivery.people": "Member People",
    "relay.log.amendments": "Amendment Changed",
    "relay.log.log": (
        "Appended Entry Head IdTaken Log LogFull LogUnavailable NoSuchEntry Page TooManyLogs Voted"
    ),
    "relay.log.post": "LogCreation Post",
    "relay.log.records": "Ask Drop Expect Fewer Put Records",
    "relay.log.rules": "Denied DenyField Preconditions Requirement RequirementUnmet Rule Rules",
    "relay.log.store": "BoundedSet Note Quota Recent Spent Store",
    "relay.log.token_buckets": "Limited TokenBucket",
    "relay.log.votes": "MOST_KEYS Tally TooManyKeys Vote Voter",
    "relay.memory.token_buckets": "MemoryBuckets",
    "relay.options": "Options",
    "relay.redis.cluster.stats": "ClusterStats ShardStats",
    "relay.redis.info": "RedisInfo",
    "relay.redis.needs": "WrongRedis",
    "relay.relay": "NotConnected Relay",
    "relay.rooms": "Act Authorize Prepare Rooms everybody",
    "relay.server": "RelayServer",
    "relay.stats": "OnRedis Stats",
    "relay.support.histogram": "BOUNDS Histogram",
    "relay.support.utf8_json": "encode",
    "relay.transport.http": "RelayHttp",
    "relay.transport.large_answers": "NotRead",
    "relay.transport.origin": "Origin refuse_origin",
    "relay.transport.sid": "route_of",
    "relay.values": "DELETE Values",
}
"""The names that each module has of `__all__`. It is imported when one of them is first used: whoever needs
`relay.client` alone does not wait for uvicorn and the server."""


def __getattr__(name: str) -> Any:
    """Return a public name. Python calls this for one that was not used before."""
    for module, names in MODULES.items():
        if name in names.split():
            value = globals()[name] = getattr(import_module(module), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "BOUNDS",
    "DELETE",
    "MOST_KEYS",
    "Act",
    "Amendment",
    "Appended",
    "Ask",
    "Authorize",
    "BoundedSet",
    "Changed",
    "ClusterStats",
    "Connections",
    "Denied",
    "DenyField",
    "Drop",
    "Entry",
    "Expect",
    "Fewer",
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
    "OnRedis",
    "Options",
    "Origin",
    "Page",
    "People",
    "Post",
    "Preconditions",
    "Prepare",
    "Put",
    "Quota",
    "Recent",
    "Records",
    "RedisInfo",
    "Relay",
    "RelayHttp",
    "RelayServer",
    "Requirement",
    "RequirementUnmet",
    "Rooms",
    "Rule",
    "Rules",
    "ShardStats",
    "Spent",
    "Stats",
    "Store",
    "Tally",
    "TokenBucket",
    "TooManyKeys",
    "TooManyLogs",
    "Values",
    "Vote",
    "Voted",
    "Voter",
    "WrongRedis",
    "check_url",
    "encode",
    "everybody",
    "refuse_origin",
    "route_of",
]
