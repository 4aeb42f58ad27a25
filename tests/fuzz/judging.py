"""The judging: which promises are held to a flood, and the table of what came of each."""

from math import isfinite

from tests.fuzz.people import percentile
from tests.fuzz.report import Report
from tests.fuzz.trial import Trial

P99 = 1.0
"""Seconds within which 99 of 100 messages of the others are acked meanwhile."""
FULL = 0.9
"""Share of its limit that a container may take at most."""
GROWTH = 2 << 20
"""Bytes that Redis may have more for what the fifty people said meanwhile."""

HEAD = (
    f"    {'flood':<58} {'ended':>5} {'breaks':>6} {'lost':>5} {'p99 ms before, meanwhile, worst':>32}"
    f" {'worker MiB':>11} {'nginx MiB':>10} {'Redis MiB':>10} {'… after':>8} {'well after':>10}"
)


def row(trial: Trial) -> str:
    name = f"{trial.flood.line:<3} {trial.flood.what}"
    waits = f"{ms(percentile(trial.calm, 0.99))} {ms(percentile(trial.waits, 0.99)):>9}"
    waits += f" {ms(percentile(trial.waits, 1)):>9}"
    return (
        f"    {name:<58} {trial.deaths:>5} {trial.breaks:>6} {trial.lost:>5} {waits:>32}"
        f" {mib(trial.peak.web):>11} {mib(trial.peak.nginx):>10} {mib(trial.peak.redis):>10}"
        f" {mib(trial.after.memory.redis):>8} {trial.back:>8.0f} s"
    )


def judge(trial: Trial, report: Report) -> None:
    flood, verdict = trial.flood, trial.verdict
    for what, times in trial.sent.most_common():
        report.fact(what, f"{times:,}")
    if flood.judge:
        flood.judge(trial, report)
    report.promise("containers and processes that were ended", trial.deaths, not trial.deaths)
    report.promise("people's connections that were lost", trial.breaks, not trial.breaks)
    faults = ", ".join(f"{count} {name}" for name, count in verdict.faults().items() if count)
    report.promise(
        "their messages lost, doubled, out of order", faults or f"none of {verdict.acked}", not trial.lost
    )
    for example in verdict.examples[:5]:
        report.fact("", example)
    p99 = percentile(trial.waits, 0.99)
    waits = f"{ms(percentile(trial.calm, 0.99))}, {ms(p99)}, {ms(percentile(trial.waits, 1))} ms"
    report.promise("their acks: p99 before, p99 meanwhile, worst", waits, p99 < P99)
    for name in ("web", "nginx"):
        limit, most = getattr(trial.limits, name), getattr(trial.peak, name)
        at_first, at_last = getattr(trial.before.memory, name), getattr(trial.after.memory, name)
        seen = f"{mib(at_first)}, {mib(most)}, {mib(at_last)} MiB of {mib(limit)}"
        report.promise(f"memory of {name}: before, most, after", seen, most < FULL * limit)
    kept = trial.after.memory.redis - trial.before.memory.redis
    seen = f"{mib(trial.before.memory.redis)}, {mib(trial.peak.redis)}, {mib(trial.after.memory.redis)} MiB"
    keys = f"{trial.before.keys:,} and {trial.after.keys:,} keys"
    report.promise("Redis' data: before, most, after", f"{seen}; {keys}", kept <= flood.keeps + GROWTH)
    report.promise("everything as before after", f"{trial.back:.1f} s", isfinite(trial.back))


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}"


def mib(size: int) -> str:
    return f"{size / 2**20:,.1f}"
