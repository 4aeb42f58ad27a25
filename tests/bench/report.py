"""The report: every peer's repetitions put together, as JSON and as a table for a terminal."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.load import TOO_BUSY
from tests.bench.peers import NODE, OURS, STOCK, Peer
from tests.bench.plan import Plan, Sample
from tests.bench.rows import GROUPS, Row
from tests.bench.visit import BUSY_GENERATOR, FELL_BEHIND, Visit

BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"
TITLE, CELL = 40, 19


@dataclass(frozen=True)
class Figure:
    """One peer's figure in one row: the median of its repetitions, their extremes, and what to mind."""

    median: float
    low: float
    high: float
    mark: str

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> "Figure":
        values = [sample.value for sample in samples]
        marks = "".join(sorted(set("".join(sample.mark for sample in samples))))
        return cls(statistics.median(values), min(values), max(values), marks)


class Report:
    """Built from all visits, of which each peer has one per repetition."""

    def __init__(
        self, peers: Sequence[Peer], plan: Plan, visits: Sequence[Visit], versions: Mapping[str, str]
    ) -> None:
        self.peers = peers
        self.plan = plan
        self.visits = visits
        self.versions = versions
        busy = [(share, f"{v.peer.title}, {what}") for v in visits for what, share in v.generator]
        self.busiest = max(busy, default=(0.0, "no run"))
        self.broken = sorted({f"{visit.peer.title}, {what}" for visit in visits for what in visit.broken})

    def figure(self, row: str, peer: Peer) -> Figure | None:
        samples = [visit.samples[row] for visit in self.visits if visit.peer is peer and row in visit.samples]
        return Figure.of(samples) if samples else None

    def ratio(self, row: Row, other: Peer) -> float | None:
        """How many times better (more than 1) or worse ours is; None without both figures or with a zero."""
        ours, theirs = self.figure(row.key, OURS), self.figure(row.key, other)
        if not (ours and theirs and ours.median > 0 and theirs.median > 0):
            return None
        return ours.median / theirs.median if row.more else theirs.median / ours.median

    def as_json(self) -> dict[str, Any]:
        figures = {
            row.key: {
                "title": f"{group.title}: {row.title}",
                "unit": row.unit,
                "better": "more" if row.more else "less",
                "peers": {
                    peer.name: vars(found) for peer in self.peers if (found := self.figure(row.key, peer))
                },
            }
            for group in GROUPS
            for row in group.rows
        }
        return {
            "machine": machine(),
            "versions": dict(self.versions),
            "plan": vars(self.plan),
            "repetitions": len(self.visits) // len(self.peers),
            "marks": {
                BUSY_GENERATOR: f"the generator took over {TOO_BUSY:.0%} of a core",
                FELL_BEHIND: "fell behind",
            },
            "generator": {"busiest": round(self.busiest[0], 3), "in": self.busiest[1]},
            "broken": self.broken,
            "rows": {key: row for key, row in figures.items() if row["peers"]},
        }

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")

    def table(self) -> str:
        """The table in ANSI colours, then the marks and what to know about the run."""
        titles = [peer.title for peer in self.peers]
        head = "".join(f"{title:>{CELL}}" for title in [*titles, "vs stock", "vs Node"])
        lines = ["", f"{BOLD}{'':{TITLE}}{head}{PLAIN}"]
        for group in GROUPS:
            rows = [
                self._line(row)
                for row in group.rows
                if any(self.figure(row.key, peer) for peer in self.peers)
            ]
            if rows:
                lines += [
                    f"{DIM}{'─' * (TITLE + CELL * (len(self.peers) + 2))}{PLAIN}",
                    f"{BOLD}{group.title}{PLAIN}",
                ]
                lines += rows
        return "\n".join([*lines, "", *self._notes(), ""])

    def _line(self, row: Row) -> str:
        unit = f" {DIM}{row.unit}{PLAIN}" if row.unit else ""
        title = f"  {row.title}{unit}" + " " * (
            TITLE - 2 - len(row.title) - (len(row.unit) + 1 if row.unit else 0)
        )
        figures = "".join(_cell(self.figure(row.key, peer)) for peer in self.peers)
        return title + figures + "".join(_times(self.ratio(row, other)) for other in (STOCK, NODE))

    def _notes(self) -> list[str]:
        spread = (
            "" if self.plan.repetitions == 1 else f"Medians of {self.plan.repetitions}; ± half the spread. "
        )
        here = machine()
        share, what = self.busiest
        marks = (
            f"{BUSY_GENERATOR} the generator took over {TOO_BUSY:.0%} of a core   {FELL_BEHIND} fell behind"
        )
        return [
            f"{spread}{marks}   × how many times better Tertulia is",
            f"{here['cores']} cores, {here['cpu']}, Linux {here['kernel']}",
            f"the generator took at most {share:.0%} of a core ({what})",
            *(f"{RED}not once, not in order or not at all:{PLAIN} {what}" for what in self.broken),
        ]


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    info = Path("/proc/cpuinfo").read_text()
    cpu = next(
        (line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {"cores": os.cpu_count(), "cpu": cpu, "memory_mib": memory, "kernel": platform.release()}


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return f"{DIM}{'·':>{CELL}}{PLAIN}"
    spread = (figure.high - figure.low) / 2
    around = f" ±{number(spread)}" if spread else ""
    text = f"{number(figure.median)}{around}{figure.mark}"
    return f"{text:>{CELL}}"


def _times(ratio: float | None) -> str:
    if ratio is None:
        return f"{DIM}{'·':>{CELL}}{PLAIN}"
    text = f"{ratio:.2g}×" if ratio < 10 else f"{ratio:.0f}×"
    return f"{GREEN if ratio >= 1 else RED}{text:>{CELL}}{PLAIN}"


def number(value: float) -> str:
    """Return three significant digits, thousands apart."""
    if abs(value) < 100:
        return f"{value:.3g}"
    digits = 10 ** (len(str(int(abs(value)))) - 3)
    return f"{round(value / digits) * digits:,}"
