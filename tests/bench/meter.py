"""The meter: what CPU and memory each service has used, read from its containers' cgroups by the engine."""

from collections import defaultdict
from dataclasses import dataclass

from docker.models.containers import Container

from tests.support.stack import Stack

SERVICES = ("web", "nginx", "redis")


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU since the start and bytes of anonymous memory, by service; CPU of each web container."""

    cpu: dict[str, float]
    memory: dict[str, int]
    workers: dict[str, float]

    def cpu_since(self, before: "Usage") -> dict[str, float]:
        return {service: self.cpu[service] - before.cpu[service] for service in SERVICES}

    def idlest_since(self, before: "Usage") -> float:
        """What the worker took that took least."""
        return min(seconds - before.workers[name] for name, seconds in self.workers.items())


class Meter:
    """Reads the containers that a site has now; make another when they change."""

    def __init__(self, site: Stack) -> None:
        self._containers = [(service, each) for service in SERVICES for each in site.containers(service)]

    def read(self) -> Usage:
        cpu: dict[str, float] = defaultdict(float)
        memory: dict[str, int] = defaultdict(int)
        workers: dict[str, float] = {}
        for service, container in self._containers:
            seconds, size = _usage(container)
            cpu[service] += seconds
            memory[service] += size
            if service == "web":
                workers[str(container.name)] = seconds
        return Usage(dict(cpu), dict(memory), workers)


def _usage(container: Container) -> tuple[float, int]:
    stats = container.stats(stream=False, one_shot=True)
    memory = stats["memory_stats"].get("stats", {})
    # cgroup v2 says `anon`, v1 says `total_rss`: pages of no file, so no cache and no libraries.
    return stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, memory.get(
        "anon", memory.get("total_rss", 0)
    )
