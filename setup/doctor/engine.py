"""The Docker engine, asked through its own client, so that contexts and remote engines work as they do for
`make up`. Each call has a bounded wait; only reading commands are run."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


class EngineSilent(Exception):
    """Docker, or a command in a container, gave no answer that can be used; the text says why."""


class EngineSlow(EngineSilent):
    """It gave no answer in time, which says nothing of what was asked about."""


@dataclass(frozen=True)
class Container:
    """What `docker inspect` says of one container, as far as anybody asks."""

    id: str
    name: str
    service: str
    state: Mapping[str, Any]
    restarts: int
    memory: int  # limit in bytes, 0 for none
    settings_hash: str
    addresses: tuple[str, ...] = ()  # on its networks

    @classmethod
    def of(
        cls, found: Mapping[str, Any], label: str = "com.docker.compose.service", before: str = ""
    ) -> "Container":
        """`label`: which one has the service's name, and what is `before` it there."""
        labels = found["Config"]["Labels"]
        return cls(
            found["Id"],
            found["Name"].lstrip("/"),
            labels[label].removeprefix(before),
            found["State"],
            found["RestartCount"],
            found["HostConfig"]["Memory"],
            labels.get("com.docker.compose.config-hash", ""),
            tuple(
                each["IPAddress"]
                for each in found["NetworkSettings"]["Networks"].values()
                if each["IPAddress"]
            ),
        )

    @property
    def running(self) -> bool:
        return bool(self.state["Status"] == "running")

    @property
    def health(self) -> str:
        """healthy, unhealthy or starting; empty if nobody checks."""
        return str((self.state.get("Health") or {}).get("Status", ""))


@dataclass(frozen=True)
class Stack:
    """The containers of this folder's project, and what its settings ask for. `on_a_swarm`: they are those of
    this host alone."""

    project: str
    services: Mapping[str, Any]  # as `docker compose config` has them
    containers: tuple[Container, ...]
    on_a_swarm: bool = False

    @property
    def keepers(self) -> list[Container]:
        """Those of Redis; a cluster has several."""
        return [each for each in self.containers if each.service.partition("-")[0] == "redis"]

    def of(self, service: str) -> list[Container]:
        return [each for each in self.containers if each.service == service]

    def setting(self, service: str, name: str) -> str:
        return str((self.services.get(service, {}).get("environment") or {}).get(name) or "")

    @property
    def published(self) -> tuple[str, int]:
        """The address and port of the host at which nginx is reached. Raises EngineSilent."""
        for port in self.services.get("nginx", {}).get("ports") or ():
            return str(port.get("host_ip") or "0.0.0.0"), int(port["published"])
        raise EngineSilent("no port of nginx is published")


async def find() -> Stack:
    """Return this folder's project. Raises EngineSilent."""
    config = json.loads(await docker("compose", "config", "--format", "json"))
    label = f"label=com.docker.compose.project={config['name']}"
    once = "label=com.docker.compose.oneoff=False"
    ids = (await docker("ps", "--all", "--quiet", "--no-trunc", "--filter", label, "--filter", once)).split()
    found = json.loads(await docker("inspect", *ids)) if ids else []
    containers = sorted((Container.of(each) for each in found), key=lambda each: each.name)
    return Stack(config["name"], config["services"], tuple(containers))


async def inside(container: Container, *command: str, timeout: float = 10) -> str:
    """Run a reading command in a container and return what it printed. Raises EngineSilent."""
    if not container.running:
        raise EngineSilent(f"{container.name} is {container.state['Status']}")
    return await docker("exec", container.name, *command, timeout=timeout)


async def docker(*arguments: str, timeout: float = 10) -> str:
    """Run the Docker client in the project's folder. Raises EngineSilent, with its last line, when it fails,
    is missing, or takes longer than `timeout` seconds."""
    named = " ".join(("docker", *arguments[:2]))
    try:
        process = await asyncio.create_subprocess_exec(
            "docker",
            *arguments,
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise EngineSilent(f"the command `docker` cannot be run ({error.strerror})") from None
    try:
        async with asyncio.timeout(timeout):
            printed, complained = await process.communicate()
    except TimeoutError:
        raise EngineSlow(f"`{named}` gave no answer within {timeout:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = complained.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise EngineSilent(f"`{named}` failed: {last[0]}")
    return printed.decode(errors="replace")


async def speaks_tls(stack: Stack) -> bool:
    """Whether this project's nginx has taken up a certificate (nginx/tls.sh)."""
    with suppress(EngineSilent):
        for container in stack.of("nginx"):
            return "privkey.pem" in await inside(container, "/bin/sh", "-c", "ls /tmp/conf")
    return False


async def leads_here(stack: Stack, nonce: str) -> bool:
    """Whether a request for `nonce` arrived at this project's nginx, by its log. Raises EngineSilent."""
    logs: list[tuple[str, ...]] = [("logs", "--tail", "500", each.id) for each in stack.of("nginx")]
    if stack.on_a_swarm:  # of all hosts
        logs = [("service", "logs", "--raw", "--tail", "500", f"{stack.project}_nginx")]
    for log in logs:
        for _ in range(10):
            if nonce in await docker(*log):
                return True
            await asyncio.sleep(0.1)
    return False
