"""The declaration of an event that clients may send. A new event is one Event in a table, and its handler."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from chat.domain.rate_limits import RateLimit
from chat.events.answers import Answer
from chat.events.arguments import Reader, taken_apart

Handler = Callable[..., Awaitable[Answer]]


class Who(Enum):
    """Who may send an event. To all others it is answered `forbidden`."""

    EVERYBODY = auto()
    MODERATORS = auto()


@dataclass(frozen=True)
class Event:
    """All that is to be said of one event. The registry does what is declared, and counts it in the metrics.

    `handler` is given the Connection, and each of `arguments` by its name; what it returns is the answer,
    besides `ok`. `arguments`: how each is read from the options that the client sent, which raises Refused.
    `text`: the event's first argument is a text, given as `text`; the options follow it. `large`: the answer
    may have more than a few kilobytes, and is made when the client has read its last ones.
    """

    name: str
    handler: Handler
    who: Who
    limit: RateLimit
    arguments: Mapping[str, Reader] = field(default_factory=dict)
    text: bool = False
    large: bool = False

    def read(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        """Return what the handler is given of the arguments that a client sent. Raises Refused."""
        text, options = taken_apart(arguments, self.text)
        read = {name: reader(options) for name, reader in self.arguments.items()}
        return {"text": text, **read} if self.text else read
