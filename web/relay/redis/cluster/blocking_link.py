"""A link to a cluster for programs without an event loop: a blocking link to the primary of each slot.

What a node does not have is sent once more, to the node that has it by then, for as long as a caller waits.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Sequence
from time import monotonic
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from relay.log.log import LogUnavailable
from relay.redis.blocking_link import BlockingLink, NoAnswer, hold
from relay.redis.cluster.nodes import Nodes
from relay.redis.cluster.routed import AWAY
from relay.redis.cluster.topology import Topology
from relay.redis.cluster.turns import PAUSE
from relay.redis.commands import Command, key_of, raise_first
from relay.redis.connector import Check
from relay.redis.link import ANSWER, Link
from relay.redis.partitions import slot_of, tag_of
from relay.redis.shards import Shard


class BlockingClusterLink(Link):
    """Its users await nothing else; see BlockingLink."""

    in_cluster = True

    def __init__(self, nodes: Nodes, replicas: int, check: Check) -> None:
        """`replicas`: how many have to have a write on disk before it counts as done. `check`: asks for the
        layout, before anything else."""
        self._nodes = nodes
        self._replicas = replicas
        self._check = check
        self._checked = False
        self._topology: Topology | None = None
        self._links: dict[tuple[str, int], BlockingLink] = {}

    async def send(self, *commands: Command) -> list[Any]:
        """Replaces Link.send. The same promises. Those about one slot are sent in one piece, and those of
        several slots one after the other."""
        deadline = monotonic() + ANSWER
        slots: dict[int, list[int]] = {}
        for number, command in enumerate(commands):
            slots.setdefault(_slot(command), []).append(number)
        replies: list[Any] = [None] * len(commands)
        for slot, numbers in slots.items():
            answers = self._ask(slot, [commands[number] for number in numbers], deadline)
            for number, answer in zip(numbers, answers, strict=True):
                replies[number] = answer
        raise_first(replies)
        return replies

    async def transaction(self, *commands: Command) -> list[Any]:
        """Replaces Link.transaction. All commands are about one slot."""
        slot = _slot(commands[0])
        replies = self._ask(slot, [("MULTI",), *commands, ("EXEC",)], monotonic() + ANSWER)
        raise_first(replies)
        done: list[Any] = replies[-1]
        raise_first(done)
        return done

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        """Replaces Link.shards, which nobody asks who has no event loop."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""
        for link in self._links.values():
            await link.close()

    def _ask(self, slot: int, commands: Sequence[Command], deadline: float) -> list[Any]:
        """Return the replies to commands about one slot, errors among them. Raises LogUnavailable."""
        if not self._checked:
            self._check_layout(deadline)
        return self._ask_anyway(slot, commands, deadline)

    def _check_layout(self, deadline: float) -> None:
        def ask(command: Command) -> Any:
            (reply,) = self._ask_anyway(_slot(command), [command], deadline)
            raise_first([reply])
            return reply

        try:
            hold(self._check(), ask)
        except RedisConnectionError as error:
            raise LogUnavailable(str(error)) from error
        self._checked = True

    def _ask_anyway(self, slot: int, commands: Sequence[Command], deadline: float) -> list[Any]:
        while True:
            try:
                replies = self._link_of(slot, deadline).exchange(commands, deadline, self._replicas)
            except NoAnswer as error:
                trouble = str(error)
            else:
                away = next((reply for reply in replies if isinstance(reply, AWAY)), None)
                if away is None:
                    return replies
                trouble = f"No node of the cluster has slot {slot} just now: {away}"
            self._topology = None
            if monotonic() + PAUSE > deadline:
                raise LogUnavailable(trouble)
            time.sleep(PAUSE)

    def _link_of(self, slot: int, deadline: float) -> BlockingLink:
        topology = self._topology = self._topology or self._learn(deadline)
        owner = topology.owner(slot)
        if owner is None:
            raise NoAnswer(f"No node of the cluster has slot {slot}.")
        return self._link_to((owner.host, owner.port))

    def _learn(self, deadline: float) -> Topology:
        """Ask nodes in any order until two have answered, and believe the one that knows more."""
        trouble = "no node was asked"
        answers: list[Topology] = []
        for address in self._in_any_order():
            try:
                (said,) = self._link_to(address).exchange([("CLUSTER", "NODES")], deadline)
                raise_first([said])
            except LogUnavailable as error:
                trouble = f"{address[0]}:{address[1]}: {error}"
            else:
                answers.append(Topology.of(said.decode(), address[0], by_name=self._nodes.by_name))
            if len(answers) == 2 or monotonic() > deadline:
                break
        if not answers:
            raise NoAnswer(f"No node of the cluster says which has what ({trouble}).")
        return max(answers, key=lambda topology: topology.epoch)

    def _in_any_order(self) -> list[tuple[str, int]]:
        addresses = list(dict.fromkeys([*self._links, *self._nodes.seeds]))
        return random.sample(addresses, len(addresses))

    def _link_to(self, address: tuple[str, int]) -> BlockingLink:
        link = self._links.get(address)
        if link is None:
            made = BlockingLink(self._nodes.url_of(*address), self._nodes.password)
            link = self._links.setdefault(address, made)  # another thread may have been first
        return link


def _slot(command: Command) -> int:
    return slot_of(tag_of(key_of(command)))
