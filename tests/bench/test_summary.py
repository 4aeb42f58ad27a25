"""The summary shows each peer's median, and leaves out what nobody was measured in. Pages are given it."""

from typing import Any, cast

import pytest

from tests.bench.pages import filled
from tests.bench.peers import NODE, OURS, Peer
from tests.bench.plan import QUICK, Sample
from tests.bench.report import Report
from tests.bench.rows import GROUPS
from tests.bench.summary import FIVE, ROWS, markdown
from tests.bench.visit import FELL_BEHIND, Visit


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


def test_the_short_table_has_its_five_rows_only() -> None:
    samples = {row.key: Sample(1.0) for group in GROUPS for row in group.rows}
    report = Report((OURS, NODE), QUICK, [visit(OURS, **samples), visit(NODE, **samples)], {})
    assert len(markdown(report, FIVE).splitlines()) == 2 + 5
    assert len(markdown(report).splitlines()) == 2 + len(ROWS)


def test_the_short_tables_figures_are_among_those_of_the_whole_one() -> None:
    assert {key for _, key in FIVE} <= {key for _, key in ROWS}


def test_a_page_is_given_the_tables_that_it_names() -> None:
    page = "Before.\n<!-- table: a.md -->\n| old |\n<!-- end of table -->\nAfter.\n"
    new = "Before.\n<!-- table: a.md -->\n\n| new |\n\n<!-- end of table -->\nAfter.\n"
    assert filled(page, {"a.md": "| new |\n"}.__getitem__) == new
    assert filled(new, {"a.md": "| new |\n"}.__getitem__) == new


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no `<!-- table"):
        filled("<!-- table: a.md -->\n", {"a.md": ""}.__getitem__)
