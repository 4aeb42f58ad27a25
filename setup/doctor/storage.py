"""Redis and its disk: what was acknowledged is kept, and there is room for more."""

import re
from collections.abc import Mapping

from doctor.engine import REPOSITORY, Container, EngineSilent, EngineSlow, inside
from doctor.findings import Finding, look, ok, skipped, unknown, wrong

# Reads only. Redis may accept and never answer, so every call has an end.
ASK = """
ask() {
  timeout 3 /opt/redis/admin.sh -e -t 2 "$@"
  status=$?
  [ $status != 124 ] || echo "it takes the connection and is silent for 3 s" >&2
  return $status
}
for section in server memory persistence; do ask INFO $section || exit; done
ask CONFIG GET appendonly appendfsync maxmemory maxmemory-policy | paste -d: - -
"""
SPARE = 1 << 30
"""Bytes that should be free on the disk, or as many as the log has: Redis rewrites it beside itself."""
NEARLY, FULL = 0.75, 0.9
"""Shares of the memory that Redis may fill: time to think, time to act."""

Values = Mapping[str, str]


async def redis(container: Container) -> tuple[Values, Finding]:
    """What Redis says of itself, and whether it said anything."""
    name = "answers"
    try:
        values = parse(await inside(container, "/bin/sh", "-c", ASK, timeout=20))
    except EngineSlow as slow:
        return {}, unknown(name, str(slow))
    except EngineSilent as silent:
        return {}, wrong(
            name,
            f"Redis gives no answer: {silent}. Nothing can be said in the chat meanwhile",
            "`make logs` says what it does: loading its file, waiting for the disk, paused? If it hangs:"
            " `docker compose restart redis`.",
        )
    return values, ok(name, f"Redis {values.get('redis_version', '?')} answers")


def parse(text: str) -> dict[str, str]:
    """`name:value` lines, as INFO has them."""
    return dict(line.strip().split(":", 1) for line in text.splitlines() if ":" in line)


def expected_settings() -> dict[str, str]:
    """What redis/redis.conf sets of what decides whether messages are kept."""
    names = "appendonly|appendfsync|maxmemory-policy"
    return dict(re.findall(rf"^({names}) (\S+)", (REPOSITORY / "redis/redis.conf").read_text(), re.MULTILINE))


LOST = {
    "appendonly": "what was acknowledged is lost when Redis stops",
    "appendfsync": "what was acknowledged can be lost when the machine stops",
    "maxmemory-policy": "a full Redis drops what was kept",
}


def judge_durability(values: Values, expected: Mapping[str, str]) -> list[Finding]:
    """One finding for each setting that decides whether messages are kept."""
    findings = []
    for name, right in expected.items():
        value = values.get(name)
        if value == right:
            findings.append(ok(name, right))
        elif value is None:
            findings.append(unknown(name, "Redis does not tell it"))
        else:
            findings.append(
                wrong(
                    name,
                    f"{value}; expected {right}: {LOST[name]}",
                    "Somebody changed it while Redis ran; `docker compose restart redis`, or on a Swarm"
                    " `docker service update --force` of its service, brings back redis/redis.conf.",
                )
            )
    return findings


def judge_writes(values: Values) -> Finding:
    """The last writes to the log went well."""
    checks = {
        "aof_last_write_status": "the last write to the log",
        "aof_last_bgrewrite_status": "the last rewrite of the log",
    }
    if values.get("loading") == "1":
        return wrong("writes", "Redis is still loading its log", "Wait; a large log takes some minutes.")
    if failed := [what for name, what in checks.items() if values.get(name, "ok") != "ok"]:
        return wrong(
            "writes",
            f"{' and '.join(failed)} failed",
            "Look for a full or broken disk: `df -h`, `dmesg`, `docker compose logs redis`.",
        )
    return ok("writes", "the last write and the last rewrite of the log went well")


def judge_memory(values: Values, limit: int) -> Finding:
    """How full Redis is of what it may hold. `limit`: the container's, in bytes, 0 for none."""
    name = "room for messages"
    try:
        used, most = int(values["used_memory"]), int(values["maxmemory"])
    except (KeyError, ValueError):
        return unknown(name, "Redis does not tell how much memory it takes")
    if most == 0:
        return wrong(
            name,
            "Redis has no limit of its own (maxmemory 0): it grows until the container is killed",
            "Set REDIS_MAXMEMORY in .env, with REDIS_MEMORY a third above it, and run `make up`.",
        )
    share = used / most
    said = f"{amount(used)} of {amount(most)} are used ({share:.0%})"
    advice = (
        "Raise REDIS_MEMORY and REDIS_MAXMEMORY in .env and run `make up`, or let KEEP_MESSAGES bound the"
        " rooms."
    )
    if share > FULL:
        return wrong(
            name, f"{said}; expected at most {FULL:.0%}. When it is full, new messages are refused", advice
        )
    if share > NEARLY:
        return look(name, f"{said}", advice)
    if limit and limit < most * 4 / 3:
        return look(
            name,
            f"Redis may fill {amount(most)} of its container's {amount(limit)}; its reserve and a rewrite of"
            " the log need a third more, and the container is killed when it does not get that",
            "Set REDIS_MEMORY in .env to a third more than REDIS_MAXMEMORY, and run `make up`.",
        )
    return ok(name, said)


async def disk(container: Container, values: Values) -> Finding:
    """The disk under the volume."""
    if not values:
        return skipped("disk", "Redis does not answer")
    try:
        lines = (await inside(container, "/bin/df", "-P", "-B1", "/data")).splitlines()
        _, total, _, free, *_ = lines[-1].split()
    except (EngineSilent, ValueError, IndexError) as error:
        return unknown("disk", f"the space under /data cannot be read ({error})")
    return judge_disk(int(total), int(free), int(values.get("aof_current_size", 0)))


def judge_disk(total: int, free: int, log: int) -> Finding:
    """All in bytes; `log`: the size of what Redis wrote."""
    needed = max(SPARE, log)
    said = f"{amount(free)} of {amount(total)} are free where the log ({amount(log)}) is written"
    if free < needed:
        return wrong(
            "disk",
            f"{said}; expected {amount(needed)} for its rewrite. When it is full, new messages are refused",
            "Make room (`docker system df`, `docker image prune`), or move Docker's folder to a larger disk.",
        )
    return ok("disk", said)


async def overcommit(container: Container, values: Values) -> Finding:
    """The host lets Redis fork while it holds most of the memory."""
    if not values:
        return skipped("overcommit", "Redis does not answer")
    try:
        value = await inside(container, "/bin/cat", "/proc/sys/vm/overcommit_memory")
    except EngineSilent as silent:
        return unknown("overcommit", str(silent))
    return judge_overcommit(value.strip())


def judge_overcommit(value: str) -> Finding:
    if value == "1":
        return ok("overcommit", "vm.overcommit_memory is 1")
    return look(
        "overcommit",
        f"vm.overcommit_memory of the host is {value}; expected 1. When memory is short, Redis cannot fork"
        " to rewrite"
        " its log or to be backed up",
        "sysctl vm.overcommit_memory=1, and the same in /etc/sysctl.d to stay.",
    )


def amount(size: float) -> str:
    for unit, bytes in (("GB", 2**30), ("MB", 2**20)):
        if size >= bytes:
            return f"{size / bytes:.1f} {unit}"
    return f"{size / 2**10:.0f} kB"
