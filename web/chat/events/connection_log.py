"""What is logged of one client's connection, from its CONNECT to its disconnect.

A line has the session's name in the log and never its id, which lets its bearer speak as its owner; the
person's id, which is no secret; and no address: nginx logs that, under the same `request` as the connection's
first line.
"""

import logging
from math import inf
from time import monotonic

logger = logging.getLogger(__name__)

LIMITED_EVERY = 60.0
"""Seconds between two lines that say that one connection was limited."""


class ConnectionLog:
    """The log lines of one connection. `name` stands for its session, as of RelayServer.log_name."""

    __slots__ = ("_began", "_limited", "_limited_at", "_name", "_unlogged")

    def __init__(self, name: str) -> None:
        self._name = name
        self._began = monotonic()
        self._limited = self._unlogged = 0
        self._limited_at = -inf

    def opened(self, person: str, transport: str, request: str | None) -> None:
        """`request`: the id of the handshake's request."""
        self._write("Session opened", person=person, transport=transport, request=request)

    def refused(self, reason: str, request: str | None) -> None:
        """The client was not let in."""
        self._write("Connect refused", reason=reason, request=request)

    def limited(self) -> None:
        """An event was refused because of a rate limit. Written once a minute, with how often it happened."""
        self._limited += 1
        self._unlogged += 1
        if monotonic() - self._limited_at >= LIMITED_EVERY:
            self._write("Rate-limited", times=self._unlogged)
            self._limited_at = monotonic()
            self._unlogged = 0

    def closed(self, reason: str, transport: str | None) -> None:
        """The client has disconnected. The line's `limited` says how often a rate limit was met, if ever."""
        seconds = round(monotonic() - self._began, 1)
        limited = self._limited or None
        self._write("Session closed", reason=reason, transport=transport, seconds=seconds, limited=limited)

    def _write(self, message: str, **about: object) -> None:
        if not logger.isEnabledFor(logging.INFO):
            return
        about = {"session": self._name, **about}
        logger.info(
            message, extra={"about": {key: value for key, value in about.items() if value is not None}}
        )
