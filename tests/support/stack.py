"""A compose project of the tests' own: started from nothing, broken at will, mended, removed."""

import json
import os
import subprocess
from hashlib import md5
from pathlib import Path
from typing import Any

import docker
import httpx
from docker.models.containers import Container
from docker.models.networks import Network

from tests.support.authority import Authority, Pair
from tests.support.logs import Logs
from tests.support.session import Session, cookie_name
from tests.support.waiting import PATIENCE, eventually

REPOSITORY = Path(__file__).parents[2]
WORKERS = 2

SERVES = "every worker reaches Redis"

# Tests speak faster than people do; what the limits are for is tested with limits of its own.
HIGH_LIMITS = {
    "MESSAGES_PER_SECOND": "100000",
    "MESSAGES_AT_ONCE": "100000",
    "BYTES_PER_SECOND": "100000000",
    "BYTES_AT_ONCE": "100000000",
    "ROOMS_PER_DAY": "100000",
    "PEOPLE_PER_ADDRESS": "1000",
}

# What a person's own shell or .env sets must not change what is tested.
_PASSED_ON = (
    "PATH",
    "HOME",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
)


class Stack:
    """The stack with its address and high limits, under a name and with volumes and a port of its own."""

    def __init__(self, project: str = "tertulia-test", listen: str = "127.0.0.1:18080") -> None:
        self.project = project
        self.listen = listen
        # A stack with TLS, if an authority is there to sign its certificate (tests/test.sh).
        self._authority = Authority(Path(os.environ["AUTHORITY"])) if "AUTHORITY" in os.environ else None
        self.url = f"{'https' if self._authority else 'http'}://{listen}"
        self.docker = docker.from_env()
        self.logs = Logs(self.docker, project)
        self._sound: dict[str, str] = {}

    @property
    def settings(self) -> dict[str, str]:
        """What it is run with. CERTS is a volume: the engine is the host's, and has no folder at our path."""
        return {**HIGH_LIMITS, "LISTEN": self.listen, "CERTS": "certs"}

    def up(self) -> None:
        """Build and start everything, after removing what an earlier run may have left."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "1")
        if self._authority:
            self.compose("create", "--build")
            self._certify(self._authority.signs())
        self.compose("up", "--build", "--detach", "--wait", "--wait-timeout", "300")
        self.wait_until_routed()
        self._sound = self._state()

    def down(self) -> None:
        """Remove everything, volumes included."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "3")
        self.logs.close()
        self.docker.close()

    def _certify(self, pair: Pair) -> None:
        """Write a certificate to the volume that CERTS names."""
        write = 'umask 022; cd /certs; printf %s "$0" >fullchain.pem; printf %s "$1" >privkey.pem'
        self.docker.containers.run(
            self.container("nginx").image,
            ["-c", write, pair.chain.decode(), pair.key.decode()],
            entrypoint="/bin/sh",
            user="0:0",
            volumes={f"{self.project}_certs": {"bind": "/certs", "mode": "rw"}},
            labels={"com.docker.compose.project": ""},
            remove=True,
        )

    def scale(self, workers: int) -> None:
        """Change the number of workers, exactly as the README tells people to. Compose lists what runs, and
        then starts it: a container that was on its way out may be gone in between, and Compose is asked
        again."""
        scale = "up", "--detach", "--scale", f"web={workers}"
        try:
            self.compose(*scale)
        except RuntimeError as failed:
            if "No such container" not in str(failed):
                raise
            self.compose(*scale)

    def mend(self) -> None:
        """Bring back what a test broke: every container running, healthy, on its networks and routed to.

        When the containers are those that ran after the last time, only waits until they reach Redis: it may
        have been away in between.
        """
        if self._state() == self._sound:
            eventually(self._serves, what=SERVES)
            return
        services = self.config()["services"]
        for container in self.containers():
            sick = container.attrs["State"].get("Health", {}).get("Status") == "unhealthy"
            of_its_service = services[container.labels["com.docker.compose.service"]]["networks"]
            cut_off = self._networks(container) != sorted(f"{self.project}_{name}" for name in of_its_service)
            if container.status == "paused" or sick or cut_off:
                container.remove(force=True)
        self.compose("up", "--detach", "--wait", "--wait-timeout", "300", "--scale", f"web={WORKERS}")
        self.wait_until_routed()
        self._sound = self._state()

    def wait_until_routed(self) -> None:
        """Wait until nginx, which finds the workers by DNS, brings sessions to all of them and no other."""

        def routed() -> bool:
            running = set(self.workers())
            return self.health().status_code == 200 and self._routes_in_use(3 * len(running)) == running

        eventually(routed, what="nginx brings new sessions to all running workers and to no other")
        eventually(self._serves, what=SERVES)

    def compose(self, *arguments: str, **settings: str) -> str:
        """Run `docker compose` on this project; return what it printed. A failure shows all it said."""
        command = [
            "docker",
            "compose",
            "--project-directory",
            str(REPOSITORY),
            "--project-name",
            self.project,
        ]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        ran = subprocess.run(
            [*command, "--env-file", os.devnull, *arguments],
            env=environment | self.settings | settings,
            capture_output=True,
            text=True,
            timeout=400,
        )
        if ran.returncode:
            said = f"{ran.stdout}\n{ran.stderr}"[-3000:]
            logs = self.logs.recent(since=0, each=10)
            raise RuntimeError(
                f"`docker compose {' '.join(arguments)}` failed ({ran.returncode}):\n{said}\n{logs}"
            )
        return ran.stdout

    def config(self, **settings: str) -> dict[str, Any]:
        """What `docker compose config` makes of our file and these settings."""
        found: dict[str, Any] = json.loads(self.compose("config", "--format", "json", **settings))
        return found

    def containers(self, service: str | None = None) -> list[Container]:
        """The project's containers, or one service's, running or not, in the order of their names."""
        label = "com.docker.compose.service" + (f"={service}" if service else "")
        filters = {"label": [f"com.docker.compose.project={self.project}", label]}
        return sorted(
            self.docker.containers.list(all=True, filters=filters), key=lambda found: str(found.name)
        )

    def container(self, service: str) -> Container:
        """The only container of a service."""
        (found,) = self.containers(service)
        return found

    def workers(self) -> dict[str, Container]:
        """The running workers by their route, which begins the id of each session that sits on them."""
        running = [found for found in self.containers("web") if found.status == "running"]
        return {
            md5(f"{self.address(worker, 'front')}:8000".encode()).hexdigest(): worker for worker in running
        }

    def addresses_of_workers(self) -> list[str]:
        """Of those that run, past nginx: for who wants to be at this one or another."""
        running = [found for found in self.containers("web") if found.status == "running"]
        return [f"http://{self.address(worker, 'back')}:8000" for worker in running]

    def address(self, container: Container, network: str) -> str:
        """A container's address on one of the stack's networks; empty when it has none."""
        networks = container.attrs["NetworkSettings"]["Networks"]
        return str(networks.get(f"{self.project}_{network}", {}).get("IPAddress", ""))

    def network(self, name: str) -> Network:
        return self.docker.networks.get(f"{self.project}_{name}")

    def redis_cli(self, *command: str) -> str:
        """Run redis-cli beside Redis, as its administrator."""
        ran = self.container("redis").exec_run(["/opt/redis/admin.sh", *command])
        said = str(ran.output.decode())
        if ran.exit_code or said.startswith(("ERR", "NOAUTH", "NOPERM", "WRONGPASS")):
            raise RuntimeError(f"redis-cli {' '.join(command)} failed ({ran.exit_code}): {said}")
        return said.strip()

    def health(self) -> httpx.Response:
        """What nginx answers to GET /health, over a new connection."""
        return httpx.get(f"{self.url}/health", timeout=PATIENCE)

    def sign_in(self, *names: str) -> list[str]:
        """The cookies of browsers that signed in under these names."""
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=PATIENCE) as http:
            cookies = []
            for name in names:
                cookies.append(str(http.post("/sign-in", data={"name": name}).cookies[cookie_name(self.url)]))
                http.cookies.clear()
        return cookies

    def _serves(self) -> bool:
        """Whether no worker's circuit breaker is open. Readiness does not tell: a worker stays ready for the
        seconds in which Redis may be back. To look up a link that is none takes Redis, and from this address
        nobody else does so."""
        at = {"X-Forwarded-For": "192.0.2.253"}
        workers = [self.address(worker, "front") for worker in self.workers().values()]
        links = [f"http://{address}:8000/ticket/{'a' * 26}" for address in workers]
        return all(httpx.get(link, headers=at, timeout=PATIENCE).status_code in (404, 429) for link in links)

    def _routes_in_use(self, handshakes: int) -> set[str]:
        """The routes of the workers that so many new sessions were brought to."""
        routes = set()
        for _ in range(handshakes):
            session = Session(self.url)
            session.leaves()
            routes.add(session.route)
        return routes

    def _state(self) -> dict[str, str]:
        """What changes when a container is replaced, stopped, paused, started again or cut off."""
        return {
            str(found.id): f"{found.status} {found.attrs['State']['StartedAt']} {self._networks(found)}"
            for found in self.containers()
        }

    def _networks(self, container: Container) -> list[str]:
        return sorted(container.attrs["NetworkSettings"]["Networks"])
