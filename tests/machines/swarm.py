"""The stack on the hosts: joined in a Swarm and deployed by the commands of docs/many-machines.md."""

from collections.abc import Sequence
from hashlib import md5

from tests.machines.hosts import Host, Lab
from tests.machines.page import block
from tests.support.stack import HIGH_LIMITS, REPOSITORY
from tests.support.waiting import eventually

STACK = "tertulia"
WORKERS = 6
ENDED = {"completed", "paused", "rollback_completed", "rollback_paused"}
"""Of an update's states, those in which Swarm does no more."""


class Swarm:
    """Redis is on the first host."""

    def __init__(self, lab: Lab) -> None:
        self.hosts: Sequence[Host] = lab.hosts
        self._lab = lab

    @property
    def of_redis(self) -> Host:
        return self.hosts[0]

    @property
    def urls(self) -> list[str]:
        return [host.url for host in self.hosts]

    def docker(self, *arguments: str) -> str:
        """Run `docker` on a host that is there; each is a manager."""
        return next(host for host in self.hosts if not host.lost).docker(*arguments)

    def join(self) -> None:
        first, *others = self.hosts
        said = first.sh(block("docker swarm init").replace("10.0.0.1", first.address))
        # The first command prints one too, for a worker.
        join = [line.strip() for line in said.splitlines() if line.strip().startswith("docker swarm join ")][
            -1
        ]
        for host in others:
            host.sh(join.replace(" join ", f" join --advertise-addr {host.address} "))

    def deploy(self, registry: str, tag: str) -> None:
        """Deploy a chat without an access code. Returns once all of it runs."""
        first = self.of_redis
        set_up = block("REDIS_PASSWORD_FILE=").replace("chat.example.org", "*").splitlines()
        ours = {"REGISTRY": registry, "TAG": tag, "WEB_REPLICAS": str(WORKERS), "WEB_PER_HOST": "5"}
        set_up += [f"{name}='{value}'" for name, value in (HIGH_LIMITS | ours).items()]
        written = {".env": "\n".join(set_up), "open.yml": block('ACCESS_CODE_FILE: " "')}
        copied = ("stack.yml", "setup/restore-volume.sh")
        first.has(written | {name: (REPOSITORY / name).read_text() for name in copied})
        first.sh(block("label-add tertulia.redis=true a\n"))
        first.sh(block("openssl rand -hex 24"))
        deploy = block("docker stack deploy")
        said = first.sh(deploy.replace("stack.yml", "stack.yml --compose-file open.yml"))
        if "gnoring" in said:
            raise RuntimeError(f"Swarm does not take all of stack.yml: {said}")
        self.wait_until_whole(within=300)
        first.sh(block("http://b:8080/health"))

    def restore(self) -> None:
        """Back up, and restore that."""
        first = self.of_redis
        first.sh(block("admin.sh --rdb"))
        first.sh("set -a; . ./.env; set +a\n" + block("docker service scale tertulia_web=0"))
        self.wait_until_whole()

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
        """Return once all hosts are there and all that should run is healthy."""
        wanted = {"nginx": len(self.hosts), "web": workers, "redis": 1}
        expected = {f"{STACK}_{name}": f"{count}/{count}" for name, count in wanted.items()}
        try:
            eventually(
                lambda: self._nodes_are_ready() and self._replicas() == expected,
                within=within,
                what="all is whole",
            )
        except AssertionError as error:
            error.add_note(f"{self._replicas()}\n{self.tasks()}")
            raise

    def tasks(self) -> str:
        """What runs where, and why something does not, for a person to read."""
        form = "{{.Name}} {{.Node}} {{.CurrentState}} {{.Error}}"
        return self.docker("stack", "ps", "--no-trunc", "--format", form, STACK)

    def routes_on(self, host: Host) -> set[str]:
        """Of the workers that run there."""
        label = f"label=com.docker.swarm.service.name={STACK}_web"
        form = f'{{{{(index .NetworkSettings.Networks "{STACK}_front").IPAddress}}}}'
        found = [
            host.docker("inspect", "--format", form, id)
            for id in host.docker("ps", "-q", "--filter", label).split()
        ]
        return {md5(f"{address}:8000".encode()).hexdigest() for address in found}

    def _update(self) -> str:
        return self.docker("service", "inspect", "--format", "{{.UpdateStatus.State}}", f"{STACK}_web")

    def _nodes_are_ready(self) -> bool:
        states = self.docker("node", "ls", "--format", "{{.Status}}").split()
        return states == ["Ready"] * len(self.hosts)

    def _replicas(self) -> dict[str, str]:
        lines = self.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}
