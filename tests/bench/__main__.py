"""`python -m tests.bench FOLDER`: measures every peer, prints a table, writes results and plots.

The environment can narrow it: QUICK=1, ONLY="ours node" to these peers, ROWS="held.10 p99.*" to these rows.
What ONLY or ROWS has narrowed is in FOLDER/part, so that it never takes the place of a whole run's results.
"""

import fnmatch
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.peers import LIMIT, NODE, OURS, OURS_ALONE, OURS_OVER_TCP, STOCK, Peer, Site
from tests.bench.plan import FULL, QUICK, Plan, Sample
from tests.bench.plots import Bar, bars
from tests.bench.report import Report, number
from tests.bench.rows import GROUPS, LIMIT_MS, OFFERED, ROOMS
from tests.bench.steps import measure
from tests.bench.summary import FIVE, markdown
from tests.bench.versions import versions
from tests.bench.visit import Visit

PEERS = (OURS, OURS_ALONE, STOCK, NODE, LIMIT)
NAMED = (OURS_OVER_TCP,)  # measured only where ONLY names them


def main() -> int:
    folder = Path(sys.argv[1])
    only, rows = os.environ.get("ONLY", "").split(), os.environ.get("ROWS", "").split()
    try:
        peers, plan = narrowed(only, rows, quick=bool(os.environ.get("QUICK")))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    part = bool(only or rows)
    site = Site()
    try:
        for peer in peers:
            _say(f"building {peer.title}")
            site.build(peer)
        used = versions(site, peers)
        # Written after each repetition: a run that is broken off leaves what it has.
        for visits in _rounds(site, peers, plan):
            report = Report(peers, plan, visits, used)
            _write(report, folder / "part" if part else folder, part)
    finally:
        site.stop()
    sys.stdout.write(report.table())
    return 0


def narrowed(only: Sequence[str], rows: Sequence[str], *, quick: bool) -> tuple[tuple[Peer, ...], Plan]:
    """Return the peers and the plan of a run. Raises ValueError for a peer or a row that doesn't exist."""
    known = (*PEERS, *NAMED)
    names = [peer.name for peer in known]
    keys = [row.key for group in GROUPS for row in group.rows]
    for name in only:
        if name not in names:
            raise ValueError(f"ONLY: '{name}' is no peer; there are {', '.join(names)}")
    for pattern in rows:
        if not fnmatch.filter(keys, pattern):
            raise ValueError(f"ROWS: '{pattern}' is no row; there are {', '.join(keys)}")
    plan = QUICK if quick else FULL
    left_out = (*NAMED, *([OURS_ALONE] if quick else []))
    peers = tuple(peer for peer in known if (peer.name in only if only else peer not in left_out))
    return peers, plan.narrowed(rows) if rows else plan


def _write(report: Report, folder: Path, part: bool) -> None:
    folder.mkdir(exist_ok=True)
    report.write(folder / "results.json")
    (folder / "table.md").write_text(markdown(report))
    if not part:
        (folder / "cpu.svg").write_text(_cpu(report))
        (folder / "held.svg").write_text(_held(report))
        (folder / "five-rows.md").write_text(markdown(report, FIVE))


def _rounds(site: Site, peers: tuple[Peer, ...], plan: Plan) -> Iterator[list[Visit]]:
    """One visit of each peer after the other, and again: what else the machine does touches all alike. Yields
    all visits so far."""
    visits: list[Visit] = []
    before: dict[str, dict[str, Sample]] = {peer.name: {} for peer in peers}
    for repetition in range(plan.repetitions):
        for peer in peers:
            _say(f"measuring {peer.title} ({repetition + 1} of {plan.repetitions})")
            visit = Visit(site, peer, plan, repetition, before[peer.name])
            measure(visit)
            before[peer.name] = visit.samples
            visits.append(visit)
        yield visits


def _cpu(report: Report) -> str:
    groups = [(f"{rate:,} deliveries/s offered", _bars(report, f"web.{rate}", "µs")) for rate in OFFERED]
    return bars(
        "Worker CPU per delivery, microseconds (less is better)",
        "500 clients in one room, through nginx; a peer that fell behind is not shown",
        [group for group in groups if group[1]],
    )


def _held(report: Report) -> str:
    groups = [(f"rooms of {size:,}", _bars(report, f"held.{size}", "/s")) for size in ROOMS]
    return bars(
        "Deliveries per second held (more is better)",
        f"1,000 clients, through nginx; everything delivered, p99 at most {LIMIT_MS} ms",
        [group for group in groups if group[1]],
    )


def _bars(report: Report, row: str, unit: str) -> list[Bar]:
    found = [(colour, peer, report.figure(row, peer)) for colour, peer in enumerate(PEERS)]
    return [
        Bar(peer.title, colour, figure.median, figure.low, figure.high, f"{number(figure.median)} {unit}")
        for colour, peer, figure in found
        if figure and "‡" not in figure.mark
    ]


def _say(what: str) -> None:
    sys.stderr.write(f"\033[2m·\033[0m {what}\n")


if __name__ == "__main__":
    sys.exit(main())
