"""What somebody who broke into a container, or who is not asked in, can do: as little as possible."""

import re
import socket

import httpx
import pytest
from docker.models.containers import Container

from tests.support.stack import Stack
from tests.support.waiting import eventually

SERVICES = ("nginx", "web", "redis")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; manifest-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types service-worker"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICIES = {"content-security-policy", "permissions-policy"}
"""Of documents and workers; a script and a style sheet are held by those of their page."""


def output(container: Container, *command: str) -> tuple[int, str]:
    """Run a command in a container; return its status and what it printed."""
    status, printed = container.exec_run(list(command))
    return status, printed.decode(errors="replace")


def test_one_port_is_published_on_loopback(stack: Stack) -> None:
    services = stack.config(LISTEN="")["services"]
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert list(published) == ["nginx"]
    (port,) = published["nginx"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8080", 8080)
    running = {str(found.name): found.ports for found in stack.containers()}
    assert [name for name, ports in running.items() if any(ports.values())] == [stack.container("nginx").name]


def test_every_container_is_held_by_limits_and_policies(stack: Stack) -> None:
    for container in stack.containers():
        host = container.attrs["HostConfig"]
        assert host["Memory"] > 0
        # Equal: nothing is swapped. -1 where the kernel does not count what is.
        assert host["MemorySwap"] in (host["Memory"], -1)
        assert 0 < host["PidsLimit"] <= 512
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert host["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}
        assert not host["Privileged"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_process_runs_as_a_numeric_user_that_is_not_root(stack: Stack, service: str) -> None:
    for container in stack.containers(service):
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container.attrs["Config"]["User"])
        table = container.top(ps_args="-eo pid,uid,gid,args")
        rows = [dict(zip(table["Titles"], process, strict=True)) for process in table["Processes"]]
        assert rows
        assert [row for row in rows if "0" in (row["UID"], row["GID"])] == []


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_can_write_to_the_root_filesystem(stack: Stack, service: str) -> None:
    for container in stack.containers(service):
        assert container.attrs["HostConfig"]["ReadonlyRootfs"]
        # As root, so that what refuses is the file system and not the file's mode.
        for place in ("/", "/etc", "/usr", "/var/tmp"):
            status, printed = container.exec_run(["/usr/bin/touch", f"{place}/planted"], user="0:0")
            assert (status, "Read-only file system" in printed.decode()) == (1, True)


@pytest.mark.parametrize("service", SERVICES)
def test_no_process_has_or_can_gain_a_capability(stack: Stack, service: str) -> None:
    for container in stack.containers(service):
        assert container.attrs["HostConfig"]["CapDrop"] == ["ALL"]
        _, status = output(container, "/usr/bin/cat", "/proc/1/status")
        kernel = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        sets = {name: int(value, 16) for name, value in kernel.items() if name.startswith("Cap")}
        assert len(sets) == 5
        assert not any(sets.values())
        assert kernel["NoNewPrivs"] == "1"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/rooms/No%20where", 404),
        ("/health", 200),
        ("/metrics", 404),
        ("/socket.io/nothing.js", 404),
        ("/static/000000000000/nothing.css", 404),
        ("/static/000000000000/icon.svg", 200),
        ("/service-worker.js", 200),
        ("/rooms/ text/css; ", 404),
        ("/sio/socket.io/?EIO=4&transport=polling", 200),
        ("/sio/socket.io/?EIO=4&transport=pigeon", 400),
    ],
)
def test_every_answer_carries_the_security_headers_once(http: httpx.Client, path: str, status: int) -> None:
    answer = http.get(path)
    assert answer.status_code == status
    expected = HEADERS
    if path.startswith("/socket.io/"):  # the client bundle is for pages of other origins too
        expected = HEADERS | {"cross-origin-resource-policy": "cross-origin"}
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {
        name: [value] for name, value in expected.items()
    }
    assert not re.search(r"\d", answer.headers.get("server", "")), "which version runs is nobody's business"


@pytest.mark.parametrize(
    "path",
    ["/socket.io/socket.io.js", "/static/000000000000/js/main.js", "/static/000000000000/css/page.css"],
)
def test_scripts_and_style_sheets_carry_all_but_policies(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    origins = "cross-origin" if path.startswith("/socket.io/") else "same-origin"
    expected = HEADERS | {"cross-origin-resource-policy": origins}
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {
        name: [] if name in POLICIES else [value] for name, value in expected.items()
    }


def test_pages_hold_no_inline_script_or_style(http: httpx.Client) -> None:
    for path in ("/", "/rooms/No%20where"):
        page = http.get(path).text
        # A block of JSON is data: no browser runs it.
        page = re.sub(r'<script type="application/json" id="words">[^<]*</script>', "", page)
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page, re.IGNORECASE
        )


def test_redis_is_reached_by_workers_only(stack: Stack) -> None:
    redis, nginx = stack.container("redis"), stack.container("nginx")
    assert not any(redis.ports.values())
    assert list(redis.attrs["NetworkSettings"]["Networks"]) == [stack.network("back").name]
    assert stack.network("back").attrs["Internal"]
    assert list(nginx.attrs["NetworkSettings"]["Networks"]) == [stack.network("front").name]
    for host in ("redis", stack.address(redis, "back")):
        status, _ = output(nginx, "/usr/bin/curl", "--silent", "--max-time", "2", f"telnet://{host}:6379")
        assert status in (6, 7, 28), "curl could not resolve the name, connect, or get an answer"


def test_redis_refuses_whoever_has_no_password(stack: Stack) -> None:
    address = (stack.address(stack.container("redis"), "back"), 6379)
    with socket.create_connection(address, timeout=3) as connection:
        connection.sendall(b"GET anything\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


# Redis itself ends with the shell that started it.
MAKE_A_PASSWORD = """
/opt/redis/start.sh >/dev/null &
until [ -s /secrets/redis-password ]; do /usr/bin/sleep 0.1; done
/usr/bin/cat /secrets/redis-password
"""


def password(stack: Stack) -> str:
    status, printed = output(stack.container("redis"), "/usr/bin/cat", "/secrets/redis-password")
    assert status == 0
    return printed


def test_the_password_is_made_once_and_kept(stack: Stack) -> None:
    """It is in the volume, in no environment and no configuration, and a new container takes it over."""
    before = password(stack)
    assert re.fullmatch(r"[0-9a-f]{48}", before)
    for container in stack.containers():
        assert before not in str(container.attrs)
    assert before not in stack.compose("config")
    stack.container("redis").remove(force=True)
    stack.mend()
    assert password(stack) == before
    eventually(lambda: stack.health().status_code == 200, what="the workers use the same password")


def test_each_stack_makes_a_password_of_its_own(stack: Stack) -> None:
    made = []
    for _ in range(2):
        made.append(
            stack.docker.containers.run(
                stack.container("redis").image,
                ["-c", MAKE_A_PASSWORD],
                entrypoint="/bin/sh",
                tmpfs={"/run/redis": "uid=999", "/secrets": "uid=999", "/data": "uid=999"},
                remove=True,
            )
        )
    assert made[0] != made[1]


def test_workers_can_read_the_secret_and_not_change_it(stack: Stack) -> None:
    for worker in stack.containers("web"):
        assert output(worker, "/usr/bin/cat", "/secrets/redis-password") == (0, password(stack))
        mounts = {mount["Destination"]: mount["RW"] for mount in worker.attrs["Mounts"]}
        assert mounts == {"/secrets": False, "/files": True, "/sockets": True} | {
            f"/run/secrets/{name}": False
            for name in ("access-code", "admin-code", "secret-key", "oidc-client-secret", "files-key")
        }
