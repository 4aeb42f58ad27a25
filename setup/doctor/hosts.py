"""The hosts of a Swarm: all are there, and everything runs where it should."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

import httpx

from doctor.address import PATIENCE, Address, tls_context
from doctor.door import CLOCK
from doctor.findings import Finding, look, ok, unknown, wrong
from doctor.swarm import Host, Service, Swarm

OLDEST = 25
"""The oldest Docker that knows all that stack.yml says (`start_interval`)."""
LIVE = "/health/live"


async def looked_over(swarm: Swarm, address: Address) -> list[Finding]:
    """All of it. `address`: of the chat on this host, whose scheme and port each host has."""
    return [
        judge_hosts(swarm.hosts),
        judge_managers(swarm.hosts),
        judge_engines(swarm.hosts),
        *await answers(swarm.hosts, address),
        judge_tasks(swarm),
        judge_spread(swarm),
        *judge_places(swarm),
        judge_liveness(swarm.services),
        judge_updates(swarm.services),
    ]


def judge_hosts(hosts: Sequence[Host]) -> Finding:
    """Each is ready. One that is drained is so on purpose."""
    if lost := [f"{each.name} is {each.state}" for each in hosts if each.state != "ready"]:
        return wrong(
            "hosts",
            f"{', '.join(lost)}, of {len(hosts)} hosts",
            "Start it, or mend its network. If it is gone for good: `docker node rm --force …`.",
        )
    if aside := [f"{each.name} ({each.availability})" for each in hosts if not each.takes_tasks]:
        return look(
            "hosts",
            f"all {len(hosts)} are ready, but take nothing new: {', '.join(aside)}",
            "`docker node update --availability active …` when they may again.",
        )
    return ok("hosts", f"all {len(hosts)} are ready: {', '.join(each.name for each in hosts)}")


def judge_managers(hosts: Sequence[Host]) -> Finding:
    """Managers decide by majority."""
    managers = [each for each in hosts if each.manager]
    if silent := [each.name for each in managers if not each.reachable]:
        return wrong(
            "managers",
            f"{', '.join(silent)} cannot be reached by the others, of {len(managers)}",
            "Start it, or open port 2377 between the hosts. When most are lost nothing can be changed.",
        )
    spare = (len(managers) - 1) // 2
    said = f"{len(managers)} of {len(hosts)} hosts; {spare} may be lost"
    if spare == 0 or len(managers) % 2 == 0:
        return look(
            "managers",
            said,
            "Have three or five: `docker node promote …`. An even number stands no more than one less.",
        )
    return ok("managers", said)


def judge_engines(hosts: Sequence[Host]) -> Finding:
    """An older one does not know all that stack.yml says."""
    versions = {each.name: each.engine for each in hosts}
    old = [f"{name} has {version}" for name, version in versions.items() if _major(version) < OLDEST]
    if old:
        return wrong("Docker", f"{', '.join(old)}; expected {OLDEST} or newer", "Update Docker there.")
    return ok("Docker", ", ".join(sorted(set(versions.values()))))


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isdigit() else OLDEST


async def answers(hosts: Sequence[Host], address: Address) -> list[Finding]:
    """What each host's own nginx says."""
    there = [each for each in hosts if each.takes_tasks]
    asked = await asyncio.gather(*(ask(each, address) for each in there))
    said = {each.name: answer for each, answer in zip(there, asked, strict=True)}
    return [judge_answers(said), judge_clocks(said)]


async def ask(host: Host, address: Address) -> tuple[str, float | None]:
    """What is wrong with a host's answer to GET /health, and by how many seconds its clock is ahead."""
    own = Address(address.scheme, host.address, address.port)
    try:
        async with httpx.AsyncClient(
            verify=tls_context(verify=False), timeout=PATIENCE, trust_env=False
        ) as http:
            answer = await http.get(f"{own.origin}/health", headers={"Host": address.host})
            now = time.time()
    except httpx.HTTPError as error:
        return f"no answer at {own.origin} ({type(error).__name__})", None
    trouble = "" if answer.status_code == 200 else f"{answer.status_code} at {own.origin}"
    try:
        return trouble, parsedate_to_datetime(answer.headers["date"]).timestamp() - now
    except (KeyError, ValueError):
        return trouble, None


def judge_answers(said: Mapping[str, tuple[str, float | None]]) -> Finding:
    if silent := [f"{name}: {trouble}" for name, (trouble, _) in said.items() if trouble]:
        return wrong(
            "each host",
            f"{'; '.join(silent)}; expected that /health of each answers 200",
            "`docker stack ps tertulia` shows what runs there and why something does not. People who come to"
            " that host are not served.",
        )
    return ok("each host", f"/health answers 200 on each of {len(said)}")


def judge_clocks(said: Mapping[str, tuple[str, float | None]]) -> Finding:
    ahead = {name: seconds for name, (_, seconds) in said.items() if seconds is not None}
    if not ahead:
        return unknown("clocks", "no host says what time it is")
    if wrong_ones := [f"{name} by {abs(s):.0f} s" for name, s in ahead.items() if abs(s) > CLOCK]:
        return wrong(
            "clocks",
            f"other than here: {', '.join(wrong_ones)}; expected at most {CLOCK:g} s",
            "Let each host take its time from the network: `timedatectl set-ntp true`.",
        )
    return ok("clocks", f"those of {len(ahead)} hosts are as the one here")


def judge_tasks(swarm: Swarm) -> Finding:
    """As many tasks of each service run as should."""
    names = {each.id: each.name for each in swarm.hosts}
    problems, counts = [], []
    for service in swarm.services:
        tasks = swarm.tasks_of(service)
        places = sum(each.takes_tasks and service.may_run_on(each) for each in swarm.hosts)
        wanted = places if service.wanted is None else service.wanted
        running = [each for each in tasks if each.state == "running"]
        if wanted:
            counts.append(f"{len(running)} {service.name}")
        if len(running) < wanted:
            why = {
                f"{names.get(each.host, 'no host')}: {each.error or each.state}"
                for each in tasks
                if each.state != "running"
            }
            problems.append(
                f"{service.name} has {len(running)} of {wanted} ({'; '.join(sorted(why)) or 'none'})"
            )
    if problems:
        return wrong(
            "tasks",
            "; ".join(problems),
            "`docker stack ps --no-trunc tertulia` has the whole reason, and `docker service logs` what it"
            " said last.",
        )
    return ok("tasks", f"{', '.join(counts)} run")


def judge_spread(swarm: Swarm) -> Finding:
    """The workers are spread evenly over the hosts that take tasks."""
    found = [each for each in swarm.services if each.name == "web"]
    if not found:
        return unknown("workers spread", "the stack has no service `web`")
    running = Counter(each.host for each in swarm.tasks_of(found[0]) if each.state == "running")
    on = {each.name: running[each.id] for each in swarm.hosts if each.takes_tasks}
    said = ", ".join(f"{count} on {name}" for name, count in on.items())
    if on and max(on.values()) - min(on.values()) > 1:
        return look(
            "workers spread",
            f"{said}: a host that is lost takes more of them along than it needs to",
            "`docker service update --force tertulia_web` spreads them, one after the other.",
        )
    return ok("workers spread", said)


def judge_places(swarm: Swarm) -> list[Finding]:
    """What keeps data runs on hosts with a label: one Redis on exactly one, a shard's nodes on several."""
    findings: dict[str, Finding] = {}
    for service in swarm.services:
        have = [each.name for each in swarm.hosts if service.may_run_on(each)]
        label = ", ".join(f"{name}={value}" for name, value in service.labels.items())
        if label and service.wanted == 1:
            findings[service.name] = judge_place(service.name, label, have)
        elif label and service.wanted != 0:
            findings["shards"] = judge_places_of_shards(label, have)
    return [*findings.values()]


def judge_place(service: str, label: str, have: Sequence[str]) -> Finding:
    """`have`: the hosts with the label."""
    name = f"place of {service}"
    advice = f"`docker node update --label-add {label} …` on the host that has its volume, and on no other."
    if len(have) == 1:
        return ok(name, f"{have[0]} alone has the label {label}")
    if not have:
        return wrong(name, f"no host has the label {label}, so it runs nowhere", advice)
    names = " and ".join(have)
    return wrong(name, f"{names} have the label {label}: it may start on a host without its data", advice)


def judge_places_of_shards(label: str, have: Sequence[str]) -> Finding:
    """`have`: the hosts with the label. Each has a node of every shard."""
    name, advice = "place of shards", f"`docker node update --label-add {label} …`, best on three hosts."
    if not have:
        return wrong(name, f"no host has the label {label}, so no Redis runs", advice)
    said = f"{', '.join(have)} {'has' if len(have) == 1 else 'have'} the label {label}"
    if len(have) < 3:
        return look(name, f"{said}: where one is lost, no majority is left to replace its primaries", advice)
    return ok(name, said)


def judge_liveness(services: Sequence[Service]) -> Finding:
    """Swarm ends what is unhealthy. An outage of Redis must not become one of all workers."""
    for service in services:
        if service.name == "web":
            asked = " ".join((service.container.get("Healthcheck") or {}).get("Test") or ())
            if LIVE in asked:
                return ok("liveness", f"workers are asked for {LIVE}")
            return wrong(
                "liveness",
                f"the workers' health check is {asked or 'none'!r}; expected one that asks for {LIVE}: while"
                " Redis is away, Swarm would end all workers",
                "Deploy stack.yml as it is.",
            )
    return unknown("liveness", "the stack has no service `web`")


def judge_updates(services: Sequence[Service]) -> Finding:
    """The last update of each service went through."""
    if failed := [
        f"{each.name}: {each.update.replace('_', ' ')} ({each.update_said})"
        for each in services
        if each.update in ("paused", "rollback_started", "rollback_paused", "rollback_completed")
    ]:
        return wrong(
            "rollout",
            f"the last one did not go through: {'; '.join(failed)}",
            "`docker stack ps --no-trunc tertulia` says why new tasks failed; mend it and deploy again.",
        )
    if under_way := [each.name for each in services if each.update == "updating"]:
        return look("rollout", f"one is under way: {', '.join(under_way)}", "Wait until it is over.")
    return ok("rollout", "none is under way, and the last went through")
