"""The visit: what is looked at, and what it takes to look. Checks read it and share nothing else."""

import ssl
from dataclasses import dataclass

import httpx
from relay import route_of

from doctor.address import Address, requests
from doctor.engine import Container, Stack
from doctor.swarm import Swarm

PORT = 8000
"""Of a worker, on its own networks."""


@dataclass(frozen=True)
class Visit:
    address: Address
    context: ssl.SSLContext
    stack: Stack | None  # None: the containers behind the address can't be seen from here
    why_no_stack: str = ""
    code: str = ""  # what everybody has to know before they may come in; empty if none may be told
    swarm: Swarm | None = None  # which the stack is on

    def http(self) -> httpx.AsyncClient:
        return requests(self.address, self.context)

    @property
    def workers(self) -> list[Container]:
        """The workers that run, as far as they can be seen from here."""
        return [each for each in self.stack.of("web") if each.running] if self.stack else []

    @property
    def worker_count(self) -> int:
        """How many workers run, on all hosts; 0 if that can't be seen."""
        return self.swarm.running("web") if self.swarm else len(self.workers)

    def worker_named(self, route: str) -> str:
        """What to call the worker whose session ids begin with this route."""
        for worker in self.workers:
            for address in worker.addresses:
                if route_of((address, PORT)) == route:
                    return worker.name
        return f"worker {route[:6]}"
