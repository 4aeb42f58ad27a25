"""Every line that a compose project's containers wrote, kept beyond the containers' own lives."""

import threading
from collections import deque
from dataclasses import dataclass

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container


@dataclass(frozen=True)
class Line:
    container: str
    service: str
    text: str


class Logs:
    """Follows each container of a project from its start to its end, those to come included.

    Compose forgets a container's log with the container, and it is while a worker is being removed that it
    has the most to say.
    """

    def __init__(self, docker: DockerClient, project: str) -> None:
        self.lines: list[Line] = []
        self._docker = docker
        self._events = docker.events(
            filters={"label": f"com.docker.compose.project={project}", "type": "container", "event": "start"},
            decode=True,
        )
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def close(self) -> None:
        self._events.close()

    def of(self, service: str, since: int = 0) -> list[Line]:
        """A service's lines, from the `since`-th of all lines on."""
        return [line for line in self.lines[since:] if line.service == service]

    def recent(self, since: int, each: int) -> str:
        """The last `each` lines of each container, of those from the `since`-th of all lines on."""
        tails: dict[str, deque[str]] = {}
        for line in self.lines[since:]:
            tails.setdefault(line.container, deque(maxlen=each)).append(line.text)
        return "\n".join(
            f"── {name}\n" + "\n".join(text[:500] for text in tail) for name, tail in sorted(tails.items())
        )

    def _watch(self) -> None:
        for event in self._events:
            started = event["time"]
            try:
                container = self._docker.containers.get(event["Actor"]["ID"])
            except NotFound:
                continue
            threading.Thread(target=self._follow, args=(container, started), daemon=True).start()

    def _follow(self, container: Container, started: int) -> None:
        name = str(container.name)
        service = container.labels["com.docker.compose.service"]
        try:
            stream = container.logs(stream=True, follow=True, since=started)
            rest = b""
            for chunk in stream:
                *whole, rest = (rest + chunk).split(b"\n")
                self.lines += [Line(name, service, text.decode(errors="replace")) for text in whole]
        except (APIError, NotFound):
            return
