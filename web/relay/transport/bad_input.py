"""What is logged of clients whose sessions end because of what they sent.

Each is a warning, with the reason. An attacker may open a session for each, so only so many are logged
within a time; the first one after it says how many were not.
"""

import logging
from time import monotonic

from relay.transport.sid import log_name

logger = logging.getLogger(__name__)

MOST = 10
WITHIN = 60.0
"""Lines at most, and within how many seconds."""
PREFIX = "bad input: "
"""How the reason begins that the `disconnect` handler gets."""
REFUSALS = {
    1002: "a WebSocket frame that breaks the protocol",
    1007: "a WebSocket message that is not UTF-8",
    1009: "a WebSocket message that is too large",
}
"""Close codes of RFC 6455, section 7.4.1, with which uvicorn refuses what came over a WebSocket before the
session sees it."""


class BadInputLog:
    """The lines of one worker."""

    def __init__(self) -> None:
        self._began = 0.0
        self._lines = 0
        self._unsaid = 0

    def note(self, sid: str, reason: str) -> None:
        """Log that a session is ended. `reason`: in our own words, never the client's."""
        now = monotonic()
        if now - self._began >= WITHIN:
            self._began, self._lines = now, 0
        if self._lines >= MOST:
            self._unsaid += 1
            return
        self._lines += 1
        about: dict[str, str | int] = {"session": log_name(sid)}
        if self._unsaid:
            about["unsaid"] = self._unsaid
            self._unsaid = 0
        logger.warning("Ended a session for bad input: %s", reason, extra={"about": about})
