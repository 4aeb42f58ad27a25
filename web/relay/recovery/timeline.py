"""The timeline: one room's entries as far as they are known without a hole, by their number in the log."""

from collections.abc import Callable
from typing import Any

Entry = dict[str, Any]
"""`{seq, id, at, data}`."""

KEEP = 1_000
"""Ids of a room that stay in memory, to know a repetition from another log."""
MOST_WAITING = 500
"""Entries beyond a gap; more than that are fetched again rather than held in memory."""


class Timeline:
    """An entry that arrives beyond a gap waits until the gap is filled."""

    def __init__(self, show: Callable[[list[Entry], bool], None]) -> None:
        """`show(entries, reset)` is called with what is new, in order. With `reset` it replaces all that was
        shown."""
        self._show = show
        self.epoch: str | None = None  # None until the first page
        self.high = 0  # everything that the log has up to this number was shown
        self._head = 0  # the highest number known to exist
        self._ids: dict[int, str] = {}  # by seq, the last KEEP
        self._waiting: dict[int, Entry] = {}  # by seq

    @property
    def behind(self) -> bool:
        """Whether the log has an entry that is missing here."""
        return self._head > self.high

    def start(self, epoch: str, head: int, entries: list[Entry]) -> None:
        """Start with the newest page of the log."""
        self.epoch = epoch
        self.high = entries[-1]["seq"] if entries else head
        self._ids.clear()
        self._take(entries, head, reset=True)

    def resume(self, epoch: str, high: int) -> None:
        """Go on after number `high` of the log of `epoch`, which was shown before."""
        self.epoch = epoch
        self.high = self._head = high

    def clear(self) -> None:
        """Remove everything: the log no longer exists."""
        self.epoch = None
        self.high = 0
        self._ids.clear()
        self.forget_waiting()
        self._show([], True)

    def add(self, entry: Entry) -> bool:
        """Add an entry that was just delivered. Returns False if another entry has its number: then it
        belongs to another log."""
        seq = entry["seq"]
        if self.epoch is not None and seq <= self.high:
            return bool(self._ids.get(seq) == entry["id"])
        if self.epoch is not None and seq == self.high + 1:
            self.extend([entry])
            return True
        self._head = max(self._head, seq)
        if len(self._waiting) < MOST_WAITING:
            self._waiting.setdefault(seq, entry)
        return True

    def extend(self, entries: list[Entry], head: int = 0) -> None:
        """Add the log's next entries after `high`, in order. A number that is not among them does not exist
        (a log may be trimmed)."""
        added = [entry for entry in entries if entry["seq"] > self.high]
        if added:
            self.high = added[-1]["seq"]
        self._take(added, head, reset=False)

    def forget_waiting(self) -> None:
        """Drop the entries that wait beyond a gap."""
        self._waiting.clear()
        self._head = self.high

    def _take(self, entries: list[Entry], head: int, reset: bool) -> None:
        """Show entries up to `high`, and what waited for them."""
        taken = list(entries)
        self._waiting = {seq: entry for seq, entry in self._waiting.items() if seq > self.high}
        while (entry := self._waiting.pop(self.high + 1, None)) is not None:
            self.high += 1
            taken.append(entry)
        self._head = max(self._head, head, self.high)
        self._ids.update((entry["seq"], entry["id"]) for entry in taken)
        for seq in list(self._ids)[:-KEEP]:
            del self._ids[seq]
        if taken or reset:
            self._show(taken, reset)
