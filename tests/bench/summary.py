"""The summary: the rows that compare the peers best, as tables in Markdown. docs/benchmark.md has all of
them, and README.md five."""

from tests.bench.report import Report, number
from tests.bench.rows import JITTERING, LATE_ROOMS, LIMIT_MS, PAGE, PAGES, RESTING

HELD = f"Deliveries a second held, p99 ≤ {LIMIT_MS} ms"
ROWS = (
    (f"**Deliveries a second held**, p99 ≤ {LIMIT_MS} ms: rooms of 1,000", "held.1000"),
    ("… rooms of 100", "held.100"),
    ("… rooms of 10", "held.10"),
    ("… rooms of 2", "held.2"),
    *(
        (title, f"{service}.held.{size}")
        for size in (10, 2)
        for title, service in (
            (f"**CPU of a message** at that rate in rooms of {size}: workers, µs", "web"),
            ("… nginx", "nginx"),
            ("… Redis", "redis"),
        )
    ),
    ("**Worker CPU per delivery** at 20,000 offered a second, µs", "web.20000"),
    ("… at 100,000", "web.100000"),
    ("… at 400,000", "web.400000"),
    ("**Latency** at 20,000 offered a second, a room of 500: p50, ms", "p50.20000"),
    ("… p99", "p99.20000"),
    *(
        (f"… rooms of {size:,}: {name}", f"{name}.20000.{size}")
        for size in LATE_ROOMS
        for name in ("p50", "p99")
    ),
    ("**Latency** at 100,000 offered a second, a room of 500: p50, ms", "p50.100000"),
    ("… p99", "p99.100000"),
    *(
        (f"… rooms of {size:,}: {name}", f"{name}.100000.{size}")
        for size in LATE_ROOMS
        for name in ("p50", "p99")
    ),
    ("One client alone, until its own message is back: p50, ms", "alone.p50"),
    ("… p99", "alone.p99"),
    ("… worker CPU per message, µs", "alone.web"),
    ("One message to an idle room of 1,000, until the last has it, ms", "last.p50"),
    ("Worker CPU per connect, µs", "connect.cpu"),
    ("Connects a second", "connects"),
    ("Worker memory per idle connection, KiB", "idle"),
    (f"**{RESTING:,} idle connections, one worker**: memory of worker and nginx for each, KiB", "rest.both"),
    ("… of which the worker", "rest.web"),
    ("… and nginx", "rest.nginx"),
    ("… worker CPU at rest, % of a core", "rest.web.cpu"),
    ("… nginx CPU at rest, % of a core", "rest.nginx.cpu"),
    ("1,000 clients lose their connection at once: until all are live, s", "storm.seconds"),
    ("… and have for good missed, of 10 messages", "storm.missing"),
    (f"**{JITTERING:,} clients, each cut off every 15 s for 2 s**: delivered, %", "jitter.delivered"),
    ("… delivered once more", "jitter.doubled"),
    ("… from back to what was missed: p50, ms", "replay.p50"),
    ("… p99", "replay.p99"),
    ("… from sent to delivered, all messages: p50, ms", "jitter.p50"),
    ("… p99", "jitter.p99"),
    ("Long polling, one worker: worker CPU per delivery, µs", "poll.web"),
    ("**A short message** in a room of 10: worker CPU, µs", "message.web"),
    ("… a reaction there", "reaction.web"),
    ("… a short message: Redis CPU, µs", "message.redis"),
    ("… a reaction there", "reaction.redis"),
    *(
        row
        for kind, title in PAGES.items()
        for row in (
            (f"**{PAGE} messages of history**, {title}: worker CPU, µs", f"history.{kind}.web"),
            ("… Redis CPU, µs", f"history.{kind}.redis"),
            ("… until they are there: p50, ms", f"history.{kind}.p50"),
            ("… size, KiB", f"history.{kind}.size"),
        )
    ),
)
FIVE = (
    (f"{HELD}: rooms of 1,000", "held.1000"),
    (f"{HELD}: rooms of 10", "held.10"),
    ("Worker CPU per delivery at 20,000 a second, µs", "web.20000"),
    ("Latency at 20,000 deliveries a second, p99, ms", "p99.20000"),
    ("Connects a second", "connects"),
)
"""Those of the README: where Tertulia is better and where it is not."""


def markdown(report: Report, rows: tuple[tuple[str, str], ...] = ROWS) -> str:
    """Return the table: medians, with their marks. A row that nobody was measured in is left out."""
    lines = [
        "| | " + " | ".join(peer.title for peer in report.peers) + " |",
        "|---|" + "---:|" * len(report.peers),
    ]
    for title, key in rows:
        figures = [report.figure(key, peer) for peer in report.peers]
        if any(figures):
            cells = [f"{number(figure.median)}{figure.mark}" if figure else "·" for figure in figures]
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
