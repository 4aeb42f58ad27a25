"""A client that knows the address of every host, as a browser does of a name that has several addresses."""

import random
from collections.abc import Sequence

from tests.faults.client import Client


class Roaming(Client):
    """Stays with a host while it answers, and goes to any other one when it could not connect there."""

    urls: Sequence[str] = ()
    at = ""
    """The address that it uses; where it begins has to be set before `start`, with `urls`."""

    def _address(self, failures: int) -> str:
        if failures:
            self.at = random.choice([url for url in self.urls if url != self.at])
        return self.at
