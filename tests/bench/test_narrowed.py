"""Part of a run: some of the peers, and some of the rows."""

import pytest

from tests.bench.__main__ import PEERS, narrowed
from tests.bench.peers import NODE, OURS, OURS_ALONE, OURS_OVER_TCP
from tests.bench.rows import GROUPS

KEYS = [row.key for group in GROUPS for row in group.rows]


def test_a_whole_run_measures_every_row_of_every_peer() -> None:
    peers, plan = narrowed([], [], quick=False)
    assert peers == PEERS
    assert all(plan.wants(key) for key in KEYS)


def test_a_quick_run_leaves_out_what_takes_long() -> None:
    peers, plan = narrowed([], [], quick=True)
    assert OURS_ALONE not in peers
    wanted = {key for key in KEYS if plan.wants(key)}
    assert {"held.10", "held.1000", "connects"} < wanted
    assert not {"held.100", "poll.web", "stalled.p99", "bystander.20000"} & wanted


def test_what_takes_long_is_measured_in_fewer_repetitions() -> None:
    _, plan = narrowed([], [], quick=False)
    for key in KEYS:
        repetitions = [plan.wants(key, repetition=repetition) for repetition in range(plan.repetitions)]
        assert repetitions[0]
        assert repetitions == sorted(repetitions, reverse=True)
    last = plan.repetitions - 1
    assert last >= 2
    assert plan.wants("held.10", repetition=last)
    assert not plan.wants("rest.web", repetition=last)


def test_a_run_can_be_of_some_peers_and_rows_only() -> None:
    assert narrowed(["ours-tcp"], [], quick=True)[0] == (OURS_OVER_TCP,)
    peers, plan = narrowed(["ours", "node"], ["held.10", "p99.*"], quick=True)
    assert peers == (OURS, NODE)
    assert [key for key in KEYS if plan.wants(key)] == [
        key for key in KEYS if key == "held.10" or key.startswith("p99.")
    ]


def test_a_quick_run_measures_what_it_is_told_even_if_it_takes_long() -> None:
    peers, plan = narrowed(["ours-1"], ["poll.web"], quick=True)
    assert peers == (OURS_ALONE,)
    assert plan.wants("poll.web")


@pytest.mark.parametrize(("only", "rows"), [(["nobody"], []), ([], ["held.11"])])
def test_a_peer_or_a_row_that_does_not_exist_is_refused_by_name(only: list[str], rows: list[str]) -> None:
    with pytest.raises(ValueError, match=(only or rows)[0]):
        narrowed(only, rows, quick=False)
