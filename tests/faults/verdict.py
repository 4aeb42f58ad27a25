"""The verdict: what a ledger proves, counted, with examples. Judges only; knows neither clients nor servers.

Each room is judged by epoch against its reference (see reference.py). A client must show it from where it
began (its first page) to the end; of a log that is gone, to where it got. What was acked in a log that is
gone is counted apart, as `lost_with_log`; whoever showed that log must have noticed, and show the one of now.
If logs last, what was acked in any epoch has to be in the last one, under its number.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.ledger import Entry, Ledger, Mark, Showing
from tests.faults.reference import Chapter, chapters, numbers, reference

EXAMPLES = 5


@dataclass
class Verdict:
    acked: int = 0
    lost_with_log: int = 0
    """Acked messages of logs that were destroyed on purpose, which every client was told of."""
    caught_up: int = 0
    """Messages shown that had to be fetched. No fault: how much work there was."""
    lost: int = 0
    """Acked messages that the log has not, or that a client was never shown."""
    doubled: int = 0
    """Messages twice in a log, or twice before a client's eyes (each client counts)."""
    out_of_order: int = 0
    """Messages that would have to be moved for the right order, at least (each client counts)."""
    holes: int = 0
    """Undetected: messages that a client was never shown and knows nothing of (each client counts)."""
    holes_while_connected: int = 0
    """Those of them that were posted and acked while that client was connected."""
    invented: int = 0
    """Messages shown or logged that nobody sent so."""
    renumbered: int = 0
    """Numbers with two messages and messages with two numbers: in the log, in acks, before clients' eyes."""
    untold: int = 0
    """Clients that still show a log that is gone."""
    refused: int = 0
    """Messages that the server refused for good, though nothing was wrong with them."""
    unanswered: int = 0
    """Messages that were still waiting for an answer when all was over."""
    marks: int = 0
    """What people were told of how far they have read. No fault."""
    went_back: int = 0
    """Those of them that were below what the person had been told before."""
    overheard: int = 0
    """Messages of a private room that came to somebody who was no member when they were posted."""
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not any(self.faults().values())

    def faults(self) -> dict[str, int]:
        names = ("lost", "doubled", "out_of_order", "holes", "invented", "renumbered")
        others = ("untold", "refused", "unanswered", "went_back", "overheard")
        return {name: getattr(self, name) for name in (*names, *others)}

    def note(self, kind: str, example: str, count: int = 1) -> None:
        setattr(self, kind, getattr(self, kind) + count)
        if sum(line.startswith(kind) for line in self.examples) < EXAMPLES:
            self.examples.append(f"{kind}: {example}")


def judge(ledger: Ledger) -> Verdict:
    """Check everything a ledger tells."""
    verdict = Verdict(
        acked=len({ack.id for ack in ledger.acks}),
        caught_up=sum(len(showing.entries) - showing.live for showing in ledger.all_showings()),
    )
    for chapter in chapters(ledger):
        expected = reference(chapter, ledger)
        _check_numbers(verdict, chapter)
        _check_log(verdict, chapter, expected)
        _check_sent(verdict, chapter, expected, ledger)
        missed = _check_showings(verdict, chapter, expected, ledger)
        if chapter.gone and ledger.lasting:
            _check_kept(verdict, chapter, ledger)
        else:
            _check_acks(verdict, chapter, expected, missed)
    _check_epochs(verdict, ledger)
    _check_answers(verdict, ledger)
    _check_marks(verdict, ledger)
    return verdict


def _check_numbers(verdict: Verdict, chapter: Chapter) -> None:
    named = numbers(chapter)
    numbered = defaultdict(set)
    for seq, ids in named.items():
        for each in ids:
            numbered[each].add(seq)
        if len(ids) > 1:
            verdict.note("renumbered", f"number {seq} of {chapter.room} is {' and '.join(sorted(ids))}")
    for each, seqs in numbered.items():
        if len(seqs) > 1:
            verdict.note("renumbered", f"{each} in {chapter.room} is numbered {sorted(seqs)}")


def _check_log(verdict: Verdict, chapter: Chapter, expected: list[Entry]) -> None:
    for each, count in Counter(entry.id for entry in expected).items():
        if count > 1:
            verdict.note("doubled", f"{each} is {count} times in the log of {chapter.room}", count - 1)
    for one, other in pairwise(expected):
        if other.seq > one.seq + 1:
            gap = f"the log of {chapter.room} goes from {one.seq} to {other.seq}"
            verdict.note("holes", gap, other.seq - one.seq - 1)


def _check_sent(verdict: Verdict, chapter: Chapter, expected: list[Entry], ledger: Ledger) -> None:
    for entry in {*expected, *chapter.shown}:
        post = ledger.posts.get(entry.id)
        if not post or (post.room, post.text) != (chapter.room, entry.text):
            verdict.note("invented", f"{entry.id} {entry.text!r} in {chapter.room}")


def _check_showings(verdict: Verdict, chapter: Chapter, expected: list[Entry], ledger: Ledger) -> set[str]:
    """Returns the ids that somebody should have been shown and was not."""
    place = {entry.id: number for number, entry in reversed(list(enumerate(expected)))}
    spans = {ack.id: (ledger.posts[ack.id].posted_at, ack.acked_at) for ack in chapter.acks}
    missed: set[str] = set()
    for showing in chapter.showings:
        furthest = _check_order(verdict, showing, place)
        end = furthest + 1 if chapter.gone else len(expected)
        due = {entry.id for entry in expected[:end] if entry.seq >= showing.first}
        if missing := due - {entry.id for entry in showing.entries}:
            example = f"{len(missing)} of {len(due)} were never shown to {showing.client} in {chapter.room}"
            verdict.note("holes", f"{example}: {min(missing)} and others", len(missing))
            known = [spans[each] for each in missing if each in spans]
            verdict.holes_while_connected += sum(not ledger.was_away(showing.client, *span) for span in known)
            missed |= missing
    return missed


def _check_order(verdict: Verdict, showing: Showing, place: dict[str, int]) -> int:
    """Returns the furthest place that was reached."""
    places: dict[str, int] = {}
    for entry in showing.entries:
        if entry.id in places:
            verdict.note("doubled", f"{entry.id} was shown again to {showing.client} in {showing.room}")
        places.setdefault(entry.id, place.get(entry.id, -1))
    known = [each for each in places.values() if each >= 0]
    if displaced := len(known) - _longest_rise(known):
        example = f"{displaced} of {len(known)} were shown out of place to {showing.client} in {showing.room}"
        verdict.note("out_of_order", example, displaced)
    return max(known, default=-1)


def _longest_rise(numbers: list[int]) -> int:
    """The length of the longest increasing subsequence, by patience sorting."""
    tops: list[int] = []
    for number in numbers:
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
    return len(tops)


def _check_acks(verdict: Verdict, chapter: Chapter, expected: list[Entry], missed: set[str]) -> None:
    acked = {ack.id for ack in chapter.acks}
    if chapter.gone:
        verdict.lost_with_log += len(acked)
        return
    known = {entry.id for entry in expected}
    for each in sorted(acked - known):
        verdict.note("lost", f"{each} was acked in {chapter.room} and is not in its log")
    for each in sorted(acked & known & missed):
        verdict.note("lost", f"{each} was acked in {chapter.room} and never shown to somebody there")


def _check_kept(verdict: Verdict, chapter: Chapter, ledger: Ledger) -> None:
    """Check what was acked in an earlier epoch of a log that lasts."""
    kept = {entry.id: entry.seq for entry in ledger.logs[chapter.room].entries}
    for ack in chapter.acks:
        if ack.id not in kept:
            verdict.note("lost", f"{ack.id} was acked in {ack.room} as {ack.seq} of {ack.epoch}, and is gone")
        elif ack.seq != kept[ack.id]:
            verdict.note("renumbered", f"{ack.id} of {ack.room} was {ack.seq}, and is {kept[ack.id]}")


def _check_epochs(verdict: Verdict, ledger: Ledger) -> None:
    for (client, room), showings in ledger.showings.items():
        log = ledger.logs.get(room)
        if log and log.entries and showings[-1].epoch != log.epoch:
            verdict.note("untold", f"{client} shows epoch {showings[-1].epoch} of {room}, now {log.epoch}")


def _check_answers(verdict: Verdict, ledger: Ledger) -> None:
    for each, error in ledger.refusals:
        verdict.note("refused", f"{each} with {error}")
    refused = {each for each, _ in ledger.refusals}
    for each in ledger.posts.keys() - {ack.id for ack in ledger.acks} - refused:
        verdict.note("unanswered", f"{each} of {ledger.posts[each].author}")


def _check_marks(verdict: Verdict, ledger: Ledger) -> None:
    """No mark is below one that the person was told before it was asked for."""
    verdict.marks = len(ledger.marks)
    marks: dict[tuple[str, str, str], list[Mark]] = defaultdict(list)
    for mark in ledger.marks:
        marks[mark.person, mark.room, mark.epoch].append(mark)
    for (person, room, _), told in marks.items():
        earlier, furthest = deque(sorted(told, key=lambda mark: mark.told_at)), 0
        for mark in sorted(told, key=lambda mark: mark.asked_at):
            while earlier and earlier[0].told_at <= mark.asked_at:
                furthest = max(furthest, earlier.popleft().seq)
            if mark.seq < furthest:
                verdict.note("went_back", f"{person} had read {furthest} in {room}, and then {mark.seq}")
