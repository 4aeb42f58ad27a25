"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.buckets import Bucket, Limited, MemoryBuckets
from relay.condition import Condition
from relay.histogram import BOUNDS, Histogram
from relay.log import (
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
from relay.presence import Member, People
from relay.reading import NotRead
from relay.relay import Relay
from relay.rules import Barred, Gate, Rule, Rules
from relay.server import RelayServer
from relay.store import Note, Place, Quota, Recent, Spent, Store
from relay.vitals import Vitals

__all__ = [
    "BOUNDS",
    "Amendment",
    "Appended",
    "Barred",
    "Bucket",
    "Condition",
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
    "Page",
    "People",
    "Place",
    "Quota",
    "Recent",
    "Relay",
    "RelayServer",
    "Rule",
    "Rules",
    "Spent",
    "Store",
    "TooManyLogs",
    "Vitals",
]
