"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.buckets import Bucket, Limited
from relay.log import Appended, Entry, Head, IdTaken, LogUnavailable, Page
from relay.presence import Member, People
from relay.relay import Relay
from relay.server import RelayServer
from relay.store import Count, Place, Store

__all__ = [
    "Appended",
    "Bucket",
    "Count",
    "Entry",
    "Head",
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
]
