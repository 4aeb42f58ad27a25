"""The examination: which checks there are, in which order they are told, and which wait for others.

A new check is a function that takes the visit, or the stack where it needs the containers, and returns
findings; here it gets its place.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import httpx

from doctor import (
    browsers,
    containers,
    door,
    engine,
    hearing,
    hosts,
    shards,
    storage,
    swarm,
    talking,
    tls,
    versions,
)
from doctor.address import Address, WrongUse, is_loopback, tls_context
from doctor.engine import Container, EngineSilent, Stack
from doctor.findings import Finding, Outcome, skipped, unknown, wrong
from doctor.report import Area
from doctor.visit import Visit

LIMIT = 30.0
"""Seconds that a check may take; those of different areas run side by side."""

Findings = Finding | list[Finding]

DOOR = (door.health, door.clock, door.plain_http, door.access)
BROWSERS = (browsers.headers, browsers.hsts, browsers.cookie, browsers.origins, browsers.metrics)
TALKING = (talking.polling, talking.websockets, hearing.workers)
CONTAINERS = (
    containers.running,
    containers.ready,
    containers.restarts,
    containers.memory,
    containers.applied,
)
ON_A_SWARM = (containers.ready, containers.memory)
"""What can be asked of the containers of one host."""
RELEASE = (versions.page_files, versions.client)
VERSIONS = (versions.packages, versions.images)


class Examination:
    """`url`: where to look; None for the chat of this folder. `code`: the access code, if one was given."""

    def __init__(self, url: str | None, code: str | None) -> None:
        self._url = url
        self._code = code
        self.address: Address

    async def areas(self) -> AsyncIterator[Area]:
        """Give each area's findings as soon as they and those before them are known. Raises WrongUse."""
        visit, first = await self._arrive()
        work: dict[str, Coroutine[Any, Any, list[Finding]]] = {}
        if first[0].outcome is Outcome.OK:
            work["Address"] = run(DOOR, visit)
            work["Browsers"] = run(BROWSERS, visit)
            work["Talking"] = talk(visit)
            work["Release"] = run(RELEASE, visit)
        else:
            work["Address"] = told()
            for title in ("Browsers", "Talking", "Release"):
                work[title] = told(skipped("all of it", "the address does not answer"))
        if visit.swarm:
            work["Hosts"] = hosts.looked_over(visit.swarm, visit.address)
        if visit.stack:
            work["Containers"] = run(ON_A_SWARM if visit.swarm else CONTAINERS, visit.stack)
            work["Redis and its disk"] = keep(visit.stack)
            work["Versions"] = run(VERSIONS, visit.stack)
        else:
            for title in ("Containers", "Redis and its disk", "Versions"):
                work[title] = told(skipped("all of it", visit.why_no_stack))
        tasks = {title: asyncio.create_task(area) for title, area in work.items()}
        for title, task in tasks.items():
            yield title, [*(first if title == "Address" else ()), *await task]

    async def _arrive(self) -> tuple[Visit, list[Finding]]:
        """Find the address and what is behind it, and knock."""
        given = Address.parse(self._url) if self._url else None
        stack, on_hosts, why = None, None, ""
        try:
            stack = await engine.find()
            if not stack.containers and (found := await swarm.find(stack.project)):
                on_hosts, stack = found
        except EngineSilent as silent:
            why = f"Docker gives no answer: {silent}"
        speaks_tls = stack is not None and await engine.speaks_tls(stack)
        self.address = given or own_address(stack, why, speaks_tls)
        certified = await bounded(tls.certificate, self.address) if self.address.tls else []
        trusted = all(each.outcome is not Outcome.WRONG for each in certified)
        visit = Visit(self.address, tls_context(verify=trusted), stack, why)
        knocked = await bounded(door.reachable, visit)
        if given and stack:
            if knocked[0].outcome is Outcome.OK:
                why = await self._elsewhere(visit, stack)
            else:
                why = (
                    "whether the address leads to the containers here cannot be seen; without URL they are"
                    " checked"
                )
            stack, on_hosts = (None, None) if why else (stack, on_hosts)
        # Nobody is told the code but whom it was given for, and the deployment that it is set in.
        code = self._code or (stack.setting("web", "ACCESS_CODE") if stack else "")
        visit = Visit(self.address, visit.context, stack, why, code if trusted else "", on_hosts)
        return visit, [*knocked, *certified]

    async def _elsewhere(self, visit: Visit, stack: Stack) -> str:
        """Why this address is not known to lead to the containers here; empty if it is."""
        nonce = secrets.token_hex(16)
        try:
            async with visit.http() as http:
                await http.get(f"/.well-known/doctor/{nonce}")
            if await engine.leads_here(stack, nonce):
                return ""
        except (httpx.HTTPError, EngineSilent) as error:
            return (
                f"whether {visit.address.origin} leads to the containers here cannot be seen"
                f" ({type(error).__name__})"
            )
        return (
            f"{visit.address.origin} does not lead to containers of this machine; run it on the one that"
            " has them"
        )


def own_address(stack: Stack | None, why: str, speaks_tls: bool = False) -> Address:
    """Where this folder's chat is reached. Raises WrongUse."""
    try:
        if stack is None:
            raise EngineSilent(why)
        host, port = stack.published
    except EngineSilent as silent:
        raise WrongUse(
            f"this folder's chat cannot be found ({silent}); expected a Docker engine that answers, or an"
            " address:"
            " make doctor URL=https://chat.example.org"
        ) from None
    host = "127.0.0.1" if is_loopback(host) or host in ("0.0.0.0", "::") else host
    return Address("https" if speaks_tls else "http", host, port)


async def told(*findings: Finding) -> list[Finding]:
    """An area whose findings are known without looking."""
    return list(findings)


async def run(checks: Sequence[Callable[[Any], Awaitable[Findings]]], subject: Any) -> list[Finding]:
    """What these checks find, in their order, each within its limit; they do not wait for each other."""
    found = await asyncio.gather(*(bounded(check, subject) for check in checks))
    return [finding for each in found for finding in each]


async def talk(visit: Visit) -> list[Finding]:
    """One after the other, so that nothing but the deployment slows a session down."""
    if refused := await bounded(talking.enter, visit):
        return refused
    return [finding for check in TALKING for finding in await bounded(check, visit)]


async def keep(stack: Stack) -> list[Finding]:
    """What each Redis here says of itself, what the host says of it, and what workers say of all."""
    if stack.keepers:
        kept = await asyncio.gather(*(keep_one(each) for each in stack.keepers))
        several = len(kept) > 1
        findings = [
            replace(finding, said=f"{each.service}: {finding.said}") if several else finding
            for each, found in zip(stack.keepers, kept, strict=True)
            for finding in found
        ]
    elif stack.on_a_swarm:
        findings = [skipped("all of it", "no Redis is on this host; run the doctor on one that has it")]
    else:
        findings = [wrong("answers", "there is no container of Redis", "Start the chat: `make up`.")]
    return [*findings, *await bounded(shards.shards, stack)]


async def keep_one(container: Container) -> list[Finding]:
    """What one Redis says of itself, and what the host says of it."""
    values, answers = await storage.redis(container)
    findings = [answers]
    if values:
        findings += storage.judge_durability(values, storage.expected_settings())
        findings += [storage.judge_writes(values), storage.judge_memory(values, container.memory)]
    return [*findings, await storage.disk(container, values), await storage.overcommit(container, values)]


async def bounded(check: Callable[[Any], Awaitable[Findings | None]], subject: Any) -> list[Finding]:
    """Run a check. One that takes too long or breaks is one that could not be made, and stops no other."""
    name = check.__name__.replace("_", " ")
    try:
        async with asyncio.timeout(LIMIT):
            found = await check(subject)
    except TimeoutError:
        return [unknown(name, f"it did not end within {LIMIT:g} s")]
    except Exception as error:
        return [unknown(name, f"it failed ({type(error).__name__})")]
    return found if isinstance(found, list) else [found] if found else []
