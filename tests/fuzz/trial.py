"""A trial: what one flood is, and what came of it."""

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.verdict import Verdict
from tests.fuzz.connections import Door
from tests.fuzz.flooded import FloodedStack, Reading
from tests.fuzz.report import Report
from tests.fuzz.witnesses import Witness

Send = Callable[[Door, float], Coroutine[Any, Any, Counter[str]]]
Judge = Callable[["Trial", Report], None]
"""Is given what came of it, and where to say what of that may not be."""


@dataclass(frozen=True)
class Flood:
    line: str
    what: str
    send: Send
    seconds: float = 20.0
    keeps: int = 0
    """Bytes that Redis may keep of it."""
    settings: Mapping[str, str] = field(default_factory=dict)
    tls: bool = False
    may_refuse: bool = False
    """Whether people's messages may be refused for good meanwhile, as long as they are told."""
    witness: Witness | None = None
    judge: Judge | None = None


@dataclass(frozen=True)
class Sight:
    """The stack from outside, when nothing of the flood is under way."""

    memory: Reading
    sessions: int
    connections: int
    keys: int

    @classmethod
    def of(cls, stack: FloodedStack) -> "Sight":
        return cls(stack.read(), stack.open_sessions(), stack.open_connections(), stack.kept_keys())


@dataclass(frozen=True)
class Trial:
    """What came of one; times in seconds, memory in bytes."""

    flood: Flood
    sent: Counter[str]
    deaths: int
    breaks: int
    verdict: Verdict
    calm: list[float]
    """How long acks took before it, and in `waits` meanwhile."""
    waits: list[float]
    limits: Reading
    accepted: int
    """Connections that nginx takes."""
    before: Sight
    peak: Reading
    after: Sight
    back: float
    """How long after it everything was as before; infinite if it was not in time."""

    @property
    def lost(self) -> int:
        """Messages of the fifty people that are not as they should be, each counted where it was missed."""
        faults = self.verdict.faults()
        return sum(faults.values()) - (faults["refused"] if self.flood.may_refuse else 0)
