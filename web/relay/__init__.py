"""What makes python-socketio hold on many workers. Knows nothing of any application built on it."""

from relay.local import LocalManager
from relay.manager import RelayManager, Unavailable
from relay.server import RelayServer

__all__ = ["LocalManager", "RelayManager", "RelayServer", "Unavailable"]
