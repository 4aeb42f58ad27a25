"""Prints which cases stock python-socketio and relay pass."""

import asyncio
import logging

from tests.conformance.cases import SUITES, Case
from tests.conformance.servers import SERVERS, served


async def main() -> None:
    logging.disable()  # stock writes a traceback for each packet that breaks the format
    for name, cases in SUITES.items():
        print(f"\n{name:60} {'stock':>6} {'relay':>6}")
        passed = dict.fromkeys(SERVERS, 0)
        for case in cases:
            results = {kind: await passes(kind, case) for kind in SERVERS}
            row = " ".join(f"{'pass' if result else 'FAIL':>6}" for result in results.values())
            print(f"{case.__name__.replace('_', ' '):60} {row}")
            passed = {kind: passed[kind] + result for kind, result in results.items()}
        print(f"{f'of {len(cases)}':>60} {' '.join(f'{count:>6}' for count in passed.values())}")


async def passes(kind: str, case: Case) -> bool:
    """Whether a case holds on a server of its own."""
    make, http_protocol = SERVERS[kind]
    async with served(make(), http_protocol) as server:
        try:
            await case(server)
        except Exception:
            return False
        return True


asyncio.run(main())
