"""What somebody who took a worker over can do to Redis: write in rooms, and no more."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from docker.models.containers import Container
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

import redis
from tests.support.stack import Stack
from tests.support.waiting import eventually


def client(stack: Stack, user: str | None, password: str | None) -> Any:
    """redis-py's client, most of which has no types."""
    address = stack.address(stack.container("redis"), "back")
    return redis.Redis(
        host=address, username=user, password=password, socket_timeout=3, protocol=2, driver_info=None
    )


def secret(stack: Stack) -> str:
    """The workers' password, read as a worker does."""

    def read() -> str:
        found = stack.containers("web")[0].exec_run(["/usr/bin/cat", "/secrets/redis-password"])
        return str(found.output.decode())

    # An engine that is busy may answer without what the program wrote.
    return eventually(read, what="a worker can read the password")


@pytest.fixture
def worker(stack: Stack) -> Iterator[Any]:
    """Redis as a worker has it."""
    with client(stack, "worker", secret(stack)) as found:
        yield found


@pytest.mark.parametrize(
    "command",
    [
        "CONFIG GET *",
        "CONFIG SET maxmemory 1",
        "FLUSHALL",
        "FLUSHDB",
        "SWAPDB 0 1",
        "KEYS *",
        "SCAN 0",
        "RANDOMKEY",
        "DBSIZE",
        "DEBUG SLEEP 0",
        "SHUTDOWN NOSAVE",
        "SAVE",
        "BGREWRITEAOF",
        "MONITOR",
        "CLIENT LIST",
        "CLIENT KILL TYPE normal",
        "CLIENT PAUSE 1",
        "ACL LIST",
        "ACL SETUSER worker +@all",
        "REPLICAOF 192.0.2.1 6379",
        "SYNC",
        "SLOWLOG GET",
        "LATENCY RESET",
        "MODULE LIST",
        "FUNCTION FLUSH",
        "SCRIPT FLUSH",
        "SCRIPT KILL",
        "MIGRATE 192.0.2.1 6379 tertulia:a 0 100",
        "DUMP tertulia:a",
        "RESTORE tertulia:a 0 x",
        "RENAME tertulia:a tertulia:b",
        "SORT tertulia:a",
        "BLPOP tertulia:a 0",
        "OBJECT FREQ tertulia:a",
    ],
)
def test_a_worker_may_not_touch_the_server_or_look_around(worker: Any, command: str) -> None:
    # DEBUG is refused to everybody who comes over the network, before it is asked who that is.
    with pytest.raises(ResponseError, match=r"no permissions|DEBUG command not allowed"):
        worker.execute_command(*command.split())


@pytest.mark.parametrize(
    "command",
    [
        ("GET", "others"),
        ("SET", "tertuliax", "1"),
        ("XADD", "other:{lobby}:log", "*", "a", "b"),
        ("HGETALL", "socketio"),
        ("DEL", "others"),
        ("PUBLISH", "socketio", "hello"),
        ("SUBSCRIBE", "__keyspace@0__:others"),
        ("PSUBSCRIBE", "*"),
    ],
)
def test_a_worker_keeps_to_its_own_keys_and_channels(worker: Any, command: tuple[str, ...]) -> None:
    with pytest.raises(NoPermissionError):
        worker.execute_command(*command)


@pytest.mark.parametrize(
    "script",
    [
        "return redis.call('GET', 'others')",
        "return redis.call('PUBLISH', 'others', 'hello')",
        "return redis.call('CONFIG', 'GET', '*')",
        "return redis.call('FLUSHALL')",
        "return redis.call('KEYS', '*')",
    ],
)
def test_a_script_may_do_no_more(worker: Any, script: str) -> None:
    with pytest.raises(ResponseError, match=r"ACL failure in script|not allowed from script"):
        worker.execute_command("EVAL", script, 0)


@pytest.mark.parametrize(
    "command",
    [
        ("PING",),
        ("SET", "tertulia:acl", "1", "EX", 5),
        ("INCRBY", "tertulia:acl", 1),
        ("EXPIRE", "tertulia:acl", 5, "NX"),
        ("TTL", "tertulia:acl"),
        ("EXISTS", "tertulia:acl"),
        ("DEL", "tertulia:acl"),
        ("HSET", "tertulia:{a}:acl", "a", "1"),
        ("HSETEX", "tertulia:{a}:acl", "EX", 5, "FIELDS", 1, "a", "1"),
        ("SADD", "tertulia:acl:set", "a"),
        ("ZADD", "tertulia:acl:zset", 1, "a"),
        ("XADD", "tertulia:acl:log", "1-0", "a", "b"),
        ("PUBLISH", "tertulia:anything", "hello"),
        ("EVAL", "redis.call('TIME') return redis.call('HGETALL', KEYS[1])", 1, "tertulia:{a}:acl"),
        ("DEL", "tertulia:{a}:acl", "tertulia:acl:set", "tertulia:acl:zset", "tertulia:acl:log"),
    ],
)
def test_a_worker_may_do_what_rooms_need(worker: Any, command: tuple[object, ...]) -> None:
    worker.execute_command(*command)


def test_workers_find_the_password_that_redis_alone_was_given(stack: Stack) -> None:
    """They are refused, read the file again, and go on; nobody starts them again."""
    workers = stack.containers("web")

    def let_in(worker: Container) -> bool:
        """Signing out is kept in Redis, or refused."""
        with httpx.Client(base_url=f"http://{stack.address(worker, 'back')}:8000") as http:
            http.post("/sign-in", data={"name": "Ana"})
            return http.post("/sign-out").status_code == 303

    stack.compose("up", "--detach", "--no-deps", "redis", REDIS_PASSWORD="another-password")
    eventually(lambda: secret(stack) == "another-password", within=20, what="Redis has the new password")
    eventually(lambda: all(map(let_in, workers)), within=20, what="Redis lets all workers in")
    assert [each.attrs["State"]["StartedAt"] for each in stack.containers("web")] == [
        each.attrs["State"]["StartedAt"] for each in workers
    ]


def test_nobody_else_comes_in_with_the_workers_password(stack: Stack) -> None:
    password = secret(stack)
    for user in (None, "default", "admin"):
        with pytest.raises(AuthenticationError), client(stack, user, password) as found:
            found.ping()


def test_what_a_script_wrote_is_there_after_a_restart(stack: Stack, worker: Any) -> None:
    """Redis reads it from its file as a user of its own, as whom nobody comes in."""
    keys = ["tertulia:acl:one", "tertulia:acl:other"]
    worker.eval("for _, key in ipairs(KEYS) do redis.call('SET', key, 'x') end", 2, *keys)
    stack.container("redis").restart()

    def read() -> bool:
        with client(stack, "worker", secret(stack)) as found:
            assert found.mget(keys) == [b"x", b"x"]
            return bool(found.delete(*keys))

    eventually(read, what="Redis answers")


def test_the_administrator_is_let_in_from_inside_only(stack: Stack) -> None:
    """The password is new at each start and lies where no worker can read it."""
    container = stack.container("redis")
    asked = container.exec_run(["/opt/redis/admin.sh", "ACL", "WHOAMI"])
    assert asked.output.decode().strip() == "admin"
    password = container.exec_run(["/usr/bin/cat", "/run/redis/admin-password"]).output.decode()
    assert len(password) == 48
    assert password != secret(stack)
    for worker in stack.containers("web"):
        assert password not in worker.exec_run(["/usr/bin/grep", "-r", ".", "/secrets"]).output.decode()
        assert password not in str(worker.attrs)
    assert password not in str(container.attrs)
    container.restart()
    assert container.exec_run(["/usr/bin/cat", "/run/redis/admin-password"]).output.decode() != password
