"""How much a person, and all who share their address, may ask of one worker at once."""

from collections.abc import Callable

import pytest
from chat.domain.rate_limits import RateLimit, WorkerRateLimits
from chat.domain.refusals import Refused


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> WorkerRateLimits:
    """For people in up to 10 rooms, three at an address. No time passes, so nothing fills again."""
    monkeypatch.setattr("chat.domain.rate_limits.monotonic_ns", lambda: 0)
    return WorkerRateLimits(rooms=10, people_per_address=3)


def taken(count: Callable[[str, str], object], person: str, address: str) -> int:
    """How often it is let through."""
    for number in range(10_000):
        try:
            if count(person, address) is False:
                return number
        except Refused:
            return number
    return 10_000


@pytest.mark.parametrize(
    ("limit", "each"), [(RateLimit.REQUESTS, 120), (RateLimit.TYPING, 8), (RateLimit.MARKS, 30)]
)
def test_a_person_has_so_many_events_at_once(limits: WorkerRateLimits, limit: RateLimit, each: int) -> None:
    """Two requests and a mark more for each room that they can be in. An address has as many as three
    people."""

    def count(person: str, address: str) -> None:
        limits.count(limit, person, address)

    assert taken(count, "ana", "192.0.2.1") == each
    assert taken(count, "ana", "192.0.2.2") == 0
    assert taken(count, "ben", "192.0.2.1") == each
    assert taken(count, "cleo", "192.0.2.1") == each
    assert taken(count, "dan", "192.0.2.1") == 0
    assert taken(count, "dan", "192.0.2.2") == each


def test_each_kind_of_event_has_its_own_limit(limits: WorkerRateLimits) -> None:
    """So has the abuse budget; and messages are counted by the log, not here."""
    assert taken(limits.strike, "ana", "192.0.2.1") == 200
    limits.count(RateLimit.REQUESTS, "ana", "192.0.2.1")
    limits.count(RateLimit.TYPING, "ana", "192.0.2.1")
    for _ in range(1000):
        limits.count(RateLimit.MESSAGES, "ana", "192.0.2.1")
