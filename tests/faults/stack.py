"""The stack under fault: what it takes, beyond what all tests of it share, to break it the hard way."""

from typing import Any

from docker.models.containers import Container

from tests.support.stack import Stack
from tests.support.waiting import eventually

SETTINGS: dict[str, str] = {}


class FaultStack(Stack):
    """A stack under a name and port of its own, so that it can run beside the others."""

    def __init__(self, project: str = "tertulia-faults", listen: str = "127.0.0.1:18082") -> None:
        super().__init__(project, listen)

    def kill(self, container: Container) -> None:
        """`kill -9` of the container's first process, as a crash or the kernel's OOM killer would.

        Not `docker kill`: Docker takes that for a wish, and does not start the container again. Nor from
        inside: the kernel protects the first process of a PID namespace from its own.
        """
        container.reload()
        process = str(container.attrs["State"]["Pid"])
        self.beside(container, f"kill -9 {process}", pid_mode="host")

    def beside(self, container: Container, command: str, **options: Any) -> None:
        """Run a shell command as root in a passing container of the same image."""
        image = container.attrs["Image"]
        shell = ["/bin/sh", "-c", command]
        self.docker.containers.run(
            image, entrypoint=shell, user="0:0", remove=True, network_mode="none", **options
        )

    def volume(self, name: str) -> str:
        return f"{self.project}_{name}"

    def wait_until_whole(self, within: float = 60) -> None:
        """Return once every container runs and is healthy."""

        def whole() -> bool:
            states = [container.attrs["State"] for container in self.containers()]
            return all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

        eventually(whole, within=within, what="every container runs and is healthy")
