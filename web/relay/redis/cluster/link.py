"""The link to a cluster: one link to each primary. Each request goes to the one that has its hash slot.

It learns which node has what from any node, when it begins and whenever something does not fit: a slot has
moved, a node can't be reached, or a replica took over. Meanwhile requests wait as long as others do, and then
fail. A shard that is away costs the rooms of other shards nothing.

`replicas`: how many replicas have to have a write on disk before it counts as done. A link then ends each of
its batches with WAIT and WAITAOF. WAITAOF alone took 174 ms at the median, since a replica confirms what it
has not written yet only once a second; after WAIT it is 1.4 ms (measured).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Sequence
from typing import Any

from hiredis import pack_command
from redis.exceptions import RedisError

from relay.log.log import LogUnavailable
from relay.redis.batch import Commands, Request
from relay.redis.cluster.routed import RoutedRequest
from relay.redis.cluster.topology import Primary, Topology
from relay.redis.connection import Connection
from relay.redis.connector import Connect
from relay.redis.link import ANSWER, Command, Link, raise_first, writes_anything
from relay.redis.partitions import SLOTS, slot_of, tag_of, tags
from relay.redis.shards import Shard
from relay.support.histogram import Histogram

logger = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds until a request is sent again whose slot is on its way to another node."""
LEARN_EVERY = 0.2
"""Seconds between two questions for the topology, if the last answer did not help."""
ASK = 0.5
"""Seconds that one node has to say the topology."""

FRESH = 3.0
"""Seconds for which the topology is believed where something is to be written. A failover takes longer, so no
two of them are missed: entries of the one between would have had the same epoch."""

ConnectTo = Callable[[str, int], Connect]
"""Returns what connects to a node, by its host and port."""


class ClusterLink(Link):
    def __init__(
        self,
        connect_to: ConnectTo,
        seeds: Sequence[tuple[str, int]],
        replicas: int = 0,
        *,
        by_name: bool = False,
    ) -> None:
        """`seeds`: hosts and ports of some nodes, of which one can be reached at first. `replicas`: above.
        `by_name`: whether nodes are reached by the names that they announce, as their certificates have
        them."""
        self._by_name = by_name
        self._connect_to = connect_to
        self._seeds = seeds
        self._replicas = replicas
        self._links: dict[str, tuple[str, Link]] = {}  # by the node's id: its address, its link
        self._shards: dict[str, Shard] = {}  # by the primary's id
        self._lacks: list[str] = []
        self._learning: asyncio.Task[None] | None = None
        self._learned_at = float("-inf")  # on the loop's clock
        self._closed = False
        self._learn_at = 0.0  # on the loop's clock: not before
        self.trouble = "no node of the cluster was asked yet"
        self.topology: Topology | None = None
        self.changed: list[Callable[[], None]] = []
        """Called whenever a slot has another primary than before."""
        self.exchanges = Histogram()
        self.failures = 0

    async def send(self, *commands: Command, elsewhere: bool = True) -> list[Any]:
        """Return the replies to `commands`, in their order. Those about one slot are sent in one piece.
        Raises as Link.send."""
        slots: dict[int, list[int]] = {}
        for number, command in enumerate(commands):
            slots.setdefault(slot_of(tag_of(_key(command))), []).append(number)
        asked = [
            (self._put(slot, [commands[n] for n in numbers], elsewhere), numbers)
            for slot, numbers in slots.items()
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

    async def transaction(self, *commands: Command) -> list[Any]:
        """Return the replies to `commands`, all about one slot; see Link.transaction."""
        slot = slot_of(tag_of(_key(commands[0])))
        replies = await self._put(slot, [("MULTI",), *commands, ("EXEC",)])
        raise_first(replies)
        raise_first(replies[-1])
        done: list[Any] = replies[-1]
        return done

    def put(self, request: Request, key: str = "") -> None:
        """Send a request that is about the slot of a key; see Link.put."""
        self._closed = False
        self._route(RoutedRequest(request, slot_of(tag_of(key)), self._send_again))

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

    def generation(self, key: str) -> str:
        """Return the config epoch of the primary that has a key. It grows with each failover there, and when
        that primary gets slots."""
        primary = self._owner(slot_of(tag_of(key)))
        return str(primary.epoch) if primary is not None else "0"

    def one_call(self, key: str) -> str:
        """Return what two entries have in common that one call may append: the tag of their keys."""
        return tag_of(key)

    def end(self) -> None:
        """Close all connections; requests that wait fail."""
        self._closed = True
        if self._learning is not None:
            self._learning.cancel()
        for _, link in self._links.values():
            link.end()

    async def _put(self, slot: int, commands: list[Command], elsewhere: bool = True) -> list[Any]:
        loop = asyncio.get_running_loop()
        packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]
        writes = writes_anything(commands)
        deadline, replied = loop.time() + ANSWER, loop.create_future()
        request = Commands(packed, len(commands), deadline, replied, writes=writes, elsewhere=elsewhere)
        self._closed = False
        self._route(RoutedRequest(request, slot, self._send_again))
        replies: list[Any] = await replied
        return replies

    def _route(self, request: RoutedRequest) -> None:
        primary = self._owner(request.slot)
        old = asyncio.get_running_loop().time() - self._learned_at > FRESH
        if primary is None or (request.writes and old):
            self._send_again(request)
            return
        link = self._link_of(primary)
        try:
            link.put(request)
        except LogUnavailable:
            self.learn()
            raise

    def _send_again(self, request: RoutedRequest) -> None:
        """Send a request once more, soon, with what is known by then of who has its slot."""
        loop = asyncio.get_running_loop()
        if loop.time() + PAUSE >= request.deadline:
            where = f"slot {request.slot}"
            request.fail(f"No node of the cluster has {where} just now ({self.trouble}).")
            return
        self.learn()
        loop.call_later(PAUSE, self._route_again, request)

    def _route_again(self, request: RoutedRequest) -> None:
        if request.done:
            return
        if self._closed:
            request.fail("The link was closed.")
            return
        try:
            self._route(request)
        except LogUnavailable as error:
            request.fail(str(error))

    def _owner(self, slot: int) -> Primary | None:
        return self.topology.owner(slot) if self.topology is not None else None

    def _link_of(self, primary: Primary) -> Link:
        address, link = self._links.get(primary.id, ("", None))
        if link is None or address != primary.address:
            if link is not None:
                link.end()
            link = Link(self._connect_to(primary.host, primary.port), self._replicas, self._failed_once)
            link.exchanges = self.exchanges
            self._links[primary.id] = primary.address, link
        return link

    def _failed_once(self) -> None:
        self.failures += 1
        self.learn()

    def learn(self) -> None:
        """Ask a node for the topology soon."""
        loop = asyncio.get_running_loop()
        if self._learning is None or self._learning.done():
            wait = max(0.0, self._learn_at - loop.time())
            self._learn_at = loop.time() + wait + LEARN_EVERY
            self._learning = asyncio.create_task(self._learn(wait))

    async def _learn(self, wait: float) -> None:
        """Ask nodes in any order until two have answered, and believe the one that knows more: a node that is
        cut off from the others goes on telling what was."""
        await asyncio.sleep(wait)
        known = self.topology.addresses if self.topology is not None else []
        nodes = list(dict.fromkeys([*known, *self._seeds]))
        answers: list[Topology] = []
        for node in random.sample(nodes, len(nodes)):
            try:
                async with asyncio.timeout(ASK):
                    topology = Topology.of(await self._nodes(*node), node[0], by_name=self._by_name)
                self._check(topology)
            except (RedisError, OSError, TimeoutError, ValueError, IndexError) as error:
                self.trouble = f"{node[0]}:{node[1]}: {error or 'no answer'}"
            else:
                answers.append(topology)
                if len(answers) == 2:
                    break
        if answers:
            self._learned_at = asyncio.get_running_loop().time()
            self._take(max(answers, key=lambda topology: topology.epoch))

    def _warn(self, topology: Topology) -> None:
        """Log what the cluster lacks, whenever that is something else than before."""
        lacks = [
            f"the primary {each.address} has {each.replicas} replicas, and {self._replicas} are to confirm "
            "each entry: its rooms take none"
            for each in topology.primaries
            if each.replicas < self._replicas
        ]
        if topology.missing:
            lacks.append(f"{topology.missing} of {SLOTS} slots have no primary: their rooms are unavailable")
        if lacks != self._lacks:
            for lack in lacks:
                logger.warning("The cluster is not whole: %s", lack)
        self._lacks = lacks

    def _check(self, topology: Topology) -> None:
        """Raise RedisError for an answer that helps nobody."""
        if not topology.primaries:
            raise RedisError("it knows no node that has slots; create the cluster first")
        if self.topology is not None and topology.epoch < self.topology.epoch:
            raise RedisError("it has not learned of the last failover yet")

    async def _nodes(self, host: str, port: int) -> str:
        said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def receive(replies: list[Any]) -> None:
            if replies and not said.done():  # there may be none yet of a reply that comes in pieces
                reply = replies[0]
                if isinstance(reply, Exception):
                    said.set_exception(reply)
                else:
                    said.set_result(reply.decode())

        def lose(error: Exception) -> None:
            if not said.done():
                said.set_exception(error)

        connection: Connection = await self._connect_to(host, port)(receive, lose)
        try:
            connection.send(pack_command(("CLUSTER", "NODES")))  # type: ignore[arg-type]
            return await said
        finally:
            connection.close()

    def _take(self, topology: Topology) -> None:
        before, self.topology = self.topology, topology
        here = {primary.id for primary in topology.primaries}
        for id in self._links.keys() - here:
            _, link = self._links.pop(id)
            link.end()
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
        self._warn(topology)
        if before is None or before.primaries != topology.primaries:
            for call in self.changed:
                call()


def _key(command: Command) -> str:
    """Return the first key of a command, which says its slot. All others have the same."""
    place = 3 if str(command[0]).startswith("EVAL") else 1
    return str(command[place])
