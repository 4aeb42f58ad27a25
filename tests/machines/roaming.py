"""A client that knows the address of every host, as a browser does of a name that has several addresses."""

from collections.abc import Sequence

from tests.faults.client import Client


class Roaming(Client):
    """Stays with a host while it answers, and goes to the next one when it could not connect there."""

    urls: Sequence[str] = ()
    """To be set before `start`; the first is where it begins."""
    _tried = 0

    @property
    def at(self) -> str:
        """The address that it used last."""
        return self.urls[self._tried % len(self.urls)]

    def _address(self, failures: int) -> str:
        self._tried += failures > 0
        return self.at
