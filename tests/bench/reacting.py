"""Steps about reactions: what one costs beside a short message, and what they add to a page of history."""

import time
from collections import Counter
from collections.abc import Callable
from statistics import median

from tests.bench.meter import SERVICES
from tests.bench.rows import PAGE
from tests.bench.talk import MEMBERS, Message, Talk, talking
from tests.bench.visit import Visit

A_SECOND = 100
"""Messages, or reactions, of all members together."""
TURNS = 4
"""Messages and reactions take turns, so that what else the machine does touches both alike."""
READS = 100
"""How often a page is read."""


def reactions(visit: Visit) -> None:
    """Short messages and reactions to them, at the same rate in the same room."""
    _alone(visit)
    each = round(visit.plan.seconds * A_SECOND / 2)
    used: dict[str, Counter[str]] = {"message": Counter(), "reaction": Counter()}
    with talking(f"{visit.site.door}:8080", "reactions") as talk:
        said: list[Message] = []
        open_votes = ((message, who) for message in said for who in range(MEMBERS))
        acts: dict[str, Callable[[], None]] = {
            "message": lambda: said.append(talk.write()),
            "reaction": lambda: talk.react(*next(open_votes)),
        }
        for turn in range(1 + TURNS):
            for what, act in acts.items():
                before = visit.meter.read()
                _paced(act, each)
                if turn:  # the first warms up
                    used[what].update(visit.meter.read().cpu_since(before))
    for what, seconds in used.items():
        for service in SERVICES:
            visit.note(f"{what}.{service}", seconds[service] / (TURNS * each) * 1e6)


def history(visit: Visit) -> None:
    """The same messages without reactions; with those that came later; and with those that came at once, so
    that their entries stand among the messages."""
    _alone(visit)
    for kind, write in {"plain": _plain, "later": _later, "among": _among}.items():
        with talking(f"{visit.site.door}:8080", f"history-{kind}") as talk:
            last = write(talk)
            visit.clients.rest()
            pages = talk.pages(last.seq + 1, PAGE)
            for _ in range(MEMBERS):  # each has read what was delivered before
                talk.read(pages)
            before = visit.meter.read()
            reads = [talk.read(pages) for _ in range(READS)]
            used = visit.meter.read().cpu_since(before)
        for service in ("web", "redis"):
            visit.note(f"history.{kind}.{service}", used[service] / READS * 1e6)
        visit.note(f"history.{kind}.p50", median(sum(each.milliseconds for each in read) for read in reads))
        visit.note(f"history.{kind}.size", sum(each.size for each in reads[0]) / 1024)
        visit.note(f"history.{kind}.answers", len(pages))


def _plain(talk: Talk) -> Message:
    return [talk.write() for _ in range(PAGE)][-1]


def _later(talk: Talk) -> Message:
    said = [talk.write() for _ in range(PAGE)]
    for message in said:
        talk.react_all(message)
    return said[-1]


def _among(talk: Talk) -> Message:
    for _ in range(PAGE):
        message = talk.write()
        talk.react_all(message)
    return message


def _alone(visit: Visit) -> None:
    """Only the members of a talk are connected."""
    visit.load.drop()
    visit.clients.scatter()
    visit.clients.rest()


def _paced(act: Callable[[], None], times: int) -> None:
    """Do it so often, one after the other, and at most `A_SECOND` times a second."""
    begun = time.monotonic()
    for number in range(times):
        time.sleep(max(0.0, begun + number / A_SECOND - time.monotonic()))
        act()
