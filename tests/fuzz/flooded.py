"""The stack that is flooded: as it is by default, behind a trusted proxy (us), so that people and whoever
floods have addresses of their own; and what is seen of it from outside while it is flooded."""

import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import docker.errors
import httpx
from docker.models.containers import Container

from tests.fuzz.connections import Door
from tests.support.authority import Authority
from tests.support.metrics import of_workers
from tests.support.stack import Stack
from tests.support.waiting import eventually

ADMIN_CODE = "a code that nobody guesses"
EVERY = 0.5
"""Seconds between two readings."""
KILLED = "exited on signal 9"
"""What nginx says of a process of its own that the kernel ended."""


@dataclass(frozen=True)
class Reading:
    """Bytes, as the kernel counts them against a container's limit; of the workers, the largest one."""

    web: int = 0
    nginx: int = 0
    redis: int = 0

    def most(self, other: "Reading") -> "Reading":
        return Reading(max(self.web, other.web), max(self.nginx, other.nginx), max(self.redis, other.redis))


class FloodedStack(Stack):
    def __init__(self, settings: Mapping[str, str], authority: Authority | None = None) -> None:
        """`settings`: others than the defaults."""
        super().__init__("tertulia-flooded", "127.0.0.1:18086")
        self._others = dict(settings)
        if authority:
            self._authority = authority
            self.url = f"https://{self.listen}"

    @property
    def settings(self) -> dict[str, str]:
        """The defaults, which other stacks of the tests raise."""
        ours = {
            "LISTEN": self.listen,
            "CERTS": "certs",
            "TRUSTED_PROXIES": "host",
            "ALLOWED_HOSTS": "*",
            "ADMIN_CODE": ADMIN_CODE,
        }
        return ours | self._others

    @property
    def door(self) -> Door:
        """nginx' own address, past Docker's proxy for published ports."""
        name = "chat.test" if self._authority else None
        return Door(self.address(self.container("nginx"), "front"), 8080, name)

    def redis(self, *command: str) -> str:
        """What Redis answers to its administrator."""
        return str(
            self.container("redis").exec_run(["/opt/redis/admin.sh", *command]).output.decode()
        ).strip()

    def redis_bytes(self) -> int:
        """What Redis' data take."""
        return int(self.redis("INFO", "memory").split("used_memory:")[1].split()[0])

    def kept_keys(self) -> int:
        return int(self.redis("DBSIZE"))

    def deaths(self) -> int:
        """How often a container, or a process of nginx, was ended since the containers were made."""
        of_nginx = sum(KILLED in line.text for line in self.logs.of("nginx"))
        return sum(int(each.attrs["RestartCount"]) for each in self.containers()) + of_nginx

    def open_sessions(self) -> int:
        return int(
            of_workers(self, "tertulia_sessions", "polling")
            + of_workers(self, "tertulia_sessions", "websocket")
        )

    def unread(self) -> int:
        return int(of_workers(self, "tertulia_unsent_bytes"))

    def open_connections(self) -> int:
        """nginx' own, WebSockets twice."""
        address = self.address(self.container("nginx"), "front")
        said = httpx.get(f"http://{address}:9113/metrics", timeout=5).text
        return int(said.split("\nnginx_connections ")[1].split()[0])

    def accepted_connections(self) -> int:
        """How many nginx takes at a time, WebSockets twice."""
        nginx = self.container("nginx")
        configured = nginx.exec_run(["/usr/sbin/nginx", "-T", "-q"]).output.decode()
        each = re.search(r"worker_connections (\d+);", configured)
        assert each, f"nginx -T says no worker_connections: {configured[-1000:]}"
        processes = nginx.top()["Processes"]
        return int(each[1]) * sum("worker process" in " ".join(process) for process in processes)

    def wait_until_healthy(self, within: float) -> None:
        def healthy() -> bool:
            states = [each.attrs["State"] for each in self.containers()]
            return all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

        eventually(healthy, within=within, what="every container runs and is healthy")

    def limit(self, service: str) -> int:
        """Bytes that a container of it may take."""
        return int(self.containers(service)[0].attrs["HostConfig"]["Memory"])

    def read(self) -> Reading:
        web = max(_used(each) for each in self.containers("web"))
        return Reading(web, _used(self.container("nginx")), self.redis_bytes())


class Watch:
    """Reads a stack again and again in a thread of its own; `peak` is the most of each."""

    def __init__(self, stack: FloodedStack) -> None:
        self.peak = Reading()
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            # A container that was just ended has nothing to tell.
            with suppress(docker.errors.APIError, KeyError, IndexError, ValueError):
                self.peak = self.peak.most(self._stack.read())


def _used(container: Container) -> int:
    memory = container.stats(stream=False, one_shot=True)["memory_stats"]
    # cgroup v2 says `inactive_file`, v1 `total_inactive_file`: pages of files, which the kernel takes back.
    stats = memory["stats"]
    return int(memory["usage"]) - int(stats.get("inactive_file", stats.get("total_inactive_file", 0)))
