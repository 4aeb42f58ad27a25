"""The visits: what is known of one session, and what is logged of it, from its connect to its end.

A line has the session's name in the log and never its id, which lets its bearer speak as its owner; the
person's id, which is no secret; and no address: nginx logs that, under the same `request` as the session's
first line.
"""

import logging
from math import inf
from time import monotonic

logger = logging.getLogger(__name__)

SAID_EVERY = 60.0
"""Seconds between two lines that say that one session was limited."""
STAYS_EVERY = 60.0
"""Seconds between two notes of where one session's person is."""


class Visit:
    """One session; `address` is where it comes from, as address_of has it."""

    __slots__ = ("_began", "_limited", "_name", "_said_at", "_stays_at", "_unsaid", "address", "over")

    def __init__(self, name: str, address: str) -> None:
        self.address = address
        self.over = False
        """Whether it is being closed, and nothing more is done for it."""
        self._name = name
        self._began = monotonic()
        self._limited = self._unsaid = 0
        self._said_at = -inf
        self._stays_at = self._began

    def opened(self, person: str, transport: str, request: str | None) -> None:
        """`request`: the id of the handshake's request."""
        self._say("Session opened", person=person, transport=transport, request=request)

    def refused(self, reason: str, request: str | None) -> None:
        """It was not let in."""
        self._say("Connect refused", reason=reason, request=request)

    def stays(self) -> bool:
        """Whether it is to be noted once more where this person is."""
        if monotonic() - self._stays_at < STAYS_EVERY:
            return False
        self._stays_at = monotonic()
        return True

    def limited(self) -> None:
        """Something was refused since there was too much of it: said once a minute."""
        self._limited += 1
        self._unsaid += 1
        if monotonic() - self._said_at >= SAID_EVERY:
            self._say("Rate-limited", times=self._unsaid)
            self._said_at = monotonic()
            self._unsaid = 0

    def closed(self, reason: str, transport: str) -> None:
        """`limited` is how often it was, if ever."""
        seconds = round(monotonic() - self._began, 1)
        limited = self._limited or None
        self._say("Session closed", reason=reason, transport=transport, seconds=seconds, limited=limited)

    def _say(self, message: str, **about: object) -> None:
        if not logger.isEnabledFor(logging.INFO):
            return
        about = {"session": self._name, **about}
        logger.info(
            message, extra={"about": {key: value for key, value in about.items() if value is not None}}
        )
