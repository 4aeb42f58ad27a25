"""What several tests of the relay in one process use."""

from tests.support.clock import clock

__all__ = ["clock"]
