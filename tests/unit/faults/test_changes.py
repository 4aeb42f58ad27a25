"""The verdict on changes finds each way in which they can go wrong, and nothing else."""

from copy import deepcopy
from typing import Any

import pytest

from tests.faults.changes import ChangesVerdict, Done, Seen, judge_changes
from tests.support.folding import Shown

PLACE = {"room": "tea", "at": 1}
ANA = {"id": "ana", "name": "Ana"}


def entries() -> list[dict[str, Any]]:
    """A log in which a message was edited and reacted to, and another one deleted, as Ana reads it."""
    thumbs = {"emoji": "👍", "count": 1, "since": 4, "mine": True}
    told: list[dict[str, Any]] = [
        {"id": "a", "author": ANA, "text": "new", "edited": 3, "reactions": [thumbs]},
        {"id": "b", "author": {"id": "ana"}, "deleted": True},
        {"id": "c", "edits": 1, "now": {"text": "new"}, "author": ANA},
        {"id": "d", "reacts": 1, "emoji": "👍", "on": True, "count": 1, "author": ANA},
        {"id": "e", "deletes": 2},
    ]
    return [{**PLACE, "seq": seq, **each} for seq, each in enumerate(told, 1)]


DONE = [
    Done("ana", "message", "a", "one", {"text": "old"}),
    Done("ana", "message", "b", "one", {"text": "gone", "reply": {}}),
    Done("ana", "edit", "a", "one", {"text": "new", "edited": 3}),
    Done("ana", "react", "a", "one", {"emoji": "👍", "on": True}),
    Done("ana", "delete", "b", "one", {}),
    Done("ana", "message", "z", "before all was wiped", {"text": "wiped"}),
]


def seen(log: list[dict[str, Any]], first: int = 1) -> Seen:
    shown = Shown("ana")
    shown.take(log[first - 1 :])
    given = [(each["seq"], each["id"]) for each in log[first - 1 :]]
    return Seen("Ana's", "ana", "one", given, shown.messages)


def judged(log: list[dict[str, Any]], device: Seen, done: list[Done] = DONE) -> ChangesVerdict:
    return judge_changes("one", {"ana": log}, [device], done)


def found(verdict: ChangesVerdict) -> dict[str, int]:
    return {name: count for name, count in verdict.faults().items() if count}


@pytest.mark.parametrize("first", [1, 2, 4])
def test_what_is_as_it_was_acknowledged_is_clean(first: int) -> None:
    """Also on a device that came later."""
    verdict = judged(entries(), seen(entries(), first))
    assert verdict.clean
    assert (verdict.edits, verdict.deletions, verdict.reactions, verdict.replies) == (1, 1, 1, 1)
    assert verdict.gone == 1


def changed(seq: int, **fields: Any) -> list[dict[str, Any]]:
    """The log, with one entry otherwise; a field that is None is missing."""
    log = entries()
    log[seq - 1] = {name: value for name, value in {**log[seq - 1], **fields}.items() if value is not None}
    return log


@pytest.mark.parametrize(
    ("log", "undone"),
    [
        (changed(1, edited=None, text="old"), 1),
        (changed(1, text="a third"), 1),
        (changed(1, reactions=None), 1),
        (changed(2, deleted=None, text="gone", author=ANA), 1),
        (changed(1, id="another"), 2),
        (changed(2, id="another"), 2),
    ],
)
def test_what_was_acknowledged_and_is_not_so_is_undone(log: list[dict[str, Any]], undone: int) -> None:
    assert judged(log, seen(log)).undone == undone


def test_a_message_that_is_read_otherwise_than_the_log_comes_to_is_found() -> None:
    assert found(judged(changed(1, reactions=None), seen(entries()))) == {"undone": 1, "unfolded": 1}


def test_a_text_that_was_replaced_may_be_nowhere() -> None:
    log = changed(3, now={"text": "old"}, superseded=None)
    log[2]["edits"] = 9
    assert found(judged(log, seen(log))) == {"left": 1}


def test_a_device_shows_each_entry_once_and_in_order() -> None:
    log, device = entries(), seen(entries())
    for wrong in ([*device.entries, device.entries[-1]], device.entries[:-1], device.entries[::-1]):
        assert found(judged(log, Seen("Ana's", "ana", "one", wrong, device.messages))) == {"misled": 1}
    other = Seen("Ana's", "ana", "two", device.entries, device.messages)
    assert found(judged(log, other)) == {"misled": 1}


def test_a_message_that_a_device_shows_otherwise_is_found() -> None:
    log = entries()
    others: list[dict[str, Any]] = [{"text": "old"}, {"edited": 2}, {"reactions": []}]
    for fields in others:
        messages = deepcopy({**seen(log).messages})
        messages[1].update(fields)
        device = Seen("Ana's", "ana", "one", seen(log).entries, messages)
        assert found(judged(log, device)) == {"differing": 1}
