"""The answers to events, as acknowledgements of the wire contract."""

from typing import Any

from relay import People

from chat.domain.refusals import Refused

Answer = dict[str, Any]

UNAVAILABLE = Refused("unavailable", "The log can't be reached. Nothing is lost: try again in a moment.")
FULL = Refused(
    "full",
    "The chat's memory is full, and nothing was kept of this. A moderator can make room: try again later.",
)
ID_TAKEN = Refused(
    "invalid", "This id was used for another message. Send it again under a new one.", reason="id_taken"
)
NOT_READ = Refused(
    "rate_limited", "Read what you were sent; then ask for more, one after the other.", retry_after=1
)
NOT_CONNECTED = Refused("invalid", "Wait for the answer to CONNECT first.")
FLOOD = Refused(
    "rate_limited", "You went on while you were refused. This connection is closed.", retry_after=10
)


def people_of(people: People) -> Answer:
    """Return how many are in a room, and the first of them."""
    return {"count": people.count, "people": [one.named() for one in people.first]}
