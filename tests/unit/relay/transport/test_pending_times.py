"""How long each of many pending sessions may take."""

import pytest
from relay.transport.pending_sessions import Full, PendingSessions


def test_pending_sessions_have_their_time_in_turn() -> None:
    """Beginning anew is not possible, and nobody is evicted who has just come."""
    waiting = PendingSessions(2, 45)
    waiting.add("a", 0)
    waiting.add("b", 1)
    waiting.add("a", 9)
    with pytest.raises(Full):
        waiting.evict(1.9)
    assert waiting.evict(2) == "a"
    assert waiting.evict(2) is None
    assert list(waiting.expired(45.9)) == []
    assert list(waiting.expired(46)) == ["b"]


def test_pending_sessions_have_less_time_when_there_are_many() -> None:
    """A page that asks a person has 45 s, unless others want the room: more than half of it is taken."""
    waiting = PendingSessions(4, 45)
    for sid in ("a", "b", "c"):
        waiting.add(sid, 0)
    assert list(waiting.expired(9.9)) == []
    assert list(waiting.expired(10)) == ["a"]
    assert list(waiting.expired(44.9)) == []
    assert list(waiting.expired(45)) == ["b", "c"]
