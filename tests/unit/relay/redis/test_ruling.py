"""What one process knows of the rules, and what it lets in by them."""

import pytest
from relay.log.rules import Preconditions
from relay.redis import ruling as module
from relay.redis.ruling import Ruling


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def test_a_rule_stands_until_it_ends(clock: list[float]) -> None:
    ruling = Ruling.of([b"7", b"no tea", b"why", 1500, b"no milk", b"", -1], at_least=0)
    tea, both = Preconditions(deny=("no tea",)), Preconditions(deny=("no milk", "no tea"))
    denied = ruling.denied(tea)
    assert denied is not None
    assert (denied.rule, denied.seconds) == ("no tea", 2)
    clock[0] += 1.6
    assert ruling.denied(tea) is None
    denied = ruling.denied(both)
    assert denied is not None
    assert (denied.rule, denied.seconds) == ("no milk", None)
    assert ruling.find(ruling.rules).keys() == {"no milk"}


def test_the_pace_of_a_room_ends_with_its_rule(clock: list[float]) -> None:
    ruling = Ruling.of([b"7", b"slow", b"30", 1500], at_least=0)
    slow = Preconditions(slow_mode="slow", sender="ana")
    assert ruling.slow_mode(slow) == 30_000
    assert ruling.slow_mode(Preconditions(slow_mode="another", sender="ana")) == 0
    clock[0] += 1.6
    assert ruling.slow_mode(slow) == 0


def test_the_rules_are_of_the_version_that_a_partition_has_at_least() -> None:
    assert Ruling.of([b"7"], at_least=5).version == 7
    assert Ruling.of([b"0"], at_least=5).version == 5
