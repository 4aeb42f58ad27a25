"""A talk: members of one room who write and react, and read it page by page."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from typing import Any, NamedTuple

from tests.bench.member import Answer, Member

MEMBERS = 10
EMOJI = ("👍", "🎉", "😂", "🚀", "👀", "🙏", "🔥", "🎂", "🤔", "💯")
"""Each member reacts with one of their own, so that a message to which all reacted has ten."""
TEXT = "Shall we meet at ten?"


class Message(NamedTuple):
    """What names a message."""

    seq: int
    id: str


class Talk:
    """Made by `talking`."""

    def __init__(self, room: str, members: list[Member]) -> None:
        self._room = room
        self._members = members
        self._turns = count()

    def write(self) -> Message:
        """The next member writes a short message."""
        said = self._next().ask("message", TEXT, {"room": self._room}).said
        return Message(said["seq"], said["id"])

    def react(self, message: Message, who: int) -> None:
        """A member reacts to a message, each once at most."""
        which = {"room": self._room, **message._asdict()}
        self._members[who].ask("react", {**which, "emoji": EMOJI[who], "on": True})

    def react_all(self, message: Message) -> None:
        """Every member reacts to a message."""
        for who in range(MEMBERS):
            self.react(message, who)

    def pages(self, before: int, messages: int) -> list[dict[str, Any]]:
        """Return what has to be asked for until so many messages are there, of those before number `before`.
        One answer has few of them where many other entries stand among them."""
        asked: list[dict[str, Any]] = []
        while messages:
            asked.append({"room": self._room, "before": before, "limit": messages})
            page = self._next().ask("history", asked[-1]).said["messages"]
            before = page[0]["seq"]
            messages -= sum("text" in entry for entry in page)
        return asked

    def read(self, pages: list[dict[str, Any]]) -> list[Answer]:
        """The next member asks for pages, one after the other."""
        reader = self._next()
        return [reader.ask("history", page) for page in pages]

    def _next(self) -> Member:
        return self._members[next(self._turns) % MEMBERS]


@contextmanager
def talking(address: str, room: str) -> Iterator[Talk]:
    """Let members come into a room where nobody wrote before. `address`: the server's, as host:port."""
    with ExitStack() as leaving:
        members = [leaving.enter_context(closing(Member(address, room))) for _ in range(MEMBERS)]
        yield Talk(room, members)
