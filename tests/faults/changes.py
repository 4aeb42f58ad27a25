"""What people changed in a room, what each of their devices showed of it in the end, and what that proves.
Pure data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.folding import Entry, Shown

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Done:
    """What the server acknowledged. `message`: the id of the message that it is about; `epoch`: of the log
    that its device showed then; `about`: what was asked, and what was answered."""

    person: str
    event: str
    message: str
    epoch: str
    about: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What one device showed in the end: the entries that it was given, by number and id, as they came, and
    the messages as it made them of these."""

    device: str
    person: str
    epoch: str
    entries: Sequence[tuple[int, str]]
    messages: Mapping[int, Entry]


@dataclass
class ChangesVerdict:
    edits: int = 0
    deletions: int = 0
    reactions: int = 0
    replies: int = 0
    """Acknowledged. No faults: how much there was."""
    gone: int = 0
    """Acknowledged in logs that were destroyed on purpose."""
    undone: int = 0
    """Acknowledged, and not so in the log."""
    left: int = 0
    """Texts that were replaced, and are in the log all the same."""
    unfolded: int = 0
    """Messages that the server returns otherwise than the log comes to from its beginning."""
    misled: int = 0
    """Devices that were not given the log's entries from where they began, each once, in order."""
    differing: int = 0
    """Messages that a device shows otherwise than the log comes to from its beginning."""
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not any(self.faults().values())

    def faults(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("undone", "left", "unfolded", "misled", "differing")}

    def note(self, kind: str, example: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if sum(line.startswith(kind) for line in self.examples) < EXAMPLES:
            self.examples.append(f"{kind}: {example}")


def judge_changes(
    epoch: str, logs: Mapping[str, list[Entry]], seen: Sequence[Seen], done: Sequence[Done]
) -> ChangesVerdict:
    """Check everything. `epoch`: of the log there is at the end; `logs`: all of its entries, as each person
    reads them, by the person."""
    verdict = ChangesVerdict()
    folded = {person: _folded(person, entries) for person, entries in logs.items()}
    kept = {person: _messages(entries) for person, entries in logs.items()}
    for person, messages in kept.items():
        for seq in sorted({*messages, *folded[person]}):
            if messages.get(seq) != folded[person].get(seq):
                verdict.note("unfolded", f"{messages.get(seq)} comes to {folded[person].get(seq)}")
    for device in seen:
        _check_device(verdict, device, epoch, logs[device.person], folded[device.person])
    for each in done:
        _count(verdict, each)
    here = [each for each in done if each.epoch == epoch]
    verdict.gone = len(done) - len(here)
    _check_done(verdict, here, kept)
    for person in list(logs)[:1]:
        _check_left(verdict, here, logs[person], kept[person])
    return verdict


def _folded(person: str, entries: list[Entry]) -> dict[int, Entry]:
    shown = Shown(person)
    shown.take(entries)
    return shown.messages


def _messages(entries: list[Entry]) -> dict[int, Entry]:
    """The messages as they are read, and nothing else."""
    return {each["seq"]: each for each in entries if "text" in each or "deleted" in each}


def _check_device(
    verdict: ChangesVerdict, seen: Seen, epoch: str, log: list[Entry], folded: dict[int, Entry]
) -> None:
    first = seen.entries[0][0] if seen.entries else log[-1]["seq"] + 1 if log else 1
    expected = [(each["seq"], each["id"]) for each in log if each["seq"] >= first]
    if seen.epoch != epoch or [*seen.entries] != expected:
        verdict.note("misled", f"{seen.device} was given {seen.entries[-3:]} of {epoch}, not {expected[-3:]}")
    for seq in sorted({*seen.messages, *(each for each in folded if each >= first)}):
        if seen.messages.get(seq) != folded.get(seq):
            example = f"{seen.device} shows {seen.messages.get(seq)}, and the log has {folded.get(seq)}"
            verdict.note("differing", example)


def _count(verdict: ChangesVerdict, done: Done) -> None:
    match done.event:
        case "edit":
            verdict.edits += 1
        case "delete":
            verdict.deletions += 1
        case "react":
            verdict.reactions += 1
        case "message" if "reply" in done.about:
            verdict.replies += 1


def _check_done(verdict: ChangesVerdict, done: Sequence[Done], kept: Mapping[str, dict[int, Entry]]) -> None:
    """Of several reactions of a person by one emoji to a message the last one counts."""
    messages = {
        person: {each["id"]: each for each in of_person.values()} for person, of_person in kept.items()
    }
    reactions: dict[tuple[str, str, str], Done] = {}
    for each in done:
        message = next(
            (of_person[each.message] for of_person in messages.values() if each.message in of_person), None
        )
        if each.event == "react":
            reactions[each.person, each.message, each.about["emoji"]] = each
        elif message is None or not _is_done(each, message):
            verdict.note("undone", f"{each} is {message}")
    for (person, id, emoji), each in reactions.items():
        if (message := messages.get(person, {}).get(id)) is None:
            continue  # it was another person before everything was wiped
        mine = any(one["emoji"] == emoji and "mine" in one for one in message.get("reactions", ()))
        if "deleted" not in message and mine != each.about["on"]:
            verdict.note("undone", f"{each} is {message}")


def _is_done(done: Done, message: Entry) -> bool:
    if "deleted" in message or done.event == "message":
        return True
    if done.event == "delete":
        return False
    by, edited = done.about.get("edited", 0), message.get("edited", 0)
    return bool(edited > by or (edited == by and message["text"] == done.about["text"]))


def _check_left(
    verdict: ChangesVerdict, done: Sequence[Done], log: list[Entry], messages: dict[int, Entry]
) -> None:
    """Every text is another one."""
    said = {each.about["text"] for each in done if "text" in each.about}
    now = {each["text"] for each in messages.values() if "text" in each}
    everything = json.dumps(log)
    for text in sorted(said - now):
        if json.dumps(text) in everything:
            verdict.note("left", text)
