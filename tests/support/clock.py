"""A clock that stands still until a test moves it."""

import pytest


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """That of the records that are kept in memory."""
    clock = Clock()
    monkeypatch.setattr("relay.memory.records.monotonic", clock)
    return clock
