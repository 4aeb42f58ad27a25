"""A client that knows the address of every host, as a browser does of a name that has several addresses."""

import random
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.faults.client import Client
from tests.faults.wire import Connection


class Step(NamedTuple):
    """Something that a client did, at `address`. `at`: on time.monotonic()'s clock."""

    at: float
    address: str
    what: str


class Roaming(Client):
    """Stays with a host while it answers. It goes to any other one when nothing came from there any more, or
    when it could not connect. Since it knows others, it gives up sooner than a client of one address."""

    opens_within = 3.0

    urls: Sequence[str] = ()
    at = ""
    """The address that it uses; where it begins has to be set before `start`, with `urls`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.steps: deque[Step] = deque(maxlen=40)
        """The last of them, in order."""

    def _address(self, failures: int) -> str:
        if failures or (self.connection and self.connection.was_silent):
            self.at = random.choice([url for url in self.urls if url != self.at])
        self._did("tried")
        return self.at

    async def _attend_all(self, connection: Connection) -> None:
        self._did("connected")
        try:
            await super()._attend_all(connection)
        finally:
            self._did(f"lost ({connection.why})")

    def _did(self, what: str) -> None:
        self.steps.append(Step(time.monotonic(), self.at, what))
