"""A clock that tests set, and the logins that are kept by it."""

import pytest
from chat.people.programs import Programs

from tests.unit.chat.people.keeping import Clock, Keeping

PATCHED = (
    "chat.people.logins.time",
    "chat.people.login_notes.time",
    "chat.people.passkey.time",
    "chat.people.program.time",
    "chat.people.ticket.time",
    "chat.people.tickets.time",
    "relay.memory.records.monotonic",
    "relay.memory.store.monotonic",
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What is kept ends by this clock."""
    clock = Clock()
    for each in PATCHED:
        monkeypatch.setattr(each, lambda: clock.now)
    return clock


@pytest.fixture
def keeping(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    # A test may wait for fifty writes, one after the other.
    monkeypatch.setattr("chat.people.login_notes.FLUSH_INTERVAL", 0.01)
    return Keeping(clock)


@pytest.fixture
def programs(keeping: Keeping) -> Programs:
    return Programs(keeping.store, keeping.records)
