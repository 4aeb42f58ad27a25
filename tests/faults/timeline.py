"""A timeline: what one client shows of one room. In order, each message once, never past a hole.

The rules are those of the page: it keeps the highest number up to which it has shown everything; a message
beyond waits until what is missing was fetched; a number means nothing without its epoch, so another epoch, or
a known number under another id, makes the client join anew, and start over if it is told to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
"""A message object of the wire contract, with the `epoch` of its number where the server says it."""


@dataclass
class Timeline:
    """`began(epoch, first)`: from this number on; `shows(message, live)`: one more, in order."""

    began: Callable[[str, int], None]
    shows: Callable[[Message, bool], None]
    epoch: str = ""
    shown: int | None = None
    """The number up to which everything was shown; None before the first page."""
    head: int = 0
    """The highest number that is known to exist."""
    doubted: bool = False
    _waiting: dict[int, Message] = field(default_factory=dict)
    _held: list[Message] = field(default_factory=list)
    _ids: dict[int, str] = field(default_factory=dict)

    @property
    def has_hole(self) -> bool:
        return self.shown is not None and self.shown < self.head

    def begin(self, epoch: str, head: int, page: Sequence[Message]) -> None:
        """Start, or start over, with the newest page of the room's log."""
        self.epoch, self.head, self.doubted = epoch, head, False
        first = page[0]["seq"] if page else head + 1
        self.shown = first - 1
        self._waiting, self._ids = {}, {}
        if epoch:
            self.began(epoch, first)
        self._take(page, live=False)
        self._release()

    def resume(self, epoch: str, head: int, page: Sequence[Message]) -> None:
        """Go on with what came after `shown`."""
        self.doubted = False
        if self.shown is not None and not self.epoch and epoch:
            self.began(epoch, self.shown + 1)
        self.epoch, self.head = epoch, max(head, self.head)
        self._take(page, live=False)
        self._release()

    def fill(self, page: Sequence[Message]) -> None:
        """Take what was fetched for a hole."""
        self._take(page, live=False)

    def hear(self, message: Message) -> None:
        """Take a live message. Sets `doubted` when it belongs to another log than the one that is shown."""
        if self.shown is None or self.doubted:
            self._held.append(message)
        elif self._is_foreign(message):
            self.doubted = True
            self._held.append(message)
        else:
            self._take([message], live=True)

    def _is_foreign(self, message: Message) -> bool:
        epoch, seq = message.get("epoch"), message["seq"]
        if epoch is not None and epoch != self.epoch:
            return True
        if not self.epoch:
            return True
        return self.shown is not None and seq <= self.shown and self._ids.get(seq) != message["id"]

    def _take(self, messages: Sequence[Message], live: bool) -> None:
        assert self.shown is not None
        for message in messages:
            seq = message["seq"]
            self.head = max(self.head, seq)
            if seq > self.shown:
                self._waiting.setdefault(seq, message)
        while self.shown + 1 in self._waiting:
            self.shown += 1
            message = self._waiting.pop(self.shown)
            self._ids[self.shown] = message["id"]
            self.shows(message, live)

    def _release(self) -> None:
        """What was heard before it was known where it belongs."""
        held, self._held = self._held, []
        for message in held:
            # Of the log that was left behind, or one that the page just taken begins after.
            if message.get("epoch") in (None, self.epoch):
                self._take([message], live=True)
