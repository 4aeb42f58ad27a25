"""Slow readers: how much a client may leave unread. Above the soft limit it gets no volatile frames, and
above the limit it is disconnected (see BufferedSocket.put). The limit is `send_buffer_bytes` of
relay/options.py."""

SOFT_LIMIT = 16
"""Part of the limit that is the soft one."""
REASON = "slow reader"
"""The reason that the `disconnect` handler gets for a client that left too much unread."""


class SlowReaders:
    """Those of one worker. `limit`: bytes that a client may leave unread, as of Options."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.soft_limit = limit // SOFT_LIMIT
        self.disconnected = 0
        """How many clients were disconnected because they read too slowly."""
