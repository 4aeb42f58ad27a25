"""One more nginx of our image before the stack's workers, with settings and a certificate of its own."""

import io
import socket
import ssl
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from docker.models.containers import Container

from tests.support.session import POLLING
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually

# The image has those of the stack it was built for, whose own containers are told by them.
NOBODYS = {"com.docker.compose.project": "", "com.docker.compose.service": ""}
HANDSHAKES = 10
"""That are let in at once with HANDSHAKES_PER_SECOND=1."""


class Door:
    """`port` on loopback leads to it, and to nothing else."""

    def __init__(self, container: Container, port: int, trust: ssl.SSLContext | None) -> None:
        self.container = container
        self.port = port
        self.url = f"{'https' if trust else 'http'}://127.0.0.1:{port}"
        self._trust = trust

    def http(self, **options: object) -> httpx.Client:
        """Requests to it, verified where it speaks TLS."""
        return httpx.Client(base_url=self.url, verify=self._trust or False, timeout=PATIENCE, **options)  # type: ignore[arg-type]

    def says(self) -> str:
        """All that it logged."""
        return str(self.container.logs().decode())

    def has(self, files: Mapping[str, bytes], mode: int = 0o644) -> None:
        """Put files into the certificate's folder."""
        self.container.put_archive("/certs", packed(files, mode))

    def accepting(self) -> set[str]:
        """The ids of nginx' processes that take new connections; after a reload the old ones do for a while,
        with the old settings."""
        top = self.container.top(ps_args="-o pid,args")
        return {
            pid for pid, title in top["Processes"] if "worker process" in title and "shutting" not in title
        }

    def is_up(self) -> bool:
        with self.http() as http:
            return http.get("/health/live").status_code == 200


@contextmanager
def closed_door(
    stack: Stack,
    files: Mapping[str, bytes] | None = None,
    trust: ssl.SSLContext | None = None,
    **settings: str,
) -> Iterator[Door]:
    """A door that is not started yet. `files`: those of the certificate; `trust`: for a door with TLS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    container = stack.docker.containers.create(
        stack.container("nginx").image,
        labels=NOBODYS,
        environment={"LISTEN": f"127.0.0.1:{port}"} | settings,
        ports={"8080/tcp": ("127.0.0.1", port)},
        tmpfs={"/tmp": "uid=101,gid=101,mode=0700"},
        network=stack.network("front").name,
    )
    try:
        container.put_archive("/", packed({"certs/": b""}, 0o755))
        door = Door(container, port, trust)
        door.has(files or {})
        yield door
    finally:
        container.remove(force=True, v=True)


@contextmanager
def opened_door(
    stack: Stack,
    files: Mapping[str, bytes] | None = None,
    trust: ssl.SSLContext | None = None,
    **settings: str,
) -> Iterator[Door]:
    with closed_door(stack, files, trust, **settings) as door:
        door.container.start()
        try:
            eventually(door.is_up, what="the door answers")
        except AssertionError as error:
            error.add_note(door.says())
            raise
        yield door


def packed(files: Mapping[str, bytes], mode: int) -> bytes:
    """A tar archive of files and, where a name ends with a slash, folders; all root's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.mode, entry.size = mode, len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def exhausts(http: httpx.Client, headers: dict[str, str] | None = None) -> None:
    """Open sessions until the door has enough of this address."""
    answers = [http.get(POLLING, headers=headers).status_code for _ in range(HANDSHAKES + 5)]
    assert answers[: HANDSHAKES - 1] == [200] * (HANDSHAKES - 1)
    assert 429 in answers
