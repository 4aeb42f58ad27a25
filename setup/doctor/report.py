"""The report: findings as aligned lines for people, or as one JSON object for programs."""

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from doctor.findings import Finding, Outcome, exit_status

WORDS = {
    Outcome.OK: "ok",
    Outcome.LOOK: "look",
    Outcome.WRONG: "WRONG",
    Outcome.UNKNOWN: "?",
    Outcome.SKIPPED: "-",
}
COLOURS = {
    Outcome.OK: "32",
    Outcome.LOOK: "33",
    Outcome.WRONG: "1;31",
    Outcome.UNKNOWN: "35",
    Outcome.SKIPPED: "2",
}
WORD, NAME = 5, 18
"""Columns of the first two fields."""

Area = tuple[str, Sequence[Finding]]


class Report:
    """`width`: columns of the terminal; `colour`: whether it has colours and wants them."""

    def __init__(self, width: int = 100, colour: bool = False) -> None:
        self._width = max(60, min(width, 120))
        self._colour = colour

    def area(self, title: str, findings: Sequence[Finding]) -> str:
        """A heading and a line for each finding, continued below itself where it is long."""
        return "\n".join([self._paint("1", title), *(self._line(each) for each in findings), ""])

    def summary(self, findings: Sequence[Finding]) -> str:
        """How it came out as a whole, in one line."""
        count = Counter(finding.outcome for finding in findings)
        parts = [f"{count[Outcome.OK]} of {len(findings)} checks are well"]
        if count[Outcome.LOOK]:
            parts.append(f"{count[Outcome.LOOK]} worth a look")
        if count[Outcome.WRONG]:
            parts.append(f"{count[Outcome.WRONG]} wrong")
        if missed := count[Outcome.UNKNOWN] + count[Outcome.SKIPPED]:
            parts.append(f"{missed} not checked")
        verdict = ("Nothing is wrong", "Something is wrong", "Not all could be checked")[
            exit_status(findings)
        ]
        colour = ("32", "1;31", "35")[exit_status(findings)]
        return f"{self._paint(colour, verdict)}: {', '.join(parts)}."

    def _line(self, finding: Finding) -> str:
        indent = " " * (2 + WORD + 2 + NAME)
        said = textwrap.fill(finding.said, self._width - len(indent), break_on_hyphens=False)
        lines = said.splitlines()
        if finding.advice:
            lines += textwrap.wrap(
                f"→ {finding.advice}",
                self._width - len(indent),
                subsequent_indent="  ",
                break_on_hyphens=False,
            )
        word = self._paint(COLOURS[finding.outcome], WORDS[finding.outcome].ljust(WORD))
        return f"  {word}  {finding.name.ljust(NAME)}" + f"\n{indent}".join(lines)

    def _paint(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colour else text


def as_json(address: str, areas: Sequence[Area]) -> str:
    """One object: `address`, `status` (as the exit status), and `findings`, each `{area, name, outcome, said,
    advice}`."""
    findings = [{"area": title, **asdict(each)} for title, found in areas for each in found]
    status = exit_status([each for _, found in areas for each in found])
    return json.dumps(
        {"address": address, "status": status, "findings": findings}, ensure_ascii=False, indent=1
    )
