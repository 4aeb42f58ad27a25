"""What the relay needs of Redis is asked for, and what it uses is what it asks for."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
import relay.redis
from relay.redis.connector import connector
from relay.redis.names import Names
from relay.redis.needs import WrongRedis, check_needs

from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, array, bulk

FOLDER = Path(str(files(relay.redis)))
SCRIPTS = "".join(file.read_text() for file in FOLDER.glob("*.lua"))
MODULES = "".join(file.read_text() for file in FOLDER.rglob("*.py"))
NOT_ASKED = {"LATENCY", "OOM"}
"""The former is for metrics alone. The latter is no command."""
ONLY_MIGRATING = {"RENAME", "SCAN", "TYPE"}
"""An administrator runs them."""


class Server:
    """Has every command but these, and says this of itself."""

    def __init__(self, *lacking: str, info: str = "redis_version:8.0.6\r\nredis_mode:standalone\r\n") -> None:
        self.lacking, self.info = lacking, info
        self.tried: list[str] = []
        self.down = False
        self.history = b"# Replication\r\nmaster_replid:64ded620ba9445e2e7f9e2377b8f84436cd3b640\r\n"

    async def answer(self, visitor: Visitor, commands: list[Command]) -> None:
        for name, *words in commands:
            visitor.say(self._reply(name.decode(), [word.decode() for word in words]))

    def _reply(self, name: str, words: list[str]) -> bytes:
        self.tried.append(name)
        if name == "INFO":
            return bulk(self.history if words == ["replication"] else self.info.encode())
        if name == "EVAL" and self.down:
            return b"-CLUSTERDOWN The cluster is down\r\n"
        if name == "EVAL":
            return array(*(self._tried(command) for command in _commands(words[2:])))
        return b"-ERR unknown command '%s'\r\n" % name.encode() if name in self.lacking else b"+OK\r\n"

    def _tried(self, command: list[str]) -> bytes:
        self.tried.append(command[0])
        return b"ERR Unknown Redis command called from script" if command[0] in self.lacking else b""


def _commands(words: list[str]) -> list[list[str]]:
    commands = []
    while words:
        size = int(words[0])
        commands.append(words[1 : 1 + size])
        words = words[1 + size :]
    return commands


async def ask(server: Server, *, in_cluster: bool = False, replicas: int = 0) -> None:
    async with FakeRedis(server.answer) as redis:
        connect = connector(
            redis.url,
            check=lambda: check_needs(Names("test:"), "here:6379", in_cluster=in_cluster, replicas=replicas),
        )
        (await connect(lambda _: None, lambda _: None)).close()


async def test_all_that_is_used_is_asked_for() -> None:
    server = Server(info="redis_version:8.0.6\r\nredis_mode:cluster\r\n")
    await ask(server, in_cluster=True, replicas=1)
    used = {
        *re.findall(r"(?:redis\.p?call|each|free)\('([A-Z]+)'", SCRIPTS),
        *re.findall(r"\(\"([A-Z_]{3,})\"", MODULES),
    }
    assert {"HSETEX", "XRANGE", "HDEL", "SUNSUBSCRIBE", "EVALSHA_RO", "WAITAOF", "CLUSTER"} <= used | {
        "EVALSHA_RO"
    }
    assert used - NOT_ASKED - ONLY_MIGRATING <= set(server.tried)


async def test_what_is_lacking_is_named_with_the_version() -> None:
    old = Server("HSETEX", "HPTTL", info="redis_version:7.2.4\r\nredis_mode:standalone\r\n")
    with pytest.raises(
        WrongRedis, match=r"here:6379 is Redis 7\.2\.4, which has no HSETEX, HPTTL\. Expected"
    ):
        await ask(old)
    valkey = Server(
        "HSETEX", info="redis_version:7.2.4\r\nvalkey_version:8.1.0\r\nserver_mode:standalone\r\n"
    )
    with pytest.raises(WrongRedis, match=r"is Valkey 8\.1\.0, which has no HSETEX\."):
        await ask(valkey)


async def test_a_redis_that_answers_its_own_machine_only_is_named_with_what_to_do() -> None:
    """No right of a user would help."""

    async def refuse(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"-DENIED Redis is running in protected mode because protected mode is enabled.\r\n")

    server = Server()
    server.answer = refuse  # type: ignore[method-assign]
    with pytest.raises(
        WrongRedis, match=r"here:6379 has no password.*requirepass.*--protected-mode no"
    ) as wrong:
        await ask(server)
    assert "ACL" not in str(wrong.value)


async def test_waiting_for_replicas_is_needed_only_where_it_is_asked_for() -> None:
    info = "redis_version:7.0.0\r\nredis_mode:cluster\r\n"
    await ask(Server("WAITAOF", info=info), in_cluster=True)
    with pytest.raises(WrongRedis, match="has no WAITAOF"):
        await ask(Server("WAITAOF", info=info), in_cluster=True, replicas=1)


@pytest.mark.parametrize("says", ["redis_mode", "server_mode"])
async def test_a_url_of_another_mode_is_noticed(says: str) -> None:
    """Valkey has another word for it."""
    alone, node = (
        Server(info=f"redis_version:8.0.6\r\n{says}:{mode}\r\n") for mode in ("standalone", "cluster")
    )
    await ask(alone)
    await ask(node, in_cluster=True)
    with pytest.raises(WrongRedis, match="is one Redis alone"):
        await ask(alone, in_cluster=True)
    with pytest.raises(WrongRedis, match="is a node of a cluster"):
        await ask(node)


async def test_a_sentinel_is_no_redis() -> None:
    with pytest.raises(WrongRedis, match="is a Sentinel"):
        await ask(Server(info="redis_version:8.0.6\r\nredis_mode:sentinel\r\n"))


async def test_a_node_that_does_not_say_its_replication_id_can_not_number_entries() -> None:
    server = Server(info="redis_version:8.0.6\r\nredis_mode:cluster\r\n")
    server.history = b"# Replication\r\nrole:master\r\n"
    with pytest.raises(WrongRedis, match="does not say its replication id"):
        await ask(server, in_cluster=True)


async def test_a_cluster_that_is_not_whole_yet_is_not_the_wrong_one() -> None:
    server = Server(info="redis_version:8.0.6\r\nredis_mode:cluster\r\n")
    server.down = True
    with pytest.raises(Exception, match="cluster is down") as error:
        await ask(server, in_cluster=True)
    assert not isinstance(error.value, WrongRedis)
