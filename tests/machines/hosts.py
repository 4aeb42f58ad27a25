"""Three hosts: engines in privileged containers of this machine's engine, on a network of their own."""

import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from tests.support.waiting import eventually

NAME = "tertulia-machines"
"""Begins the name of all that the lab makes on this machine."""
NETWORK = "198.18.76"
"""The first bytes of the hosts' addresses, of those that are for tests of networks (RFC 2544)."""
NAMES = "abc"
"""Of the hosts, as docs/many-machines.md calls them."""
PUSHED_TO = "127.0.0.1:18087"
"""The registry, as this machine's engine reaches it: on loopback an engine asks for no TLS."""
PULLED_FROM = f"{NETWORK}.5:5000"
"""The same registry, as the hosts reach it."""
CABLE = "PREROUTING --in-interface eth0", "POSTROUTING --out-interface eth0"
"""Where all passes that goes between a host and the others, that of containers too."""
LONGEST = 3600
"""Seconds that a command may take. To add three shards takes ten minutes, and was not done after thirty on a
machine that was busy."""
MOST_SAID = 4000
"""The last characters of what a command said, which a failure shows. Moving slots prints a sign for each."""


class CommandFailed(RuntimeError):
    """A command on a host failed; the text says which, and the end of what it said."""


class Host:
    """One of them. `lost`: it was killed or cut off, and is not back."""

    def __init__(self, engine: docker.DockerClient, number: int) -> None:
        self.name = NAMES[number - 1]
        self.address = f"{NETWORK}.{10 + number}"
        self.url = f"http://{self.address}:8080"
        self.lost = False
        self._engine = engine
        self._number = number
        self._container: Container

    def start(self) -> None:
        """Run an engine with nothing in it."""
        self._container = _on_the_network(
            self._engine,
            f"{NAME}-{self._number}",
            self.address,
            self.name,
            privileged=True,
            environment={"POOL": f"10.{200 + self._number}.0.0/16", "REGISTRY": PULLED_FROM},
            volumes={f"{NAME}-{self._number}": {"bind": "/var/lib/docker", "mode": "rw"}},
        )
        eventually(lambda: self.docker("info"), what=f"the engine of {self.name} answers")

    def docker(self, *arguments: str) -> str:
        """Run `docker` on this host; return what it printed. Raises CommandFailed."""
        return self._run("docker", *arguments)

    def sh(self, script: str) -> str:
        """Run a script in /root on this host; return what it printed. Raises CommandFailed."""
        return self._run("timeout", str(LONGEST), "sh", "-ec", script)

    def _run(self, *command: str) -> str:
        ran = self._container.exec_run(list(command), workdir="/root")
        said = str(ran.output.decode())
        if ran.exit_code:
            raise CommandFailed(
                f"`{' '.join(command)}` on {self.name} failed ({ran.exit_code}): {said[-MOST_SAID:]}"
            )
        return said.strip()

    def has(self, files: Mapping[str, str]) -> None:
        """Put files into /root, with the folders that their names have."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content.encode())
                archive.addfile(entry, io.BytesIO(content.encode()))
        self._container.put_archive("/root", buffer.getvalue())

    def cut(self) -> None:
        """Pull its cable: nothing comes or goes, and nobody hears a goodbye."""
        self.lost = True
        self.sh("\n".join(f"iptables --table mangle --append {rule} --jump DROP" for rule in CABLE))

    def rejoin(self) -> None:
        """Plug its cable in again."""
        self.sh("\n".join(f"iptables --table mangle --delete {rule} --jump DROP" for rule in CABLE))
        self.lost = False

    def kill(self) -> None:
        """As when its power fails: everything on it ends at once, and says nothing."""
        self.cut()
        self._container.kill()

    def revive(self) -> None:
        """Switch it on again, with its cable in."""
        self._container.start()
        eventually(lambda: self.docker("info"), what=f"the engine of {self.name} answers")
        self.lost = False


class Lab:
    """A context manager: the hosts run, with a registry; at its end all of it is removed."""

    def __init__(self) -> None:
        self._engine = docker.from_env()
        self.hosts = [Host(self._engine, number + 1) for number in range(len(NAMES))]

    def __enter__(self) -> "Lab":
        self._remove()
        here = Path(__file__).parent
        subprocess.run(
            ["docker", "build", "--quiet", "--tag", NAME, here], check=True, stdout=subprocess.DEVNULL
        )
        try:
            pool = docker.types.IPAMPool(subnet=f"{NETWORK}.0/24")
            self._engine.networks.create(NAME, ipam=docker.types.IPAMConfig(pool_configs=[pool]))
            host, port = PUSHED_TO.split(":")
            _on_the_network(
                self._engine,
                f"{NAME}-registry",
                PULLED_FROM.split(":")[0],
                "registry",
                command=["docker-registry", "serve", "/opt/lab/registry.yml"],
                ports={"5000/tcp": (host, int(port))},
            )
            for each in self.hosts:
                each.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()
        self._engine.close()

    def push(self, repository: Path) -> tuple[str, str]:
        """Push the images of this tree as the documents say: `make images`. Returns REGISTRY and TAG as the
        hosts have to be told."""
        own = {"COMPOSE_PROJECT_NAME": NAME, "COMPOSE_ENV_FILES": os.devnull}
        ran = subprocess.run(
            [repository / "setup/push.sh"],
            env=os.environ | own | {"REGISTRY": f"{PUSHED_TO}/tertulia", "TAG": "lab"},
            capture_output=True,
            text=True,
            timeout=900,
        )
        if ran.returncode:
            raise RuntimeError(f"the images were not pushed:\n{ran.stdout}\n{ran.stderr}")
        return f"{PULLED_FROM}/tertulia", "lab"

    def _remove(self) -> None:
        """By name, whatever is there of this run or an earlier one."""
        names = [f"{NAME}-{host + 1}" for host in range(len(NAMES))]
        for name in (*names, f"{NAME}-registry"):
            with suppress(NotFound):
                self._engine.containers.get(name).remove(force=True, v=True)
        for name in names:
            with suppress(NotFound):
                self._engine.volumes.get(name).remove()
        with suppress(NotFound):
            self._engine.networks.get(NAME).remove()
        for image in self._engine.images.list(filters={"reference": f"{PUSHED_TO}/tertulia-*"}):
            for tag in [tag for tag in image.tags if tag.startswith(PUSHED_TO)]:
                self._engine.images.remove(tag)


def _on_the_network(
    engine: docker.DockerClient, name: str, address: str, hostname: str, **options: object
) -> Container:
    """Run a container of the lab's image at this address, which the others find by its host name."""
    place = {NAME: engine.api.create_endpoint_config(ipv4_address=address, aliases=[hostname])}
    container = engine.containers.create(
        NAME, name=name, hostname=hostname, network=NAME, networking_config=place, **options
    )
    container.start()
    return container
