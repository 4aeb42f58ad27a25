"""What one image does with settings, asked of single containers of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from docker.errors import ContainerError

from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESSAGE_MAX_CHARS", "abc"),
        ("MESSAGE_MAX_CHARS", "0"),
        ("PORT", "99999"),
        ("LOG_LEVEL", "loud"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_HOSTS", "https://chat.example"),
        ("REDIS_PASSWORD_FILE", "/nowhere"),
    ],
)
def test_a_wrong_setting_stops_the_container_at_once(stack: Stack, name: str, value: str) -> None:
    """Its last words are the variable's name, what is wrong with the value, and an example; no traceback."""
    image = stack.containers("web")[0].image
    settings = {"REDIS_URL": "redis://redis:6379/0", name: value}
    with pytest.raises(ContainerError) as stopped:
        stack.docker.containers.run(image, environment=settings, remove=True, stderr=True)
    said = stopped.value.stderr.decode()
    assert stopped.value.exit_status == 2
    assert re.search(rf"^{name}: .*{re.escape(value)}.* Example: {name}=\S+$", said, re.MULTILINE)
    assert "Traceback" not in said


def test_codes_and_keys_are_read_from_files_of_the_machine(stack: Stack) -> None:
    """Here a file that every machine has."""
    files = {f"{name}_FILE": "/etc/hostname" for name in ("ACCESS_CODE", "ADMIN_CODE")} | {"ADMIN_CODE": ""}
    read = (
        "import os; from chat.settings import Settings;"
        "read = Settings.read(os.environ); print(read.access_code, read.admin_code)"
    )
    said = stack.compose("run", "--rm", "--no-deps", "web", "/usr/local/bin/python", "-c", read, **files)
    access_code, admin_code = said.split()
    assert access_code == admin_code
    assert access_code != "None"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"REDIS_PASSWORD_FILE": "/dev/null"}, "/run/secrets/redis-password is empty"),
        ({"REDIS_PASSWORD_FILE": "/etc/hostname", "REDIS_PASSWORD": "x"}, "REDIS_PASSWORD is set too"),
        ({"REDIS_PASSWORD_FILE": "/etc/shadow"}, "cannot be read by user 999"),
    ],
)
def test_redis_does_not_start_with_a_password_file_that_is_wrong(
    stack: Stack, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(RuntimeError, match=f"REDIS_PASSWORD_FILE: .*{said}"):
        stack.compose("run", "--rm", "--no-deps", "redis", **settings)


@contextmanager
def worker(stack: Stack, memory: str | None = None, **settings: str) -> Iterator[httpx.Client]:
    """One more worker of our image on the stack's networks, asked directly at its own address. `memory`: its
    limit, if it has one."""
    pattern = stack.containers("web")[0]
    container = stack.docker.containers.create(
        pattern.image,
        environment=[
            f"{name}={value}"
            for name, value in (
                dict(each.split("=", 1) for each in pattern.attrs["Config"]["Env"]) | settings
            ).items()
        ],
        volumes={f"{stack.project}_secrets": {"bind": "/secrets", "mode": "ro"}},
        network=stack.network("back").name,
        mem_limit=memory,
        memswap_limit=memory,
        sysctls=pattern.attrs["HostConfig"].get("Sysctls"),
    )
    try:
        container.start()
        container.reload()
        with httpx.Client(
            base_url=f"http://{stack.address(container, 'back')}:8000", timeout=PATIENCE
        ) as client:
            eventually(lambda: client.get("/health").status_code == 200, what="the worker is ready")
            yield client
    finally:
        container.remove(force=True)


def test_allowed_hosts_turn_other_names_away(stack: Stack) -> None:
    """Health is asked for by address, hence answers to any name."""
    with worker(stack, ALLOWED_HOSTS="chat.example") as http:
        assert http.get("/", headers={"Host": "chat.example"}).status_code == 200
        assert http.get("/", headers={"Host": "chat.example:8080"}).status_code == 200
        for path in ("/", "/rooms/lobby", "/sio/socket.io/?EIO=4&transport=polling"):
            assert http.get(path, headers={"Host": "rebound.example"}).status_code == 400
        assert http.get("/health/live", headers={"Host": "10.0.0.1"}).status_code == 200


def test_allowed_origins_let_other_pages_in(stack: Stack) -> None:
    with worker(stack, ALLOWED_ORIGINS="https://intranet.example") as http:
        address = "/sio/socket.io/?EIO=4&transport=polling"
        assert http.get(address, headers={"Origin": "https://intranet.example"}).status_code == 200
        assert http.get(address, headers={"Origin": "https://elsewhere.example"}).status_code == 400
