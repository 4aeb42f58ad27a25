"""The report: a result as a table for people, and as JSON for programs."""

import json
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.harness import Result

ROWS = {
    "acked messages": "acked",
    "… of which somebody never saw, or the log lost": "lost",
    "messages that a client never saw and knew nothing of": "holes",
    "… though that client was connected all the while": "holes_while_connected",
    "messages shown to a client twice": "doubled",
    "messages shown to a client out of order": "out_of_order",
}


def as_json(result: Result) -> dict[str, Any]:
    """Times in seconds."""
    verdict = result.verdict
    return {
        "clients": result.clients,
        "seconds": round(result.seconds, 1),
        "transports": result.transports,
        "faults": [{"fault": name, **times} for name, times in _by_fault(result).items()],
        "unhealed": result.unhealed,
        "acked": verdict.acked,
        "lost_with_log": verdict.lost_with_log,
        "caught_up": verdict.caught_up,
        "marks": verdict.marks,
        "times_out": result.times_out,
        "in_private": {"acked": result.in_private.acked, **result.in_private.faults()},
        "changes": {**_changed(result), **result.changes.faults()},
        **verdict.faults(),
        "holes_while_connected": verdict.holes_while_connected,
        "examples": verdict.examples,
    }


def as_text(result: Result) -> str:
    verdict = result.verdict
    head = ["", f"  {'fault':<44}{'count':>6}{'median':>9}{'worst':>9}{'from inject':>13}"]
    lines = head if result.healings else []
    for name, times in _by_fault(result).items():
        spans = f"{times['median']:>7.1f} s{times['worst']:>7.1f} s{times['worst_from_inject']:>11.1f} s"
        lines.append(f"  {name:<44}{times['count']:>6}{spans}")
    lines += [f"  NOT HEALED  {problem}" for problem in result.unhealed]
    transports = ", ".join(f"{count} on {name}" for name, count in sorted(result.transports.items()))
    lines += ["", f"  {result.clients} clients ({transports}) for {result.seconds:.0f} s"]
    lines += [
        f"  {verdict.acked:>8} acked, {verdict.lost_with_log} of them in logs that were destroyed on purpose"
    ]
    lines += [f"  {verdict.caught_up:>8} shown by catching up"]
    lines += [f"  {verdict.marks:>8} times somebody was told how far they had read"]
    lines += [f"  {count:>8} {name.replace('_', ' ')}" for name, count in verdict.faults().items()]
    private = result.in_private
    lines += ["", f"  {private.acked:>8} acked in a private room"]
    lines += [f"  {result.times_out:>8} times somebody was put out of it"]
    lines += [f"  {count:>8} {name.replace('_', ' ')}" for name, count in private.faults().items()]
    lines += [""] + [f"  {count:>8} {name}" for name, count in _changed(result).items()]
    lines += [f"  {count:>8} {name}" for name, count in result.changes.faults().items()]
    examples = [*verdict.examples, *private.examples, *result.changes.examples]
    lines += [f"           {example}" for example in examples]
    return "\n".join([*lines, "", f"  {'clean' if result.clean else 'NOT CLEAN'}", ""])


def side_by_side(results: dict[str, Result]) -> str:
    """A Markdown table, a column for each result."""
    columns = [as_json(result) for result in results.values()]
    heals = [sorted(healing.from_undo for healing in result.healings) for result in results.values()]
    rows = [("", *results), ("---", *("---:" for _ in results))]
    rows += [("faults", *(str(len(result.healings) + len(result.unhealed)) for result in results.values()))]
    rows += [(label, *(f"{column[key]:,}" for column in columns)) for label, key in ROWS.items()]
    rows += [("healed after, median", *(f"{median(times):.1f} s" if times else "–" for times in heals))]
    rows += [("healed after, worst", *(f"{max(times):.1f} s" if times else "–" for times in heals))]
    rows += [("not healed within a minute", *(str(len(result.unhealed)) for result in results.values()))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write(path: Path, results: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=2) + "\n")


def _changed(result: Result) -> dict[str, int]:
    """How much was acknowledged."""
    return {name: getattr(result.changes, name) for name in ("edits", "deletions", "reactions", "replies")}


def _by_fault(result: Result) -> dict[str, dict[str, Any]]:
    """In the order of their first appearance; what happened at once is one row."""
    names = dict.fromkeys(healing.fault for healing in result.healings)
    return {name: _times(result, name) for name in names}


def _times(result: Result, name: str) -> dict[str, Any]:
    ours = [healing for healing in result.healings if healing.fault == name]
    return {
        "count": len(ours),
        "median": round(median(healing.from_undo for healing in ours), 2),
        "worst": round(max(healing.from_undo for healing in ours), 2),
        "worst_from_inject": round(max(healing.from_inject for healing in ours), 2),
    }
