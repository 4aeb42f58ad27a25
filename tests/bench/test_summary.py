"""The summary shows each peer's median, and leaves out what nobody was measured in."""

from typing import Any, cast

from tests.bench.peers import NODE, OURS, Peer
from tests.bench.report import Report
from tests.bench.summary import markdown
from tests.bench.visit import FELL_BEHIND, QUICK, Sample, Visit


def visit(peer: Peer, **samples: Sample) -> Visit:
    return Visit(cast(Any, None), peer, QUICK, samples=samples, generator=[("a run", 0.2)])


def test_a_row_has_the_medians_of_the_repetitions_and_their_marks() -> None:
    visits = [
        *(visit(OURS, connects=Sample(value)) for value in (1999.6, 2561.0, 3000.0)),
        *(visit(NODE, connects=Sample(value, FELL_BEHIND)) for value in (0.5481, 0.5)),
    ]
    assert markdown(Report((OURS, NODE), QUICK, visits, {})).splitlines() == [
        "| | Tertulia | Node socket.io |",
        "|---|---:|---:|",
        "| Connects a second | 2,560 | 0.524‡ |",
    ]


def test_a_figure_that_one_peer_lacks_is_a_dot() -> None:
    report = Report((OURS, NODE), QUICK, [visit(OURS, idle=Sample(13.04)), visit(NODE)], {})
    assert "| Worker memory per idle connection, KiB | 13 | · |" in markdown(report)
