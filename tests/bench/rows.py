"""The rows: what is measured, in the order in which it is shown."""

from dataclasses import dataclass

LIMIT_MS = 200  # the p99 up to which a rate counts as held
OFFERED = (20_000, 100_000, 400_000)  # deliveries a second
ROOMS = (2, 10, 100, 1000)  # members
LATE = (20_000, 100_000)  # deliveries a second at which the latency is measured,
LATE_ROOMS = (10, 100, 1000)  # in rooms of so many members
RESTING = 10_000  # idle connections
JITTERING = 2000  # clients whose connections are cut
PARTS = (25, 50, 75)  # per cent of the highest rate that was held
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
POLLED = 5_000  # deliveries a second to clients that poll
PAGE = 100  # messages of a page of history
PAGES = {
    "plain": "without reactions",
    "later": "10 reactions each, later",
    "among": "10 reactions each, at once",
}


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
    Group(
        "CPU of a message at the rate that was held",
        tuple(
            Row(f"{service}.held.{size}", f"{service}, rooms of {size:,}", "µs")
            for size in ROOMS
            for service in ("web", "nginx", "redis")
        ),
    ),
    *(
        Group(
            f"{rate:,} deliveries/s offered, 1,000 clients",
            tuple(
                Row(f"{name}.{rate}.{size}", f"{name}, rooms of {size:,}", "ms")
                for size in LATE_ROOMS
                for name in ("p50", "p99")
            ),
        )
        for rate in LATE
    ),
    Group(
        "One client alone in its room, 100 messages/s",
        (
            Row("alone.p50", "until its own message is back, p50", "ms"),
            Row("alone.p99", "p99", "ms"),
            *(
                Row(f"alone.{service}", f"{service} CPU per message", "µs")
                for service in ("web", "nginx", "redis")
            ),
        ),
    ),
    Group(
        "A short message, and a reaction, in the same room of 10, 100/s",
        tuple(
            Row(f"{what}.{service}", f"{service} CPU per {what}", "µs")
            for service in ("web", "nginx", "redis")
            for what in ("message", "reaction")
        ),
    ),
    *(
        Group(
            f"{PAGE} messages of history, {title}",
            (
                Row(f"history.{kind}.web", "web CPU", "µs"),
                Row(f"history.{kind}.redis", "redis CPU", "µs"),
                Row(f"history.{kind}.p50", "until they are there, p50", "ms"),
                Row(f"history.{kind}.size", "bytes of the answers", "KiB"),
                Row(f"history.{kind}.answers", "answers", ""),
            ),
        )
        for kind, title in PAGES.items()
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
        f"{RESTING:,} idle connections on one worker",
        (
            Row("rest.web", "web memory for each", "KiB"),
            Row("rest.nginx", "nginx memory for each", "KiB"),
            Row("rest.both", "both", "KiB"),
            Row("rest.web.cpu", "web CPU at rest, of a core", "%"),
            Row("rest.nginx.cpu", "nginx CPU at rest, of a core", "%"),
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
        f"{JITTERING:,} clients in a room, each cut off every 15 s and away for 2 s; 120 messages in 60 s",
        (
            Row("jitter.delivered", "delivered", "%", more=True),
            Row("jitter.doubled", "delivered once more", ""),
            Row("jitter.p50", "from sent to delivered, p50", "ms"),
            Row("jitter.p99", "p99", "ms"),
            Row("replay.p50", "from back to what was missed, p50", "ms"),
            Row("replay.p99", "p99", "ms"),
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
