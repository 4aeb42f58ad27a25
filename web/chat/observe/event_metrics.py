"""Event metrics: how each event was answered, and how long that took."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter
from typing import Any

from relay import Histogram
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

Handler = Callable[..., Awaitable[Any]]


class EventMetrics:
    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """How often an event had an outcome: `ok`, a refusal's error code, or `failed` by a fault of ours."""
        self.seconds: defaultdict[str, Histogram] = defaultdict(Histogram)
        """Seconds that an event's handler took, waits for Redis included."""

        self.useless = 0
        """Packets that nobody handles; see RelayServer.on_useless."""

    def counted(self, event: str, handler: Handler) -> Handler:
        """Return the handler of an event, counted; it answers `{ok, error?, …}`, or nothing, or raises
        ConnectionRefused."""

        @wraps(handler)
        async def count(*arguments: Any) -> Any:
            began, outcome = perf_counter(), "failed"
            try:
                answer = await handler(*arguments)
                outcome = "ok" if answer is None or answer["ok"] else answer["error"]
                return answer
            except ConnectionRefused as refusal:
                outcome = refusal.error_args["data"]["error"]
                raise
            finally:
                self.outcomes[event, outcome] += 1
                self.seconds[event].observe(perf_counter() - began)

        return count
