"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.buckets import Bucket, Limited
from relay.condition import Condition
from relay.histogram import BOUNDS, Histogram
from relay.log import Appended, Entry, Head, IdTaken, LogUnavailable, Page
from relay.presence import Member, People
from relay.relay import Relay
from relay.server import RelayServer
from relay.store import Count, Place, Store
from relay.vitals import Vitals

__all__ = [
    "BOUNDS",
    "Appended",
    "Bucket",
    "Condition",
    "Count",
    "Entry",
    "Head",
    "Histogram",
    "IdTaken",
    "Limited",
    "LogUnavailable",
    "Member",
    "Page",
    "People",
    "Place",
    "Relay",
    "RelayServer",
    "Store",
    "Vitals",
]
