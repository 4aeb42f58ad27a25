"""The containers: all there, healthy, not restarting, within their memory, and as the settings ask."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from doctor.engine import Container, EngineSilent, EngineSlow, Stack, docker, inside
from doctor.findings import Finding, look, ok, skipped, unknown, wrong

RECENT = timedelta(hours=1)
FULL = 0.9
"""The share of a memory limit beyond which little is missing to its end."""

ASK_HEALTH = (
    "import http.client as h, json; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET',"
    " '/health');"
    " a = c.getresponse(); print(a.status, json.loads(a.read()).get('detail', ''))"
)


async def running(stack: Stack) -> Finding:
    """As many containers of each service run as are asked for, and none fails its health check."""
    wanted = {
        name: int(service.get("deploy", {}).get("replicas", 1)) for name, service in stack.services.items()
    }
    return judge_running(wanted, stack.containers)


def judge_running(wanted: Mapping[str, int], containers: Sequence[Container]) -> Finding:
    """`wanted`: how many of each service; more are as good."""
    name = "running"
    if not containers:
        return wrong(name, "none of the chat's containers exists", "Start it: `make up`.")
    found = {service: [each for each in containers if each.service == service] for service in wanted}
    problems = [f"{each.name} is {each.state['Status']}" for each in containers if not each.running] + [
        f"{each.name} is {each.health}"
        for each in containers
        if each.running and each.health not in ("healthy", "")
    ]
    problems += [
        f"{service} has {len(found[service])} of {count} containers"
        for service, count in wanted.items()
        if len(found[service]) < count
    ]
    if problems:
        return wrong(
            name,
            f"{'; '.join(problems)}; expected all running and healthy",
            "`docker compose ps` shows them, `make logs` says why; `make up` starts what is missing,"
            " `docker compose"
            " unpause` what is paused.",
        )
    counts = ", ".join(f"{len(found[service])} {service}" for service in wanted)
    return ok(name, f"{counts}, all running and healthy")


async def restarts(stack: Stack) -> Finding:
    return judge_restarts(stack.containers, datetime.now(UTC))


def judge_restarts(containers: Sequence[Container], now: datetime) -> Finding:
    """A container that Docker had to start again within the last hour has a reason that should be known."""
    name = "restarts"
    again = []
    for each in containers:
        ago = now - started(each)
        if each.restarts and ago < RECENT:
            killed = ", once for its memory" if each.state.get("OOMKilled") else ""
            again.append(
                f"{each.name} {each.restarts} times, last {ago.total_seconds() / 60:.0f} min ago{killed}"
            )
    if again:
        return wrong(
            name,
            f"started again by Docker: {'; '.join(again)}; expected none within an hour",
            "`make logs` shows what it said last; if it was killed for its memory, raise its limit in .env.",
        )
    return ok(name, "none within the last hour")


def started(container: Container) -> datetime:
    """When it last started; Docker's time has nanoseconds, Python's microseconds."""
    seconds = re.sub(r"\.\d+", "", str(container.state["StartedAt"])).replace("Z", "+00:00")
    return datetime.fromisoformat(seconds)


async def memory(stack: Stack) -> Finding:
    """What each container takes of the memory that it may."""
    ids = [each.id for each in stack.containers if each.running]
    if not ids:
        return unknown("memory", "no container runs")
    try:
        lines = (await docker("stats", "--no-stream", "--format", "json", *ids)).splitlines()
    except EngineSilent as silent:
        return unknown("memory", str(silent))
    rows = [json.loads(line) for line in lines if line.strip()]
    shares = {
        row["Name"]: float(row["MemPerc"].rstrip("%")) / 100 for row in rows if row["MemPerc"].endswith("%")
    }
    return judge_memory(shares)


def judge_memory(shares: Mapping[str, float]) -> Finding:
    """The share of its limit that each container takes, 0 to 1."""
    if full := [f"{name} {share:.0%}" for name, share in shares.items() if share > FULL]:
        return wrong(
            "memory",
            f"close to the limit: {', '.join(full)}; expected at most {FULL:.0%}. Beyond it the container"
            " is killed",
            "Raise WEB_MEMORY, NGINX_MEMORY or REDIS_MEMORY in .env and run `make up`, or add workers.",
        )
    name, most = max(shares.items(), key=lambda each: each[1])
    return ok("memory", f"at most {most:.0%} of its limit ({name})")


async def ready(stack: Stack) -> Finding:
    """Each worker by itself, past nginx: it reaches Redis and hears its own broadcast. Docker asks the same,
    and takes half a minute to say so."""
    said: dict[str, str] = {}
    workers = [each for each in stack.of("web") if each.running]
    for worker in workers:
        try:
            said[worker.name] = await inside(worker, "/usr/local/bin/python", "-c", ASK_HEALTH)
        except EngineSlow as slow:
            return unknown("workers ready", str(slow))
        except EngineSilent as silent:
            said[worker.name] = str(silent)
    if not said and stack.on_a_swarm:
        return skipped("workers ready", "none runs on this host")
    return judge_ready(said)


def judge_ready(said: Mapping[str, str]) -> Finding:
    """What each worker answered: its status and its reason."""
    if not said:
        return wrong("workers ready", "no worker runs", "Start the chat: `make up`.")
    if sick := [f"{name}: {answer.strip()}" for name, answer in said.items() if not answer.startswith("200")]:
        return wrong(
            "workers ready",
            f"{'; '.join(sick)}; expected 200",
            "`docker compose ps` and `make logs`; a worker that is cut off from Redis is mended by"
            " starting it anew:"
            " `docker rm --force …`, then `make up`; a Swarm starts another one.",
        )
    return ok("workers ready", f"each of {len(said)} reaches Redis and hears its own broadcast")


async def applied(stack: Stack) -> Finding:
    """The containers were made with the settings as they are now."""
    try:
        lines = (await docker("compose", "config", "--hash", "*")).splitlines()
    except EngineSilent as silent:
        return unknown("settings", str(silent))
    return judge_applied(dict(line.split(maxsplit=1) for line in lines), stack.containers)


def judge_applied(wanted: Mapping[str, str], containers: Sequence[Container]) -> Finding:
    """`wanted`: Compose's digest of each service's settings."""
    old = [each.name for each in containers if each.settings_hash != wanted.get(each.service, "").strip()]
    if old:
        return look(
            "settings",
            f"{', '.join(old)} {'runs' if len(old) == 1 else 'run'} with other settings than .env and"
            " docker-compose.yml have now",
            "`make up` applies them.",
        )
    return ok("settings", "all containers run with those of .env and docker-compose.yml")
