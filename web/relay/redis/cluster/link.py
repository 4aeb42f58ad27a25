"""The link to a cluster: one link to each primary. Each request goes to the one that has its hash slot.

It asks which node has what when it begins, and whenever something does not fit: a slot has moved, a node
can't be reached, or a replica took over. See learner.py. Meanwhile requests wait as long as others do, and
then fail. A shard that is away costs the rooms of other shards nothing.

`replicas`: how many replicas have to have a write on disk before it counts as done. A link then ends each of
its batches with WAIT and WAITAOF. WAITAOF alone took 174 ms at the median, since a replica confirms what it
has not written yet only once a second; after WAIT it is 1.4 ms (measured).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from itertools import count
from typing import Any

from hiredis import pack_command

from relay.log.log import LogUnavailable
from relay.redis.batch import Commands, Request
from relay.redis.cluster.layout import AskedLayout
from relay.redis.cluster.learner import ConnectTo, Learner
from relay.redis.cluster.routed import RoutedRequest
from relay.redis.cluster.topology import Primary, Topology
from relay.redis.cluster.turns import Turns
from relay.redis.commands import Command, key_of, raise_first, writes_anything
from relay.redis.connector import Check
from relay.redis.link import ANSWER, Link
from relay.redis.partitions import slot_of, tag_of, tags
from relay.redis.shards import Shard
from relay.support.histogram import Histogram


class ClusterLink(Link):
    in_cluster = True

    def __init__(
        self,
        connect_to: ConnectTo,
        seeds: Sequence[tuple[str, int]],
        replicas: int = 0,
        *,
        by_name: bool = False,
        check: Check | None = None,
    ) -> None:
        """`seeds`: hosts and ports of some nodes, of which one can be reached at first. `replicas`: above.
        `by_name`: whether nodes are reached by the names that they announce, as their certificates have
        them. `check`: asks for the layout, before anything else is sent."""
        self._connect_to = connect_to
        self._replicas = replicas
        self._learner = Learner(connect_to, seeds, self._take, replicas=replicas, by_name=by_name)
        self._primaries: tuple[Primary, ...] = ()
        self._links: dict[str, tuple[str, Link]] = {}  # by the node's id: its address, its link
        self._left: set[Link] = set()  # those of nodes that are no primaries any more
        self._shards: dict[str, Shard] = {}  # by the primary's id
        self._turns = Turns(self._send_held)
        self._layout = AskedLayout(check, self._ask_at_once)
        self._numbers = count()
        self._closed = False
        self.changed: list[Callable[[], None]] = []
        """Called whenever a slot has another primary than before."""
        self.exchanges = Histogram()
        self.failures = 0

    async def send(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`, in their order. Those about one slot are sent in one piece.
        Raises as Link.send."""
        slots: dict[int, list[int]] = {}
        for number, command in enumerate(commands):
            slots.setdefault(slot_of(tag_of(key_of(command))), []).append(number)
        asked = [
            (self._put(slot, [commands[n] for n in numbers]), numbers) for slot, numbers in slots.items()
        ]
        replies: list[Any] = [None] * len(commands)
        answers = await asyncio.gather(*(answer for answer, _ in asked), return_exceptions=True)
        for answer, (_, numbers) in zip(answers, asked, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            for number, reply in zip(numbers, answer, strict=True):
                replies[number] = reply
        raise_first(replies)
        return replies

    async def send_once(self, command: Command) -> Any:
        """Return the reply to a command that is not sent again; see Link.send_once."""
        replies = await self._put(slot_of(tag_of(key_of(command))), [command], once=True)
        raise_first(replies)
        return replies[0]

    async def transaction(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`, all about one slot; see Link.transaction."""
        slot = slot_of(tag_of(key_of(commands[0])))
        replies = await self._put(slot, [("MULTI",), *commands, ("EXEC",)])
        raise_first(replies)
        raise_first(replies[-1])
        done: list[Any] = replies[-1]
        return done

    def put(self, request: Request, key: str = "") -> None:
        """Send a request that is about the slot of a key; see Link.put."""
        self._closed = False
        self._enter(request, slot_of(tag_of(key)))

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        """Return the shards that have these partitions, each with those that it has. A partition that no
        known node has is left out."""
        found: dict[str, list[int]] = {}
        for partition in partitions:
            if (primary := self._owner(slot_of(tags()[partition]))) is not None:
                found.setdefault(primary.id, []).append(partition)
        return [(self._shards[id], those) for id, those in found.items()]

    def shard_of(self, key: str) -> Shard | None:
        """Return the shard that has a key or a channel; None if none is known that has."""
        primary = self._owner(slot_of(tag_of(key)))
        return self._shards.get(primary.id) if primary is not None else None

    def all_shards(self) -> list[Shard]:
        """Return all shards that are known and have a partition."""
        return list(self._shards.values())

    def one_call(self, key: str) -> str:
        """Return what two entries have in common that one call may append: the tag of their keys."""
        return tag_of(key)

    def end(self) -> None:
        """Close all connections; requests that wait fail."""
        self._closed = True
        self._learner.end()
        self._layout.end()
        for link in (*self._left, *(link for _, link in self._links.values())):
            link.end()

    async def _put(self, slot: int, commands: list[Command], *, once: bool = False) -> list[Any]:
        loop = asyncio.get_running_loop()
        packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]
        writes = writes_anything(commands)
        deadline, replied = loop.time() + ANSWER, loop.create_future()
        request = Commands(packed, len(commands), deadline, replied, writes=writes, once=once)
        self._closed = False
        self._enter(request, slot)
        replies: list[Any] = await replied
        return replies

    def _enter(self, request: Request, slot: int) -> None:
        routed = RoutedRequest(request, slot, next(self._numbers), self._turns.land, self._hold)
        if self._turns.wait_before(slot):
            self._hold(routed)
        else:
            self._route(routed)

    def _route(self, request: RoutedRequest) -> None:
        """Send a request to the node that has its slot, or hold it. Raises as Link.put."""
        primary = self._owner(request.slot)
        if self._layout.wrong is not None:
            raise LogUnavailable(self._layout.wrong)
        if primary is None or self._layout.awaited:
            self._hold(request)
            return
        link = self._link_of(primary)
        if not self._turns.begin(request, link):
            self._turns.hold(request)
            return
        try:
            link.put(request)
        except LogUnavailable:
            self._turns.land(request)
            self.learn()
            raise

    def _hold(self, request: RoutedRequest) -> None:
        """Send a request soon, with what is known by then of who has its slot."""
        self.learn()
        self._turns.hold(request)

    def _send_held(self, request: RoutedRequest) -> None:
        """Send a request that was held, or give it up."""
        if self._closed:
            request.give_up("The link was closed.")
        elif asyncio.get_running_loop().time() >= request.deadline:
            trouble = self._learner.trouble
            request.give_up(f"No node of the cluster has slot {request.slot} just now ({trouble}).")
        else:
            try:
                self._route(request)
            except LogUnavailable as error:
                request.give_up(str(error))

    def _owner(self, slot: int) -> Primary | None:
        topology = self._learner.topology
        return topology.owner(slot) if topology is not None else None

    def _link_of(self, primary: Primary) -> Link:
        address, link = self._links.get(primary.id, ("", None))
        if link is None or address != primary.address:
            if link is not None:
                self._leave(link)
            link = Link(self._connect_to(primary.host, primary.port), self._replicas, self._failed_once)
            link.exchanges = Histogram(self.exchanges)
            self._links[primary.id] = primary.address, link
        return link

    def _leave(self, link: Link) -> None:
        """Send nothing more over a link, and end it once all that it has sent is answered or given up."""

        def end() -> None:
            link.end()
            self._left.discard(link)

        self._left.add(link)
        asyncio.get_running_loop().call_later(ANSWER, end)

    def learn(self) -> None:
        """Ask for the topology soon."""
        self._learner.learn()

    @property
    def topology(self) -> Topology | None:
        """Which node has what, as it was learned last; None if it never was."""
        return self._learner.topology

    @property
    def replicas(self) -> int:
        """How many replicas have to have a write on disk before it counts as done."""
        return self._replicas

    @property
    def trouble(self) -> str:
        """Why nodes did not answer when they were asked for the topology."""
        return self._learner.trouble

    @property
    def lacks(self) -> list[str]:
        """What the cluster lacks, one sentence each: slots, or replicas of a primary."""
        return self._learner.lacks

    @property
    def wrong(self) -> str | None:
        """Why nothing may be sent to this cluster, in a sentence: its data has another layout."""
        return self._layout.wrong

    async def _ask_at_once(self, command: Command) -> Any:
        """Return the reply to a command, which waits for no other. Raises LogUnavailable."""
        primary = self._owner(slot_of(tag_of(key_of(command))))
        if primary is None:
            raise LogUnavailable("No node of the cluster has it.")
        (reply,) = await self._link_of(primary).send(command)
        return reply

    def _failed_once(self) -> None:
        self.failures += 1
        self._layout.doubt()
        self.learn()

    def _take(self, topology: Topology) -> None:
        self._layout.learned()
        before, self._primaries = self._primaries, topology.primaries
        here = {primary.id for primary in topology.primaries}
        for id in self._links.keys() - here:
            self._leave(self._links.pop(id)[1])
        firsts: dict[str, int] = {}
        for partition, tag in enumerate(tags()):
            if (owner := topology.owner(slot_of(tag))) is not None:
                firsts.setdefault(owner.id, partition)
        self._shards = {
            each.id: Shard(
                f"{each.id} {each.epoch}", firsts[each.id], self._link_of(each), (each.host, each.port)
            )
            for each in topology.primaries
            if each.id in firsts
        }
        if before != topology.primaries:
            for call in self.changed:
                call()
