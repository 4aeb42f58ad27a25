"""One fault under a crowd: how long there were no acks, and when those who lost a host lived elsewhere."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

from tests.faults.crowd import Crowd
from tests.machines.faults import Fault
from tests.machines.hosts import Host
from tests.machines.lateness import Lateness
from tests.machines.roaming import Roaming
from tests.machines.swarm import Swarm
from tests.support.waiting import soon

HEALED = 90.0
"""Seconds after which a fault counts as not healed."""


class NotHealed(Exception):
    """A fault's effects went on for `HEALED` seconds; the text says what was still wrong."""


class Pause(NamedTuple):
    """A time without acks. `began`: from inject, in seconds."""

    seconds: float
    began: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Of one fault. All times are in seconds. Clients are those that do not come and go on their own."""

    fault: str
    silence: Sequence[Pause]
    """Of each shard whose primary stayed, the longest time without an ack in any of its rooms, from inject
    until all was well again."""
    lost: Sequence[float]
    """The same of each room of the shards whose primary was on the lost host."""
    spared: Sequence[float]
    """Of each client that had neither nginx nor worker on the lost host, and was in none of those rooms, the
    longest that one of its messages of that time waited for its ack. Who was in one waits there first,
    since a client's events are handled one after the other. And a shard is silent, too, where all who talk in
    it have lost their host."""
    waited: Sequence[float]
    """Of each client, the longest that one of its messages of that time, in any room, waited for its ack."""
    healed: float
    """From undo until everybody was heard through every worker again."""
    late: float
    """The longest that this process, which counts the acks, did nothing of what was due."""
    undone: float
    """From inject until undo was done."""
    moved: Mapping[str, Sequence[float]]
    """From inject until the clients of the lost host lived elsewhere, by what they had there; see `group`."""
    last: str = ""
    """What the last of them did until then, for a person to read."""


async def endure(crowd: Crowd, swarm: Swarm, fault: Fault, lateness: Lateness) -> Outcome:
    """Inject a fault, undo it, and say how that went. Raises NotHealed."""
    clients = [client for client in crowd.steady if isinstance(client, Roaming)]
    lost = await asyncio.to_thread(fault.loses, swarm)
    routes = await asyncio.to_thread(swarm.routes_on, lost) if lost else set()
    shards = await asyncio.to_thread(swarm.data.rooms, swarm, crowd.rooms)
    hit = [rooms for address, rooms in shards.items() if lost and address.startswith(f"{lost.address}:")]
    spared = [rooms for rooms in shards.values() if rooms not in hit]
    leaving = [client for client in clients if lost and is_at(client, lost, routes)]
    hurt = {*leaving, *(client for client in clients if client.seats.keys() & {*chain(*hit)})}
    untouched = [client for client in clients if client not in hurt]
    groups = {client: group(crowd, client, lost) for client in leaving}
    began = time.monotonic()
    watching = asyncio.create_task(moves(leaving, lost, routes, began))
    await asyncio.to_thread(fault.inject, swarm)
    await asyncio.sleep(fault.lasts)
    moved = await watching
    await asyncio.to_thread(fault.undo, swarm)
    undone = time.monotonic()
    last = max(moved, key=lambda client: moved[client], default=None)
    if missing := len(leaving) - len(moved):
        raise NotHealed(f"{fault.name}: {missing} of its {len(leaving)} clients were never live elsewhere")
    crowd.all_speak()
    try:
        await soon(lambda: crowd.hears_itself(undone), within=HEALED, what="the crowd hears itself")
    except AssertionError:
        said = ", ".join(in_words(client) for client in clients if not client.is_live)
        raise NotHealed(f"{fault.name}: after {HEALED:g} s {crowd.complaints(undone)}: {said}") from None
    over = time.monotonic()
    return Outcome(
        fault.name,
        [silence(crowd, rooms, began, over) for rooms in spared],
        [silence(crowd, [room], began, over).seconds for rooms in hit for room in rooms],
        waits(crowd, untouched, began, over),
        waits(crowd, clients, began, over),
        over - undone,
        lateness.within(began, over),
        undone - began,
        by_group(groups, moved),
        way_elsewhere(last, lost.url, began, began + moved[last]) if lost and last else "",
    )


def is_at(client: Roaming, host: Host, routes: set[str]) -> bool:
    """Whether its way to its worker, or the worker, is on this host."""
    return client.at == host.url or (client.connection is not None and client.connection.route in routes)


def group(crowd: Crowd, client: Roaming, host: Host | None) -> str:
    """What a client loses with a host, and whether it talks: then it notices that an answer does not come."""
    lost = "nginx" if host and client.at == host.url else "worker"
    return f"lost their {lost}, {'talk' if client in crowd.talkers else 'listen'}"


def by_group(groups: Mapping[Roaming, str], moved: Mapping[Roaming, float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for client, name in groups.items():
        found.setdefault(name, []).append(moved[client])
    return found


def way_elsewhere(client: Roaming, lost: str, began: float, lived: float) -> str:
    """Say what a client did between these two times of time.monotonic(), the address `lost` being away."""
    steps = [
        f"{step.at - began:.1f} {step.what}{' there' if step.address == lost else ''}"
        for step in client.steps
        if began <= step.at <= lived
    ]
    return f"    the last one, by {' and '.join(client.transports)}: {', '.join(steps)}"


def in_words(client: Roaming) -> str:
    """Where a client is, and how far it has come."""
    rooms = [f"{seat.timeline.shown} of {seat.timeline.head}" for seat in client.seats.values()]
    return f"{client.name} by {client.transports} at {client.at}, {rooms}"


async def moves(
    clients: Sequence[Roaming], host: Host | None, routes: set[str], began: float
) -> dict[Roaming, float]:
    """Wait until each of these clients lives elsewhere, at most `HEALED` seconds; return when each of those
    who did so did, in seconds from `began`."""
    times: dict[Roaming, float] = {}
    while len(times) < len(clients) and time.monotonic() < began + HEALED:
        for client in clients:
            if client not in times and client.is_live and host and not is_at(client, host, routes):
                times[client] = time.monotonic() - began
        await asyncio.sleep(0.02)
    return times


def silence(crowd: Crowd, rooms: Sequence[str], began: float, over: float) -> Pause:
    """Return the longest time in which nothing was acked in any of these rooms."""
    acked = [ack.acked_at for ack in crowd.ledger.acks if ack.room in rooms and began <= ack.acked_at <= over]
    times = pairwise([began, *sorted(acked), over])
    return max(Pause(later - earlier, earlier - began) for earlier, later in times)


def waits(crowd: Crowd, clients: Sequence[Roaming], began: float, over: float) -> list[float]:
    """Return of each of these clients that got an ack the longest that one of its messages waited, in
    seconds."""
    longest: dict[str, float] = {}
    names = {client.name for client in clients}
    for ack in crowd.ledger.acks:
        post = crowd.ledger.posts[ack.id]
        if began <= ack.acked_at and post.posted_at <= over and post.author in names:
            longest[post.author] = max(longest.get(post.author, 0.0), ack.acked_at - post.posted_at)
    return sorted(longest.values())


def as_text(outcomes: Sequence[Outcome]) -> str:
    """A table: a row for each kind of fault, medians and worsts in seconds."""
    head = (
        "no ack: lost shard",
        "other shards",
        "the untouched waited",
        "anybody waited",
        "well again",
        "the lab was late",
    )
    lines = ["", f"  {'seconds: median, worst':<38}{'':>4}" + "".join(f"{name:>21}" for name in head)]
    for name in dict.fromkeys(outcome.fault for outcome in outcomes):
        ours = [outcome for outcome in outcomes if outcome.fault == name]
        columns = (
            [time for outcome in ours for time in outcome.lost],
            [pause.seconds for outcome in ours for pause in outcome.silence],
            [wait for outcome in ours for wait in outcome.spared],
            [wait for outcome in ours for wait in outcome.waited],
            [outcome.healed for outcome in ours],
            [outcome.late for outcome in ours],
        )
        lines.append(f"  {name:<38}{len(ours):>3}×" + "".join(f"{_spread(times):>21}" for times in columns))
        for clients in sorted({name for outcome in ours for name in outcome.moved}):
            moves = [move for outcome in ours for move in outcome.moved.get(clients, ())]
            lines.append(f"    {len(moves):>3} clients {clients}: live elsewhere after {_spread(moves)}")
    return "\n".join(lines)


def pauses(outcome: Outcome) -> str:
    """When other shards made their longest pauses in a fault: at its beginning, or when it was undone."""
    said = ", ".join(f"{pause.seconds:.1f} s from {pause.began:.1f}" for pause in outcome.silence)
    return f"    other shards, seconds after it began: {said}; undone at {outcome.undone:.1f}"


def _spread(times: Sequence[float]) -> str:
    return f"{median(times):.1f}, {max(times):.1f}" if times else "–"
