"""The visit: what is looked at, and what it takes to look. Checks read it and share nothing else."""

import ssl
from dataclasses import dataclass

import httpx
from relay import route_of

from doctor.address import Address, requests
from doctor.engine import Container, Stack

PORT = 8000
"""Of a worker, on its own networks."""


@dataclass(frozen=True)
class Visit:
    address: Address
    context: ssl.SSLContext
    stack: Stack | None  # None: the containers behind the address can't be seen from here
    why_no_stack: str = ""
    code: str = ""  # what everybody has to know before they may come in; empty if none may be told

    def http(self) -> httpx.AsyncClient:
        return requests(self.address, self.context)

    @property
    def workers(self) -> list[Container]:
        """The workers that run, as far as they can be seen from here."""
        return [each for each in self.stack.of("web") if each.running] if self.stack else []

    def worker_named(self, route: str) -> str:
        """What to call the worker whose session ids begin with this route."""
        for worker in self.workers:
            for address in worker.addresses:
                if route_of((address, PORT)) == route:
                    return worker.name
        return f"worker {route[:6]}"
