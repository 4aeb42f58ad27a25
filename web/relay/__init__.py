"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.log import Appended, Entry, Head, IdTaken, LogUnavailable, Page
from relay.relay import Relay
from relay.server import RelayServer

__all__ = ["Appended", "Entry", "Head", "IdTaken", "LogUnavailable", "Page", "Relay", "RelayServer"]
