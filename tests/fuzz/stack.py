"""The stack under fuzz, and what is seen of it from inside: handlers that ran, memory, CPU, log, restarts."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.bench.meter import Meter, Usage
from tests.fuzz.connections import Door
from tests.support.stack import Stack
from tests.support.waiting import eventually

HERE = Path(__file__).parent
FILES = ("-f", str(HERE.parents[1] / "docker-compose.yml"), "-f", str(HERE / "compose.yml"))


@dataclass(frozen=True)
class Sight:
    """`handled`: calls by event, "forged" for those that nobody may cause; `starts`: of each container."""

    handled: Counter[str]
    usage: Usage
    log_bytes: dict[str, int]
    tracebacks: list[str]
    starts: dict[str, str]


class FuzzStack(Stack):
    """Reached at nginx's own address, past Docker's proxy for published ports."""

    def __init__(self, project: str = "tertulia-fuzz", listen: str = "127.0.0.1:18085") -> None:
        super().__init__(project, listen)

    def compose(self, *arguments: str, **settings: str) -> str:
        counting = (HERE / "counting.py").read_text()
        return super().compose(*FILES, *arguments, **{"COUNTING": counting, **settings})

    @property
    def door(self) -> Door:
        nginx = self.container("nginx")
        address = self.address(nginx, "front")
        assert address, f"nginx has no address: {nginx.attrs['State']} {self.logs.recent(since=0, each=10)}"
        return Door(address, 8080)

    def see(self) -> Sight:
        lines = self.logs.lines
        return Sight(
            self.handled(),
            Meter(self).read(),
            {name: sum(len(line.text) + 1 for line in self.logs.of(name)) for name in ("web", "nginx")},
            [line.text for line in lines if line.service == "web" and "Traceback" in line.text],
            {str(each.name): each.attrs["State"]["StartedAt"] for each in self.containers()},
        )

    def handled(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for worker in self.containers("web"):
            counts.update(json.loads(worker.exec_run(["/usr/bin/cat", "/tmp/handled"]).output))
        return counts

    def wait_until_empty(self, within: float, what: str = "sessions") -> None:
        """Return once no session is left, or none that is in no namespace ("pending")."""
        eventually(lambda: self.handled()[what] == 0, within=within, what=f"no {what} are left")
