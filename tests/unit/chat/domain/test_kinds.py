"""The kinds of entries in a room's log, and the events by which they are delivered."""

import json

import pytest
from chat.domain.deletions import deletion, deletions, tombstone
from chat.domain.messages import message_of, response_of
from relay import Entry


def entry(data: bytes) -> Entry:
    return Entry(room="tea", seq=7, id="id7", at=1000, data=data, epoch="first")


@pytest.mark.parametrize(
    ("data", "event", "said"),
    [
        (deletion(3)[1], "deleted", {"deletes": 3}),
        (deletions([3, 5])[1], "deleted", {"deletes": [3, 5]}),
        (tombstone("ana"), "deleted", {"deleted": True, "author": {"id": "ana"}}),
        (b'{"edits":3,"superseded":true}', "changed", {"edits": 3, "superseded": True}),
        (b'{"wonders":true}', "changed", {"wonders": True}),
    ],
)
def test_an_entry_without_a_text_goes_by_an_event_of_its_own(
    data: bytes, event: str, said: dict[str, object]
) -> None:
    """One of a later release as well: it has a number, and clients skip what they do not know."""
    name, about = json.loads(response_of(entry(data)))
    assert name == event
    place = {"id": "id7", "room": "tea", "seq": 7, "at": 1000}
    assert about == {**said, **place, "epoch": "first"}
    assert message_of(entry(data)) == {**place, **said}
