"""A slice of `make fuzz` against the stack as it is, which says within seconds that a door was opened."""

import secrets
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.fuzz.attack import Outcome, attack
from tests.fuzz.connections import Door
from tests.fuzz.floods import handshakes
from tests.fuzz.people import Newcomers, Talker, beside, percentile
from tests.support.stack import Stack


def door(stack: Stack) -> Door:
    name = stack.listen.rsplit(":", 1)[0] if stack.url.startswith("https:") else None
    return Door(stack.address(stack.container("nginx"), "front"), 8080, name)


async def test_fuzzed_packets_are_refused_and_nobody_else_notices(stack: Stack) -> None:
    """Only what is well formed is heard, everybody else is answered, and no traceback is logged."""
    seed, outcome = secrets.randbelow(1_000_000), Outcome()
    talker = Talker(door(stack), "talker")
    await beside(attack(door(stack), seed, 2000, outcome), talker.talk())
    assert outcome.wrong == [], f"SEED={seed}"
    assert outcome.bad > 500
    assert talker.breaks == 0
    assert {text for text in talker.heard if not text.startswith("talker ")} <= outcome.texts
    assert percentile(talker.waits, 0.99) < 1


@pytest.fixture
def unlimited(stack: Stack) -> Iterator[Stack]:
    """The stack without nginx' limits for an address: everybody here comes from one."""
    up = "up", "--detach", "--wait", "--wait-timeout", "300", "nginx"
    stack.compose(*up, HANDSHAKES_PER_SECOND="65535", CONNECTIONS_PER_ADDRESS="65535")
    stack.wait_until_routed()
    yield stack
    stack.compose(*up)


async def test_newcomers_connect_while_others_only_shake_hands(unlimited: Stack) -> None:
    """Five hundred handshakes a second that lead nowhere. (`make fuzz` waits until all those are ended.)"""
    answers, newcomers = Counter[str](), Newcomers(door(unlimited))
    await beside(handshakes(door(unlimited), 500, 3, answers), newcomers.come())
    assert newcomers.failed == []
    assert percentile(newcomers.waits, 1) < 1
    assert answers["200"] > 100  # over TLS a slow machine takes 200 a second
