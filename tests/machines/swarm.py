"""The stack on the hosts: joined in a Swarm and deployed by the commands of docs/many-machines.md."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from hashlib import md5
from typing import Protocol

import httpx

from tests.machines import page
from tests.machines.hosts import Host, Lab
from tests.machines.page import block
from tests.support.stack import HIGH_LIMITS, REPOSITORY
from tests.support.waiting import PATIENCE, eventually

STACK = "tertulia"
WORKERS = 6
ENDED = {"completed", "paused", "rollback_completed", "rollback_paused"}
"""Of an update's states, those in which Swarm does no more."""
FORGOTTEN = 60.0
"""Seconds after which a worker that gets no session of an nginx is one that its DNS has forgotten."""
WANTED = "desired-state=running"
"""Of tasks: without those that are told to end, and take no new sessions."""
POLLING = "/sio/socket.io/?EIO=4&transport=polling"
COPIED = (
    "stack.yml",
    "stack.cluster.yml",
    "setup/restore-volume.sh",
    "setup/import-volume.sh",
)
"""What the host from which all is deployed has of this repository."""


class Data(Protocol):
    """Where the rooms are kept."""

    @property
    def prepared(self) -> Sequence[str]:
        """The blocks of the page that are run before the stack is deployed."""

    @property
    def settings(self) -> str:
        """The block of settings that it needs besides, if it needs any."""

    @property
    def deployed(self) -> str:
        """The block that deploys."""

    @property
    def services(self) -> Mapping[str, str]:
        """How many tasks of each of its services run."""

    def create(self, swarm: Swarm) -> None:
        """Do what is left when it is deployed."""

    def wait_until_whole(self, swarm: Swarm) -> None:
        """Return once all that it is made of is there, and where it should be."""

    def restore(self, swarm: Swarm) -> None:
        """Back up, and restore that."""

    def rooms(self, swarm: Swarm, rooms: Sequence[str]) -> dict[str, list[str]]:
        """Return the rooms of each shard, by its primary's host and port."""


class Swarm:
    """All is deployed from the first host."""

    def __init__(self, lab: Lab, data: Data) -> None:
        self.hosts: Sequence[Host] = lab.hosts
        self.data = data
        self.forgot = 0
        """How often the engines' DNS named some workers no more, and all were replaced."""

    @property
    def first(self) -> Host:
        return self.hosts[0]

    @property
    def there(self) -> Host:
        """A host that is not lost."""
        return next(host for host in self.hosts if not host.lost)

    @property
    def urls(self) -> list[str]:
        return [host.url for host in self.hosts]

    def docker(self, *arguments: str) -> str:
        """Run `docker` on a host that is there; each is a manager."""
        return self.there.docker(*arguments)

    def join(self) -> None:
        first, *others = self.hosts
        said = first.sh(block(page.JOIN))
        # The first command prints one too, for a worker.
        join = [line.strip() for line in said.splitlines() if line.strip().startswith("docker swarm join ")][
            -1
        ]
        for host in others:
            host.sh(join.replace(" join ", f" join --advertise-addr {host.address} "))

    def deploy(self, registry: str, tag: str) -> None:
        """Deploy a chat without an access code. Returns once all of it runs."""
        set_up = block(page.SETTINGS).replace("chat.example.org", "*").splitlines()
        set_up += block(self.data.settings).splitlines() if self.data.settings else []
        ours = {"REGISTRY": registry, "TAG": tag, "WEB_REPLICAS": str(WORKERS), "WEB_PER_HOST": "5"}
        set_up += [f"{name}='{value}'" for name, value in (HIGH_LIMITS | ours).items()]
        written = {".env": "\n".join([*set_up, ""]), "open.yml": block(page.OPEN)}
        self.first.has(written | {name: (REPOSITORY / name).read_text() for name in COPIED})
        self.first.sh(block(page.SECRETS))
        for part in self.data.prepared:
            self.first.sh(block(part))
        self.bring_up()
        self.data.create(self)
        self.wait_until_whole(within=300)
        self.first.sh(block(page.HEALTH))

    def bring_up(self) -> None:
        """Deploy what the files and the settings say now."""
        deploy = block(self.data.deployed)
        said = self.first.sh(
            deploy.replace(" --with-registry-auth", " --compose-file open.yml --with-registry-auth")
        )
        if "gnoring" in said:
            raise RuntimeError(f"Swarm does not take all of stack.yml: {said}")

    def run(self, *parts: str) -> str:
        """Run blocks of the page on the first host, in one shell that has the settings."""
        return self.first.sh("\n".join(["set -a; . ./.env; set +a", *map(block, parts)]))

    def scale(self, workers: int) -> None:
        """Return once so many workers run."""
        self.docker("service", "scale", "--detach", f"{STACK}_web={workers}")
        self.wait_until_whole(workers)

    def roll_out(self) -> None:
        """Begin to replace each worker."""
        self.docker("service", "update", "--force", "--detach", f"{STACK}_web")
        eventually(lambda: self._update() == "updating", what="the rollout has begun")

    def wait_until_rolled_out(self) -> None:
        """Raises if Swarm gave up."""
        eventually(lambda: self._update() in ENDED, within=600, what="the rollout is over")
        if self._update() != "completed":
            raise RuntimeError(f"the rollout is {self._update()}: {self.tasks()}")

    def wait_until_whole(self, workers: int = WORKERS, within: float = 120) -> None:
        """Return once all hosts are there, all that should run is healthy and reached, its data whole."""
        self.wait_for_services(workers, within)
        self.data.wait_until_whole(self)
        self._wait_until_reached()

    def wait_for_services(self, workers: int = WORKERS, within: float = 120) -> None:
        """Return once all hosts are there and all that should run is healthy."""
        wanted = {
            "nginx": f"{len(self.hosts)}/{len(self.hosts)}",
            "web": f"{workers}/{workers}",
            **self.data.services,
        }
        expected = {f"{STACK}_{name}": count for name, count in wanted.items()}
        try:
            eventually(
                lambda: self._nodes_are_ready() and self._replicas() == expected,
                within=within,
                what="all is whole",
            )
        except AssertionError as error:
            error.add_note(f"{self._replicas()}\n{self.tasks()}")
            raise

    def _wait_until_reached(self) -> None:
        """Return once each nginx reaches each worker. Where the engines' DNS names some no more, all are
        replaced, as the page says."""
        try:
            self._wait_until_all_are_reached()
        except AssertionError as problem:
            self.forgot += 1
            print(f"{problem}\n{self.tasks()}", flush=True)
            self.roll_out()
            self.wait_until_rolled_out()
            self._wait_until_all_are_reached()

    def _wait_until_all_are_reached(self) -> None:
        def reached() -> bool:
            if wrong := self._wrongly_reached():
                raise LookupError(wrong)
            return True

        eventually(reached, within=FORGOTTEN, what="each nginx reaches each worker")

    def _wrongly_reached(self) -> str:
        """What new sessions find where they should find all workers; empty if they do so at each host."""
        running = self.docker(
            "service", "ps", "--no-trunc", "--quiet", "--filter", WANTED, f"{STACK}_web"
        ).split()
        workers = {route: host for host in self.hosts for route in self.routes_on(host, running)}
        wrong = []
        for host in self.hosts:
            routes = self._reached(host.url, 3 * len(workers))
            missing = sorted(workers[route].name for route in workers.keys() - routes)
            if routes != workers.keys():
                wrong.append(
                    f"{host.name} reaches none at {missing}, and {len(routes - workers.keys())} others"
                )
        return "; ".join(wrong)

    def _reached(self, url: str, sessions: int) -> set[str]:
        """The routes of those who get so many new sessions, which are closed again."""
        routes = set[str]()
        with httpx.Client(base_url=url, timeout=PATIENCE) as http:
            for _ in range(sessions):
                sid = json.loads(http.get(POLLING).text[1:])["sid"]
                http.post(f"{POLLING}&sid={sid}", content="1")
                routes.add(sid[:32])
        return routes

    def tasks(self) -> str:
        """What runs where, and why something does not, for a person to read."""
        form = "{{.Name}} {{.Node}} {{.CurrentState}} {{.Error}}"
        return self.docker("stack", "ps", "--no-trunc", "--format", form, STACK)

    def routes_on(self, host: Host, tasks: Container[str] | None = None) -> set[str]:
        """Of the workers that run there; with `tasks`, of those alone that have one of these ids."""
        label = f"label=com.docker.swarm.service.name={STACK}_web"
        address = f'(index .NetworkSettings.Networks "{STACK}_front").IPAddress'
        form = f'{{{{index .Config.Labels "com.docker.swarm.task.id"}}}} {{{{{address}}}}}'
        found = [
            host.docker("inspect", "--format", form, id).partition(" ")
            for id in host.docker("ps", "-q", "--filter", label).split()
        ]
        return {
            md5(f"{address}:8000".encode()).hexdigest()
            for task, _, address in found
            if tasks is None or task in tasks
        }

    def _update(self) -> str:
        return self.docker("service", "inspect", "--format", "{{.UpdateStatus.State}}", f"{STACK}_web")

    def _nodes_are_ready(self) -> bool:
        states = self.docker("node", "ls", "--format", "{{.Status}}").split()
        return states == ["Ready"] * len(self.hosts)

    def _replicas(self) -> dict[str, str]:
        lines = self.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}
