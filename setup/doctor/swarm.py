"""The stack on a Swarm, as one of its managers knows it: hosts, services, and their tasks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from doctor.engine import Container, EngineSilent, Stack, docker

LABEL = "com.docker.stack.namespace"
SERVICE = "com.docker.swarm.service.name"


@dataclass(frozen=True)
class Host:
    """`state`: ready or down. `availability`: active, pause or drain. `reachable`: whether a manager can be
    reached by the others; True for a host that is none. `engine`: the version of Docker."""

    id: str
    name: str
    address: str
    labels: Mapping[str, str]
    manager: bool
    reachable: bool
    state: str
    availability: str
    engine: str

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Host":
        manager = found.get("ManagerStatus") or {}
        return cls(
            found["ID"],
            found["Description"]["Hostname"],
            found["Status"].get("Addr", ""),
            found["Spec"].get("Labels") or {},
            bool(manager),
            manager.get("Reachability", "reachable") == "reachable",
            found["Status"]["State"],
            found["Spec"]["Availability"],
            found["Description"]["Engine"]["EngineVersion"],
        )

    @property
    def takes_tasks(self) -> bool:
        return self.state == "ready" and self.availability == "active"


@dataclass(frozen=True)
class Task:
    """One that should run. `error`: why it does not, if the engine says."""

    service: str  # its id
    host: str  # the id of its host; empty if none can have it
    state: str
    error: str
    image: str

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Task":
        return cls(
            found["ServiceID"],
            found.get("NodeID", ""),
            found["Status"]["State"],
            found["Status"].get("Err", ""),
            found["Spec"]["ContainerSpec"]["Image"],
        )


@dataclass(frozen=True)
class Service:
    """`spec`: as `docker service inspect` has it. `update`: how its last update came out; empty if none."""

    id: str
    name: str
    spec: Mapping[str, Any]
    update: str
    update_said: str

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Service":
        update = found.get("UpdateStatus") or {}
        spec = found["Spec"]
        name = spec["Name"].removeprefix(f"{spec['Labels'][LABEL]}_")
        return cls(found["ID"], name, spec, update.get("State", ""), update.get("Message", ""))

    @property
    def wanted(self) -> int | None:
        """How many tasks there should be; None for one on each host."""
        mode = self.spec["Mode"].get("Replicated")
        return int(mode["Replicas"]) if mode else None

    @property
    def container(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.spec["TaskTemplate"]["ContainerSpec"]
        return found

    @property
    def labels(self) -> dict[str, str]:
        """The labels that a host has to have to run it."""
        found = {}
        for constraint in (self.spec["TaskTemplate"].get("Placement") or {}).get("Constraints") or ():
            name, equal, value = (part.strip() for part in constraint.partition("=="))
            if equal and name.startswith("node.labels."):
                found[name.removeprefix("node.labels.")] = value
        return found

    def may_run_on(self, host: Host) -> bool:
        """Whether a host has the labels."""
        return all(host.labels.get(name) == value for name, value in self.labels.items())

    @property
    def as_compose_has_it(self) -> dict[str, Any]:
        """Its environment, replicas and ports, as in `docker compose config`."""
        environment = dict(each.partition("=")[::2] for each in self.container.get("Env") or ())
        ports = (self.spec.get("EndpointSpec") or {}).get("Ports") or ()
        return {
            "environment": environment,
            "deploy": {"replicas": self.wanted},
            "ports": [{"published": each["PublishedPort"]} for each in ports if each.get("PublishedPort")],
        }


@dataclass(frozen=True)
class Swarm:
    hosts: Sequence[Host]
    services: Sequence[Service]
    tasks: Sequence[Task]
    """Those that should run."""

    def tasks_of(self, service: Service) -> list[Task]:
        return [each for each in self.tasks if each.service == service.id]

    def running(self, name: str) -> int:
        """How many tasks of a service run."""
        return sum(
            each.state == "running"
            for service in self.services
            if service.name == name
            for each in self.tasks_of(service)
        )


async def find(name: str) -> tuple[Swarm, Stack] | None:
    """Return the stack of this name, and its containers on this host; None if this engine manages none.
    Raises EngineSilent."""
    state = json.loads(await docker("info", "--format", "{{json .Swarm}}"))
    if not state.get("ControlAvailable"):
        if state.get("LocalNodeState") == "active":
            raise EngineSilent("this host is in a Swarm and no manager of it; run the doctor on one that is")
        return None
    ids = (await docker("service", "ls", "--quiet", "--filter", f"label={LABEL}={name}")).split()
    if not ids:
        return None
    services = [Service.of(each) for each in json.loads(await docker("service", "inspect", *ids))]
    host_ids = (await docker("node", "ls", "--quiet")).split()
    hosts = [Host.of(each) for each in json.loads(await docker("node", "inspect", *host_ids))]
    wanted = ("--filter", "desired-state=running")
    task_ids = (await docker("service", "ps", "--quiet", "--no-trunc", *wanted, *ids)).split()
    found = json.loads(await docker("inspect", "--type", "task", *task_ids)) if task_ids else []
    swarm = Swarm(hosts, services, [Task.of(each) for each in found])
    return swarm, await _here(name, services)


async def _here(name: str, services: Sequence[Service]) -> Stack:
    """The stack as far as this host has it."""
    ids = (await docker("ps", "--quiet", "--no-trunc", "--filter", f"label={LABEL}={name}")).split()
    found = json.loads(await docker("inspect", *ids)) if ids else []
    containers = [Container.of(each, SERVICE, f"{name}_") for each in found]
    ours = {each.name: each.as_compose_has_it for each in services}
    return Stack(name, ours, tuple(sorted(containers, key=lambda each: each.name)), on_a_swarm=True)
