"""What the relay needs of Redis: commands, rights, and that a URL leads to what it says. Each node is asked
once, when a worker starts; see examination.py.

Each command is tried on a key of its own, which is gone afterwards. Redis looks first whether it has a
command, and whether the user may run it. So whatever else it answers, for example that another node has the
key, or that it has no memory left, tells that it has the command and that the user may run it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from redis.exceptions import ResponseError

from relay.redis.connector import Dialogue
from relay.redis.names import Names

EXPECTED = "Redis 8 or newer, or Valkey 9 or newer"


UNKNOWN, DENIED = "unknown", "no permissions"
"""What Redis says, among other words, of a command that it does not have, and of one that a user may not run,
or not on these keys or channels."""

PROTECTED = "protected mode"
"""What it says, among other words, to whoever connects from another machine while there is no password."""


class WrongRedis(Exception):
    """Redis is not what the relay needs, and waiting does not help. The words say what is wrong, what was
    expected, and what to do."""


def check_needs(names: Names, place: str, *, in_cluster: bool, replicas: int) -> Dialogue[None]:
    """Ask a node for all that the relay needs of it. `place`: its address, for people. Raises WrongRedis."""
    what = yield from _kind(place, in_cluster=in_cluster)
    refused = yield from _refused(names, in_cluster=in_cluster, replicas=replicas)
    lacking = [command for command, error in refused if UNKNOWN in error.lower()]
    if lacking:
        raise WrongRedis(
            f"{place} is {what}, which has no {', '.join(lacking)}. Expected is {EXPECTED}. If it is, it was "
            "told to do without (rename-command)."
        )
    for command, error in refused:
        if DENIED in error.lower():
            raise WrongRedis(
                f"The Redis user may not do what the relay needs. {place} refuses {command}: {error} Give "
                f"the user this right (ACL SETUSER). Keys and channels begin with {names.prefix!r}."
            )
        if "appendonly is disabled" in error:
            raise WrongRedis(
                f"{place} keeps no append-only file, so no replica can confirm what is on disk. Set "
                "`appendonly yes` and `appendfsync always` on every node, or ask for no replicas."
            )


def _kind(place: str, *, in_cluster: bool) -> Dialogue[str]:
    """Return which Redis it is. Raises WrongRedis if it is of another mode."""
    try:
        said = (yield ("INFO", "server")).decode()
    except ResponseError as error:
        if PROTECTED in str(error):
            raise WrongRedis(
                f"{place} has no password, and so answers only programs on its own machine (protected mode). "
                "Give it one (requirepass), and the URL too: redis://:password@host:port. Where nobody else "
                "reaches it, start it with `--protected-mode no` instead."
            ) from error
        raise WrongRedis(f"{place} refuses INFO: {error} Give the user this right (ACL SETUSER).") from error
    info = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    mode = info.get("redis_mode") or info.get("server_mode")  # the latter in Valkey
    if mode == "sentinel":
        raise WrongRedis(
            f"{place} is a Sentinel. Expected is the address of Redis itself; Sentinel is not used."
        )
    if in_cluster and mode == "standalone":
        raise WrongRedis(
            f"The URL is one of a cluster, and {place} is one Redis alone. Begin the URL with redis:// "
            "(rediss:// for TLS), or set `cluster-enabled yes` and create the cluster."
        )
    if mode == "cluster" and not in_cluster:
        raise WrongRedis(
            f"The URL is one of one Redis, and {place} is a node of a cluster. Begin the URL with "
            "redis+cluster:// (rediss+cluster:// for TLS)."
        )
    if in_cluster and b"\nmaster_replid:" not in (yield ("INFO", "replication")):
        raise WrongRedis(
            f"{place} does not say its replication id (INFO replication), with which epochs end in a "
            f"cluster. Expected is {EXPECTED}."
        )
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info.get('redis_version', 'of an unknown version')}"


def _refused(names: Names, *, in_cluster: bool, replicas: int) -> Dialogue[list[tuple[str, str]]]:
    """Return the commands that are refused, each with the error."""
    refused: list[tuple[str, str]] = []
    tried = _in_scripts(names)
    words = [word for command in tried for word in (str(len(command)), *command)]
    try:
        errors = yield ("EVAL", files(__package__).joinpath("try.lua").read_text(), "0", *words)
    except ResponseError as error:
        if not _tells(str(error)):  # a node that is in no whole cluster yet, for example
            raise
        refused.append(("EVAL", str(error)))
    else:
        found = zip(tried, (error.decode() for error in errors), strict=True)
        refused += [(_name(command), error) for command, error in found if error]
    for command in _by_themselves(names, in_cluster=in_cluster, replicas=replicas):
        try:
            yield command
        except ResponseError as error:
            refused.append((_name(command), str(error)))
    return refused


def _in_scripts(names: Names) -> Sequence[tuple[str, ...]]:
    key, channel = f"{names.partition(0).tagged}trial", f"{names.prefix}trial"
    return (
        ("SET", key, "1", "EX", "1"),
        *((name, key) for name in ("GET", "INCR", "DECR", "TTL", "PERSIST", "EXISTS")),
        ("EXPIRE", key, "1"),
        ("DEL", key),
        ("HSET", key, "a", "1"),
        ("HSETEX", key, "EX", "1", "FIELDS", "1", "a", "1"),
        ("HPTTL", key, "FIELDS", "1", "a"),
        ("HINCRBY", key, "b", "1"),
        ("HRANDFIELD", key, "1"),
        *((name, key, "a") for name in ("HGET", "HMGET", "HEXISTS", "HDEL")),
        *((name, key) for name in ("HGETALL", "HKEYS", "HLEN")),
        *((name, key, "a") for name in ("SADD", "SISMEMBER", "SREM")),
        *((name, key) for name in ("SCARD", "SMEMBERS")),
        ("ZADD", key, "1", "a"),
        *((name, key, "a") for name in ("ZSCORE", "ZMSCORE")),
        ("ZRANGE", key, "0", "-1"),
        ("ZREMRANGEBYSCORE", key, "2", "3"),
        ("ZREMRANGEBYRANK", key, "1", "1"),
        ("ZREM", key, "a"),
        ("XADD", key, "1-0", "a", "1"),
        ("XLEN", key),
        ("XRANGE", key, "-", "+"),
        ("XREVRANGE", key, "+", "-"),
        ("XINFO", "STREAM", key),
        ("XDEL", key, "1-0"),
        ("UNLINK", key),
        ("PUBLISH", channel, ""),
        ("SPUBLISH", channel, ""),
        ("TIME",),
        ("INFO", "memory"),
    )


def _by_themselves(names: Names, *, in_cluster: bool, replicas: int) -> Sequence[tuple[str, ...]]:
    """Return what no script may do."""
    channel = f"{names.prefix}trial"
    script = "return 0"
    unknown = "0" * 40
    return (
        ("EVALSHA", unknown, "0"),
        ("EVALSHA_RO", unknown, "0"),
        ("EVAL_RO", script, "0"),
        ("MULTI",),
        ("EXEC",),
        ("SUBSCRIBE", channel),
        ("UNSUBSCRIBE", channel),
        ("SSUBSCRIBE", channel),
        ("SUNSUBSCRIBE", channel),
        *([("CLUSTER", "NODES")] if in_cluster else []),
        *([("WAIT", "0", "0"), ("WAITAOF", "1", "0", "100")] if replicas else []),
    )


def _tells(error: str) -> bool:
    return UNKNOWN in error.lower() or DENIED in error.lower()


def _name(command: tuple[str, ...]) -> str:
    return " ".join(command[:2]) if command[0] in ("CLUSTER", "XINFO") else command[0]
