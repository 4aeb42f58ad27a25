"""A node of a cluster, as stack.cluster.yml starts it: whom it lets in, and what it refuses to start with."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from docker.errors import NotFound
from docker.models.containers import Container
from redis.exceptions import AuthenticationError, ResponseError

import redis
from tests.support.stack import Stack
from tests.support.waiting import eventually

NAME = "tertulia-test-node"
PORT = 6380
START = """
umask 077
echo {worker} >/tmp/worker
echo {admin} >/tmp/admin
exec /opt/redis/start.sh
"""
FILES = {"REDIS_PASSWORD_FILE": "/tmp/worker", "REDIS_ADMIN_PASSWORD_FILE": "/tmp/admin"}
Start = Callable[..., Container]


@pytest.fixture
def start(stack: Stack) -> Iterator[Start]:
    """Starts a node by itself, with the image of the stack and these settings."""

    def remove() -> None:
        with suppress(NotFound):
            stack.docker.containers.get(NAME).remove(force=True, v=True)

    def run(*, admin: str = "admin-secret", **settings: str) -> Container:
        script = START.format(worker="worker-secret", admin=shlex.quote(admin))
        return stack.docker.containers.run(
            stack.container("redis").image,
            ["-c", script],
            name=NAME,
            entrypoint="/bin/sh",
            network=stack.network("front").name,
            environment={"REDIS_PORT": str(PORT), **FILES} | settings,
            read_only=True,
            tmpfs={"/data": "uid=999", "/run/redis": "uid=999", "/tmp": "uid=999"},
            detach=True,
        )

    remove()
    yield run
    remove()


def says(container: Container) -> str:
    """What it logged before it ended."""
    container.wait(timeout=30)
    return str(container.logs().decode())


@pytest.fixture
def node(start: Start) -> Container:
    container = start(REDIS_ADDRESS="*.*.*.*")
    eventually(
        lambda: container.exec_run(["/opt/redis/health.sh"]).exit_code == 0, what="the node is healthy"
    )
    container.reload()  # what was created had no address yet
    given = container.exec_run(["/opt/redis/admin.sh", "cluster", "addslotsrange", "0", "16383"])
    assert given.output.decode().strip() == "OK"
    return container


def client(stack: Stack, container: Container, user: str, password: str) -> Any:
    address = stack.address(container, "front")
    return redis.Redis(
        host=address,
        port=PORT,
        username=user,
        password=password,
        socket_timeout=3,
        protocol=2,
        driver_info=None,
    )


def test_a_node_tells_the_address_of_its_host(stack: Stack, node: Container) -> None:
    with client(stack, node, "worker", "worker-secret") as worker:
        [known] = worker.execute_command("CLUSTER NODES").values()
    assert known["flags"] == "myself,master"
    config = node.exec_run(["/opt/redis/admin.sh", "config", "get", "bind"]).output.decode().split()
    assert config == ["bind", stack.address(node, "front"), "127.0.0.1"]


def test_a_worker_may_ask_which_node_has_what_and_wait_for_replicas(stack: Stack, node: Container) -> None:
    with client(stack, node, "worker", "worker-secret") as worker:
        assert worker.execute_command("WAIT", 0, 10) == 0
        assert worker.execute_command("WAITAOF", 0, 0, 10) == [1, 0]
        assert worker.execute_command("SPUBLISH", "tertulia:{a}:live", "hello") is not None


@pytest.mark.parametrize(
    "command",
    [
        "CLUSTER MEET 192.0.2.1 6379",
        "CLUSTER FAILOVER",
        "CLUSTER RESET",
        "CLUSTER SETSLOT 0 STABLE",
        "CLUSTER ADDSLOTS 0",
        "CLUSTER FORGET 0123456789012345678901234567890123456789",
        "SPUBLISH other hello",
        "CONFIG GET masterauth",
        "REPLICAOF NO ONE",
        "PSYNC ? -1",
    ],
)
def test_a_worker_may_not_change_the_cluster(stack: Stack, node: Container, command: str) -> None:
    refused = pytest.raises(ResponseError, match=r"(?i)no permissions")
    with client(stack, node, "worker", "worker-secret") as worker, refused:
        worker.execute_command(*command.split(" "))


def test_the_nodes_come_in_with_a_password_of_their_own(stack: Stack, node: Container) -> None:
    with client(stack, node, "admin", "admin-secret") as admin:
        assert admin.execute_command("ACL WHOAMI") == "admin"
    with pytest.raises(AuthenticationError), client(stack, node, "admin", "worker-secret") as worker:
        worker.ping()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"REDIS_ADDRESS": "192.0.2.*"}, "REDIS_ADDRESS: this host has no address like 192.0.2.*, only "),
        ({"REDIS_ADDRESS": "*.*", "REDIS_ADMIN_PASSWORD_FILE": "/nowhere"}, "there is no file /nowhere"),
        ({"REDIS_ADDRESS": "*.*", "REDIS_ADMIN_PASSWORD_FILE": ""}, "REDIS_ADMIN_PASSWORD_FILE"),
        ({"REDIS_ADDRESS": "*.*", "admin": ""}, "REDIS_ADMIN_PASSWORD_FILE: /tmp/admin is empty"),
        ({"REDIS_ADDRESS": "*.*", "admin": "a b"}, "REDIS_ADMIN_PASSWORD_FILE has a character outside"),
        ({"REDIS_ADDRESS": "*.*", "REDIS_PORT": ""}, "REDIS_PORT"),
    ],
)
def test_a_node_says_what_is_wrong_with_its_settings(
    start: Start, settings: dict[str, str], said: str
) -> None:
    assert said in says(start(**settings))
