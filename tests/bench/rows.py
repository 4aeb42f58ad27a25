"""The rows: what is measured, in the order in which it is shown."""

from dataclasses import dataclass

LIMIT_MS = 200  # the p99 up to which a rate counts as held
OFFERED = (20_000, 100_000, 400_000)  # deliveries a second
ROOMS = (10, 100, 1000)  # members
PARTS = (25, 50, 75)  # per cent of the highest rate that was held
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
POLLED = 5_000  # deliveries a second to clients that poll


@dataclass(frozen=True)
class Row:
    """One figure of each peer. `more`: whether more of it is better."""

    key: str
    title: str
    unit: str
    more: bool = False


@dataclass(frozen=True)
class Group:
    title: str
    rows: tuple[Row, ...]


GROUPS = (
    Group(
        f"Deliveries per second held: everything delivered, p99 ≤ {LIMIT_MS} ms, 1,000 clients",
        tuple(Row(f"held.{size}", f"rooms of {size:,}", "/s", more=True) for size in ROOMS),
    ),
    *(
        Group(
            f"{rate:,} deliveries/s offered, 500 clients in one room",
            (
                *(
                    Row(f"{service}.{rate}", f"{service} CPU per delivery", "µs")
                    for service in ("web", "nginx", "redis")
                ),
                Row(f"p50.{rate}", "p50", "ms"),
                Row(f"p99.{rate}", "p99", "ms"),
            ),
        )
        for rate in OFFERED
    ),
    Group(
        "Latency at a share of the peer's own highest rate, rooms of 100",
        tuple(Row(f"{name}.part{part}", f"{name} at {part} %", "ms") for part in PARTS for name in QUANTILES),
    ),
    Group(
        "One message to an idle room of 1,000",
        (
            Row("last.p50", "to the last receiver, median", "ms"),
            Row("last.p99", "to the last receiver, p99", "ms"),
        ),
    ),
    Group(
        "Connections",
        (
            Row("connects", "connects per second", "/s", more=True),
            Row("connect.cpu", "web CPU per connect", "µs"),
            Row("idle", "web memory per idle connection", "KiB"),
        ),
    ),
    Group(
        "999 of 1,000 clients lose their connection at once, 10 messages meanwhile",
        (
            Row("storm.seconds", "until all are live again", "s"),
            Row("storm.missing", "messages missed for good", ""),
        ),
    ),
    Group(
        f"Long polling, one worker, 100 clients, {POLLED:,} deliveries/s",
        (Row("poll.web", "web CPU per delivery", "µs"), Row("poll.p99", "p99", "ms")),
    ),
    Group(
        "One of 501 clients stops reading at 100,000 deliveries/s",
        (
            Row("stalled.p99", "p99 of the others, times that without", "×"),
            Row("stalled.memory", "web memory it held at most", "MiB"),
            Row("stalled.missing", "messages it lacks after it is back", ""),
        ),
    ),
    Group(
        "A worker with 500 clients, none in the room; deliveries on the other",
        tuple(Row(f"bystander.{rate}", f"its CPU at {rate:,}/s, of a core", "%") for rate in (0, *OFFERED)),
    ),
)
