"""The steps of a visit fill every row that there is, and only what is wanted is started."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.bench import steps
from tests.bench.peers import NODE, OURS, OURS_ALONE
from tests.bench.plan import FULL, Plan
from tests.bench.rows import GROUPS
from tests.bench.visit import Visit

Taken = list[tuple[int, list[tuple[str, ...]]]]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, Plan], Taken]:
    """What a visit does with a plan: for each start of the peer its workers, and the rows of each step."""

    def take(peer: Any, plan: Plan) -> Taken:
        starts: Taken = []
        monkeypatch.setattr(
            steps,
            "_run",
            lambda visit, workers, wanted, _: starts.append((workers, [keys for _, keys in wanted])),
        )
        steps.measure(Visit(cast(Any, None), peer, plan))
        return starts

    return take


def test_every_row_is_filled_by_one_step(taken: Callable[[Any, Plan], Taken]) -> None:
    filled = [key for _, each in taken(OURS, FULL) for keys in each for key in keys]
    assert sorted(filled) == sorted(row.key for group in GROUPS for row in group.rows)


def test_a_row_alone_starts_the_peer_once(taken: Callable[[Any, Plan], Taken]) -> None:
    assert taken(OURS, FULL.narrowed(["poll.web"])) == [(1, [("poll.web", "poll.p99")])]
    held = ("held.10", "web.held.10", "nginx.held.10", "redis.held.10")
    assert taken(OURS, FULL.narrowed(["held.10"])) == [(2, [held])]


def test_a_peer_of_one_worker_has_no_rows_about_several(taken: Callable[[Any, Plan], Taken]) -> None:
    assert taken(OURS_ALONE, FULL.narrowed(["poll.*", "bystander.*", "rest.*"])) == []


def test_who_knows_no_reactions_is_not_measured_in_them(taken: Callable[[Any, Plan], Taken]) -> None:
    living = FULL.narrowed(["message.*", "reaction.*", "history.*"])
    assert taken(NODE, living) == []
    assert [len(rows) for workers, rows in taken(OURS, living)] == [2]
