"""The reference: the order of one room in one epoch that everybody should have been shown.

- In the epoch that the room's log has at the end: that log.
- In an epoch whose log is gone (a wiped volume): what was shown and acked of it, by number.
- In an earlier epoch of a log that lasts (a failover): the same, and of what nobody was shown or acked there,
  what the log has at the end.
- Where there are no epochs and numbers (stock): the longest showing, then whatever is not in it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.ledger import Ack, Entry, Ledger, Showing


@dataclass
class Chapter:
    """All that happened in one room in one epoch."""

    room: str
    epoch: str
    gone: bool
    """Its log was destroyed."""
    logged: tuple[Entry, ...] = ()
    acks: list[Ack] = field(default_factory=list)
    showings: list[Showing] = field(default_factory=list)

    @property
    def shown(self) -> Iterator[Entry]:
        for showing in self.showings:
            yield from showing.entries


def chapters(ledger: Ledger) -> list[Chapter]:
    """A client that starts over within an epoch goes on with one showing: what it repeats is shown twice."""
    found: dict[tuple[str, str], Chapter] = {}

    def chapter(room: str, epoch: str) -> Chapter:
        log = ledger.logs.get(room)
        gone = log is not None and log.epoch != epoch
        logged = log.entries if log and not gone else ()
        return found.setdefault((room, epoch), Chapter(room, epoch, gone, logged))

    for ack in ledger.acks:
        chapter(ack.room, ack.epoch).acks.append(ack)
    for parts in ledger.showings.values():
        whole: dict[str, Showing] = {}
        for part in parts:
            first = whole.setdefault(part.epoch, Showing(part.client, part.room, part.epoch, part.first))
            first.entries += part.entries
        for showing in whole.values():
            chapter(showing.room, showing.epoch).showings.append(showing)
    for room, log in ledger.logs.items():
        chapter(room, log.epoch)
    return list(found.values())


def reference(chapter: Chapter, ledger: Ledger) -> list[Entry]:
    if chapter.logged:
        return list(chapter.logged)
    acked = [Entry(ack.seq if ack.epoch else 0, ack.id, ledger.posts[ack.id].text) for ack in chapter.acks]
    if chapter.gone:
        known = [*acked, *chapter.shown]
        last = max((entry.seq for entry in known), default=0)
        lasting = ledger.logs[chapter.room].entries if ledger.lasting else ()
        numbered = {entry.seq: entry for entry in [*lasting, *known] if entry.seq <= last}
        return [entry for _, entry in sorted(numbered.items())]
    if chapter.epoch:
        return []
    longest = max(chapter.showings, key=lambda showing: len(showing.entries)).entries
    named = {entry.id: entry for entry in longest}
    return list(
        {**named, **{entry.id: entry for entry in [*chapter.shown, *acked] if entry.id not in named}}.values()
    )


def numbers(chapter: Chapter) -> dict[int, set[str]]:
    """The ids that go by each number, whoever says so: the log, an ack or a client."""
    found: dict[int, set[str]] = defaultdict(set)
    if chapter.epoch:
        for said in (chapter.logged, chapter.acks, chapter.shown):
            for each in said:
                found[each.seq].add(each.id)
    return found
