"""What nginx accepts fits into the memory that it has, so that no flood of connections ends it for all."""

import re
import socket
import ssl

import pytest
from docker.models.containers import Container

from tests.support.authority import Authority
from tests.support.door import opened_door
from tests.support.session import POLLING
from tests.support.stack import REPOSITORY, Stack

COUNT = 200
LARGE_HEADERS = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 6000) for number in range(2))
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000\r\n"
    + LARGE_HEADERS
    + b"\r\n"
    + b"x" * 7900
)
UPGRADE = (
    f"GET {POLLING.replace('polling', 'websocket')} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def setting(name: str) -> int:
    """A number that connections.sh counts with, in KiB."""
    found = re.search(rf"^{name}=(\d+)", (REPOSITORY / "nginx/connections.sh").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.parametrize("cores", [1, 2, 64])
@pytest.mark.parametrize("megabytes", [256, 1024, 8192])
def test_what_is_accepted_fits_into_the_memory(stack: Stack, cores: int, megabytes: int) -> None:
    """Whatever the number of cores; nproc believes this variable."""
    said = stack.docker.containers.run(
        stack.container("nginx").image,
        ["-c", "/opt/nginx/connections.sh && cat /tmp/conf/*.conf"],
        entrypoint="/bin/sh",
        environment={"OMP_NUM_THREADS": str(cores)},
        mem_limit=f"{megabytes}m",
        remove=True,
    ).decode()
    processes, connections, requests = [
        int(number)
        for name in ("worker_processes", "worker_connections", "limit_conn requests")
        for number in re.findall(rf"{name} (\d+);", said)
    ]
    tmpfs = stack.config()["services"]["nginx"]["tmpfs"][0]
    assert "size=32m" in tmpfs, "as connections.sh has it"
    kept = 32 * 1024 + 60 * 1024 + processes * setting("process")
    assert kept + processes * connections * setting("each") <= megabytes * 1024
    assert processes * connections >= 1000
    assert connections <= 16000, "descriptors of a process"
    assert requests == processes * connections // 2


def test_too_little_memory_is_said_at_once(stack: Stack) -> None:
    with pytest.raises(RuntimeError, match="NGINX_MEMORY: 64 MB leave room for"):
        stack.compose("run", "--rm", "--no-deps", "nginx", NGINX_MEMORY="64m")


def memory_of(container: Container) -> int:
    """What its processes hold by themselves, in KiB."""
    # What else is printed is an error, such as of a process that has ended.
    _, said = container.exec_run(["/bin/sh", "-c", "exec grep -h RssAnon /proc/[0-9]*/status"])
    held = re.findall(r"^RssAnon:\s+(\d+) kB$", said.decode(), re.MULTILINE)
    assert held, said.decode()
    return sum(map(int, held))


@pytest.mark.parametrize(
    ("what", "slots"), [(b"", 1), (BODY, 1), (UPGRADE, 2)], ids=["idle", "body", "websocket"]
)
def test_a_connection_costs_no_more_than_is_counted_with(
    stack: Stack, authority: Authority, what: bytes, slots: int
) -> None:
    """Over TLS: one that does nothing, a slow body after large headers, a WebSocket."""
    pair = authority.signs()
    with opened_door(stack, pair.files, authority.trust, HANDSHAKES_PER_SECOND="1000") as door:
        held = [opened(door.port, authority.trust, what) for _ in range(20)]
        before = memory_of(door.container)
        held += [opened(door.port, authority.trust, what) for _ in range(COUNT)]
        assert (memory_of(door.container) - before) / COUNT <= slots * setting("each")
        for connection in held:
            connection.close()


def opened(port: int, trust: ssl.SSLContext, what: bytes) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection = trust.wrap_socket(plain, server_hostname="chat.test")
    connection.sendall(what)
    if what == UPGRADE:
        assert connection.recv(100).startswith(b"HTTP/1.1 101")
    return connection
