"""The load generator: the program made of the C files here, commanded line by line."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

PROGRAM = "/usr/local/bin/tertulia-load"
MOST_CLIENTS = 10_000
TOO_BUSY = 0.7  # of a core: beyond, the generator's own delays may show in what it measures


@dataclass(frozen=True)
class Histogram:
    """Counts by microseconds, exact to 1.6 %, smallest first."""

    counts: tuple[tuple[int, int], ...]

    def at(self, quantile: float) -> float:
        """The latency in milliseconds that this share of all was at or below; NaN of nothing."""
        left = quantile * sum(count for _, count in self.counts)
        for microseconds, count in self.counts:
            left -= count
            if left <= 0:
                return microseconds / 1000
        return float("nan")


@dataclass(frozen=True)
class Run:
    """What became of one open-loop run's messages. A delivery is one message at one member of its room."""

    sent: int
    expected: int  # deliveries
    heard: int
    missing: int  # deliveries that never came, and the skipped
    skipped: int  # deliveries that a later one of the same sender overtook, or that never came before it
    repeated: int
    orders: int  # in how many different orders the members of each room heard its messages, summed over rooms
    rooms: int
    acked: int
    refused: int
    cut: int  # clients whose connection the server ended
    behind: bool  # given up: more than a second of the offered load had not arrived
    start: int  # microseconds on CLOCK_MONOTONIC at which the first message was due
    seconds: float  # the time in which they were sent
    drain: float  # and until all had arrived
    cpu: float  # seconds of the generator's own
    latency: Histogram  # from when a message was due to each delivery
    complete: Histogram  # to the last member of its room
    ack: Histogram

    @property
    def per_second(self) -> float:
        """Deliveries a second, of those that came while messages were sent or soon after."""
        return self.heard / (self.seconds + max(0.0, self.drain - 0.2))

    @property
    def whole(self) -> bool:
        """Every member of every room got every message once, and every sender its ack."""
        return not (self.behind or self.missing or self.repeated or self.refused or self.acked < self.sent)

    @property
    def kept_up(self) -> bool:
        """The same, and soon after the last was sent."""
        return self.whole and self.drain < 1

    @property
    def generator(self) -> float:
        """The share of a core that the generator itself took."""
        return self.cpu / (self.seconds + self.drain)

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> "Run":
        return cls(**_fields(cls, answer, "latency", "complete", "ack"))


@dataclass(frozen=True)
class Jitter:
    """What became of the messages while connections were cut and came back."""

    sent: int
    expected: int  # deliveries, if every client hears every message
    heard: int  # different ones
    repeated: int  # that a client had heard before
    acked: int
    refused: int
    cuts: int  # connections that were cut
    lost: int  # and others, that the server ended or refused
    seconds: float
    cpu: float  # seconds of the generator's own
    latency: Histogram  # from when a message was due to each delivery, also to those who were away
    replay: Histogram  # from when a client began to come back to each delivery of what was due before that

    @property
    def delivered(self) -> float:
        """Per cent of the deliveries."""
        return 100 * self.heard / self.expected

    @property
    def generator(self) -> float:
        """The share of a core that the generator itself took."""
        return self.cpu / self.seconds

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> "Jitter":
        return cls(**_fields(cls, answer, "latency", "replay"))


def _fields(of: type, answer: Mapping[str, Any], *histograms: str) -> dict[str, Any]:
    fields = {name: answer[name] for name in of.__annotations__}
    for name in histograms:
        fields[name] = Histogram(tuple((at, count) for at, count in fields[name]))
    return fields


class LoadError(Exception):
    """The generator could not do what it was told; the text is its answer."""


class Load:
    """Clients of one server, numbered from 0, in one process of their own."""

    def __init__(self, address: str, port: int = 8080) -> None:
        command = [PROGRAM, address, str(port), str(MOST_CLIENTS)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> "Load":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def connect(self, count: int, *, at_once: int = 64, transport: str = "websocket") -> dict[str, Any]:
        """Have clients 0 to `count` - 1 connected, `at_once` at a time. Raises LoadError if one isn't."""
        answer = self._tell(f"connect {count} {transport} {at_once}")
        if answer["connected"] < count:
            raise LoadError(f"{answer['connected']} of {count} clients are connected: {answer}")
        return answer

    def join(self, rooms: int, *, prefix: str = "bench", route: str = "-") -> dict[str, Any]:
        """Spread the clients over rooms in turn; who was in one before asks for what it missed."""
        return self._tell(f"join {prefix} {rooms} {route}")

    def run(self, *, rate: float, seconds: float, senders: int, size: int = 80) -> Run:
        """Send texts of `size` characters at `rate` messages a second, whatever comes back."""
        return Run.parse(self._tell(f"run {rate:.6f} {seconds} {size} {senders}"))

    def jitter(self, *, rate: float, seconds: float, every: float, away: float) -> Jitter:
        """Send `rate` messages a second to one room of all clients, from client 0. The connection of each
        other is cut every `every` seconds, one after the other, and comes back `away` seconds later."""
        return Jitter.parse(self._tell(f"jitter {rate:.6f} {seconds} {every} {away}"))

    def drop(self, first: int = 0, count: int = MOST_CLIENTS) -> dict[str, Any]:
        return self._tell(f"drop {first} {count}")

    def stall(self, first: int, count: int) -> dict[str, Any]:
        return self._tell(f"stall {first} {count}")

    def resume(self, first: int, count: int) -> dict[str, Any]:
        return self._tell(f"resume {first} {count}")

    def _tell(self, command: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the generator has ended"}
        if "error" in answer:
            raise LoadError(f"{command}: {answer['error']}")
        return answer
