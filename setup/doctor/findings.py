"""A finding: what one check looked at, how it came out, and what to do about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    OK = "ok"
    LOOK = "look"  # it works, and a careful person would change it
    WRONG = "wrong"
    UNKNOWN = "unknown"  # it should have been possible to check this, and was not
    SKIPPED = "skipped"  # cannot be seen from here, does not apply, or waits for what is wrong already


@dataclass(frozen=True)
class Finding:
    """`said`: what came out, with what was expected where that differs. `advice`: what to do, if anything."""

    name: str
    outcome: Outcome
    said: str
    advice: str = ""


def ok(name: str, said: str) -> Finding:
    return Finding(name, Outcome.OK, printable(said))


def look(name: str, said: str, advice: str) -> Finding:
    return Finding(name, Outcome.LOOK, printable(said), printable(advice))


def wrong(name: str, said: str, advice: str) -> Finding:
    return Finding(name, Outcome.WRONG, printable(said), printable(advice))


def unknown(name: str, why: str, advice: str = "") -> Finding:
    return Finding(name, Outcome.UNKNOWN, f"not checked: {printable(why)}", printable(advice))


def skipped(name: str, why: str) -> Finding:
    return Finding(name, Outcome.SKIPPED, f"not checked: {printable(why)}")


def exit_status(findings: Iterable[Finding]) -> int:
    """1 if something is wrong, else 2 if something could not be checked, else 0."""
    outcomes = {finding.outcome for finding in findings}
    if Outcome.WRONG in outcomes:
        return 1
    return 2 if Outcome.UNKNOWN in outcomes else 0


def printable(text: str, most: int = 400) -> str:
    """Text on one line without control characters: a server's words must not steer the terminal."""
    text = " ".join(text.split())
    text = re.sub(r"[^\x20-\x7e\xa1-\u200a\u2010-\u2027\u2030-\u205e\u2070-\uffef]", "�", text)
    return text if len(text) <= most else text[: most - 1] + "…"
