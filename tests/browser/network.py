"""A network of the browsers' own, in which no interface comes or goes while they run.

Chromium drops its connections, and what it is loading, whenever an interface of its network does: on the
machine's own with each container that starts, and tests beside these start many. So the browsers' tests run
in a container with a network of its own (OWN_NETWORK=1, see the Makefile). There the stack is at the same
address of loopback as on the machine: socat passes connections on to nginx.
"""

import os
import socket
import subprocess
from contextlib import suppress

from docker.errors import APIError, NotFound

from tests.browser import provider
from tests.support.stack import Stack

NGINX = "nginx:8080"
"""By the names of Docker's DNS, so that another nginx is found as well."""


def stack_for_browsers() -> Stack:
    """Return a stack with a name and a port of its own: tests/stack has another beside it."""
    made = ReachedFromItsNetwork if os.environ.get("OWN_NETWORK") else Stack
    return made("tertulia-page", "127.0.0.1:18085")


class ReachedFromItsNetwork(Stack):
    """A stack on whose network this container is from its start to its end. People may come in by a provider
    in this container (provider.py)."""

    def __init__(self, project: str, listen: str) -> None:
        super().__init__(project, listen)
        address, port = listen.split(":")
        onward = f"TCP-LISTEN:{port},bind={address},fork,reuseaddr", f"TCP:{NGINX}"
        self._passing_on = subprocess.Popen(["socat", *onward], stderr=subprocess.DEVNULL)

    @property
    def settings(self) -> dict[str, str]:
        """Those of any stack, and a provider: who does not press its button asks nothing of it."""
        return super().settings | provider.settings(0)

    def wait_until_routed(self) -> None:
        with suppress(APIError):  # it is on the network already
            self.network("front").connect(socket.gethostname(), aliases=[provider.HOST])
        super().wait_until_routed()

    def down(self) -> None:
        self._passing_on.terminate()
        self._passing_on.wait()
        with suppress(NotFound, APIError):  # it did not come so far
            self.network("front").disconnect(socket.gethostname())
        super().down()
