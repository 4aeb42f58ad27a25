"""All cases of both suites."""

from collections.abc import Awaitable, Callable

from tests.conformance import engine_cases, socket_cases
from tests.conformance.servers import Served

Case = Callable[[Served], Awaitable[None]]

SUITES: dict[str, tuple[Case, ...]] = {
    "Engine.IO 4": engine_cases.CASES,
    "Socket.IO 5": socket_cases.CASES,
}
CASES = [case for cases in SUITES.values() for case in cases]
