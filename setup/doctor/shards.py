"""The shards of a Redis Cluster as the workers see them: all are there, with enough replicas."""

import re
from collections.abc import Sequence

from doctor.engine import EngineSilent, Stack, inside
from doctor.findings import Finding, look, ok, unknown, wrong

ASK_METRICS = (
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4);"
    " c.request('GET', '/metrics'); print(c.getresponse().read().decode())"
)
SAMPLE = re.compile(r'^tertulia_(\w+?)(?:\{shard="([^"]+)"\})? ([0-9.e+]+)$', re.MULTILINE)

Samples = dict[tuple[str, str], float]
"""By the name without its beginning and the shard's address; empty where it is of none."""
CHECK = "`redis-cli --cluster check` at any node shows what each one thinks."


async def shards(stack: Stack) -> list[Finding]:
    """Nothing on one Redis. As each worker here says."""
    said = []
    for worker in stack.of("web"):
        if worker.running:
            try:
                said.append(samples(await inside(worker, "/usr/local/bin/python", "-c", ASK_METRICS)))
            except EngineSilent as silent:
                return [unknown("shards", str(silent))]
    of_a_cluster = [each for each in said if ("slots_missing", "") in each]
    return judge_shards(of_a_cluster) if of_a_cluster else []


def samples(metrics: str) -> Samples:
    """Return what a worker's metrics say of the cluster."""
    return {(name, shard): float(value) for name, shard, value in SAMPLE.findall(metrics)}


def judge_shards(said: Sequence[Samples]) -> list[Finding]:
    """By what each worker says."""
    known = sorted({shard for each in said for name, shard in each if name == "shard_away"})
    away = [shard for shard in known if any(each.get(("shard_away", shard)) for each in said)]
    missing = max(int(each["slots_missing", ""]) for each in said)
    wanted = max(int(each["replicas_wanted", ""]) for each in said)
    have = {
        shard: int(
            min(each.get(("shard_replicas", shard), 0) for each in said if ("shard_away", shard) in each)
        )
        for shard in known
    }
    return [judge_away(known, away), judge_slots(missing), judge_replicas(wanted, have)]


def judge_away(known: Sequence[str], away: Sequence[str]) -> Finding:
    if away or not known:
        which = ", ".join(away) or "all of them"
        return wrong(
            "shards",
            f"away for workers here: {which}, of {len(known)}; their rooms are unavailable",
            f"Start a node of the shard, or look at the network between. {CHECK}",
        )
    return ok("shards", f"workers here hear themselves through each of {len(known)}: {', '.join(known)}")


def judge_slots(missing: int) -> Finding:
    if missing:
        return wrong(
            "slots",
            f"{missing} of 16384 hash slots have no primary; their rooms are unavailable",
            f"`redis-cli --cluster fix` gives them one. {CHECK}",
        )
    return ok("slots", "each has a primary")


def judge_replicas(wanted: int, have: dict[str, int]) -> Finding:
    """`wanted`: how many have to confirm each message. `have`: how many each shard has."""
    said = ", ".join(f"{count} at {shard}" for shard, count in have.items())
    if wanted == 0:
        return look(
            "replicas",
            f"{said}, and none has to confirm a message: a primary that is lost takes its last ones along",
            "Set REDIS_REPLICAS=1.",
        )
    if min(have.values(), default=0) < wanted:
        return wrong(
            "replicas",
            f"{said}; expected {wanted} or more: where there are fewer, no message is taken",
            f"Start the replicas that are down. {CHECK}",
        )
    if min(have.values()) == wanted:
        return look(
            "replicas",
            f"{said}, as many as have to confirm a message: where one more is lost, none is taken",
            "Start the replicas that are down, or have one more for each shard.",
        )
    return ok("replicas", f"{said}; {wanted} have to confirm each message")
