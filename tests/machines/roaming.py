"""A client that knows the address of every host, as a browser does of a name that has several addresses."""

import random
from collections.abc import Sequence

from tests.faults.client import Client


class Roaming(Client):
    """Stays with a host while it answers. It goes to any other one when nothing came from there any more, or
    when it could not connect. Since it knows others, it gives up sooner than a client of one address."""

    opens_within = 3.0

    urls: Sequence[str] = ()
    at = ""
    """The address that it uses; where it begins has to be set before `start`, with `urls`."""

    def _address(self, failures: int) -> str:
        if failures or (self.connection and self.connection.was_silent):
            self.at = random.choice([url for url in self.urls if url != self.at])
        return self.at
