"""`make machines`: the stack on three hosts, a crowd over their three nginx, and hosts that are lost.

SEED repeats the same faults; ROUNDS, CLIENTS and ACKED change the size. The rooms are in a Redis Cluster, or
with REDIS=one in one Redis.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from random import Random

import aiohttp

from tests.faults import report
from tests.faults.crowd import WAYS, Crowd, room_names
from tests.faults.harness import LONG, Result, settle
from tests.faults.ledger import Entry, Ledger, RoomLog
from tests.faults.reader import read_logs
from tests.faults.verdict import judge
from tests.machines.cluster import Cluster
from tests.machines.enduring import NotHealed, Outcome, as_text, endure, pauses
from tests.machines.faults import Fault, plan
from tests.machines.hosts import CommandFailed, Lab
from tests.machines.lateness import watched
from tests.machines.one_redis import OneRedis
from tests.machines.roaming import Roaming
from tests.machines.swarm import Swarm
from tests.support.stack import REPOSITORY
from tests.support.waiting import soon

RATE = 80.0
"""Posts a second, of all clients together."""
ROOMS = 9
NOT_SHOWN = """
  What these three hosts cannot show, being containers of one machine:
    - Swarm's ingress mesh. stack.yml does not use it: each nginx has its host's own port.
    - Encrypted overlay networks. Between the hosts all went unencrypted.
    - A power failure of the disk, and what three machines carry: they share the cores of one.
"""


def main() -> int:
    seed = setting("SEED", secrets.randbelow(1_000_000))
    say(f"SEED={seed}")
    began = time.monotonic()
    chance, cluster = Random(seed), os.environ.get("REDIS", "cluster") == "cluster"
    with Lab() as lab:
        swarm = Swarm(lab, Cluster() if cluster else OneRedis())
        say(f"  · three engines and a registry run ({time.monotonic() - began:.0f} s)")
        swarm.join()
        registry, tag = lab.push(REPOSITORY)
        say(f"  · they are a Swarm, and the images are in the registry ({time.monotonic() - began:.0f} s)")
        swarm.deploy(registry, tag)
        say(f"  · the stack runs on them ({time.monotonic() - began:.0f} s)")
        result, outcomes = asyncio.run(
            run(swarm, plan(chance, setting("ROUNDS", 3), cluster=cluster), chance)
        )
    say(as_text(outcomes))
    if swarm.forgot:
        say(f"\n  Some engine's DNS named some workers no more, {swarm.forgot}×: all workers were replaced")
    say(report.as_text(result))
    say(NOT_SHOWN)
    return 0 if result.clean else 1


async def run(swarm: Swarm, faults: Sequence[Fault], chance: Random) -> tuple[Result, list[Outcome]]:
    """Let a crowd chat while the faults happen, and until enough is acked; then judge."""
    crowd = Crowd(
        swarm.urls[0],
        Ledger(lasting=True),
        setting("CLIENTS", 60),
        RATE,
        ROOMS,
        client=Roaming,
        word=await asyncio.to_thread(spreading, swarm),
    )
    for number, client in enumerate(crowd.clients):
        assert isinstance(client, Roaming)
        client.urls = swarm.urls
        # Not by the same rule as transports, which would put all that poll on one host.
        client.at = swarm.urls[number // len(WAYS) % len(swarm.urls)]
    crowd.talkers = [client for number, client in enumerate(crowd.clients) if number % 2]
    result, outcomes = Result(len(crowd.clients)), list[Outcome]()
    started = time.monotonic()
    async with watched() as lateness, crowd:
        await soon(lambda: len(crowd.ledger.acks) > 300, what="the crowd is chatting")
        for fault in faults:
            await asyncio.to_thread(fault.prepare, swarm, chance)
            try:
                outcomes.append(await endure(crowd, swarm, fault, lateness))
                say("\n".join(as_text(outcomes[-1:]).splitlines()[2:]))
                say("\n".join(filter(None, (outcomes[-1].last, pauses(outcomes[-1])))))
            except (NotHealed, CommandFailed) as problem:
                result.unhealed.append(str(problem))
                say(f"NOT HEALED  {problem}")
            await asyncio.to_thread(swarm.wait_until_whole)
        acked = setting("ACKED", 10_000)
        await soon(lambda: crowd.kept() >= acked, within=LONG, what=f"{acked} messages are acked")
        await crowd.quieten()
        result.seconds, result.transports = time.monotonic() - started, crowd.transports()
        await settle(crowd, swarm.urls[0])
        result.verdict = await asyncio.to_thread(judge, crowd.ledger)
    await asyncio.to_thread(swarm.data.restore, swarm)
    await asyncio.to_thread(swarm.wait_until_whole)
    async with aiohttp.ClientSession() as http:
        restored = await read_logs(http, swarm.urls[-1], crowd.rooms)
    if entries(restored) != entries(crowd.ledger.logs):
        result.unhealed.append("a restored backup had other messages")
    return result, outcomes


def spreading(swarm: Swarm) -> str:
    """Return a word for the crowd's rooms, of which each shard then has as many."""
    while True:
        word = secrets.token_hex(4)
        shards = swarm.data.rooms(swarm, room_names(word, ROOMS)).values()
        if len(shards) * len(min(shards, key=len)) == ROOMS:
            return word


def entries(logs: Mapping[str, RoomLog]) -> dict[str, tuple[Entry, ...]]:
    """Without the epochs, which are new in what was restored."""
    return {room: log.entries for room, log in logs.items()}


def setting(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
