"""The learner finds out which node of a cluster has what: from any nodes, when it begins and whenever it is
told that something does not fit."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any

from hiredis import pack_command
from redis.exceptions import RedisError

from relay.redis.cluster.topology import Topology
from relay.redis.connection import Connection
from relay.redis.connector import Connect
from relay.redis.partitions import SLOTS

logger = logging.getLogger(__name__)

LEARN_EVERY = 0.2
"""Seconds between two questions for the topology, if the last answer did not help."""
ASK = 0.5
"""Seconds that one node has to say the topology."""

ConnectTo = Callable[[str, int], Connect]
"""Returns what connects to a node, by its host and port."""


class Learner:
    def __init__(
        self,
        connect_to: ConnectTo,
        seeds: Sequence[tuple[str, int]],
        learned: Callable[[Topology], None],
        *,
        replicas: int,
        by_name: bool,
    ) -> None:
        """`learned`: called with each answer. The others are as of ClusterLink."""
        self._connect_to = connect_to
        self._seeds = seeds
        self._learned = learned
        self._replicas = replicas
        self._by_name = by_name
        self._task: asyncio.Task[None] | None = None
        self._not_before = 0.0  # on the loop's clock
        self.topology: Topology | None = None
        self.trouble = "no node of the cluster was asked yet"
        """Why nodes did not answer."""
        self.lacks: list[str] = []
        """What the cluster lacks, one sentence each."""

    def end(self) -> None:
        """Ask nobody any more."""
        if self._task is not None:
            self._task.cancel()

    def learn(self) -> None:
        """Ask a node for the topology soon."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done():
            wait = max(0.0, self._not_before - loop.time())
            self._not_before = loop.time() + wait + LEARN_EVERY
            self._task = asyncio.create_task(self._learn(wait))

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
            self.topology = max(answers, key=lambda topology: topology.epoch)
            self._warn(self.topology)
            self._learned(self.topology)

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
        if lacks != self.lacks:
            for lack in lacks:
                logger.warning("The cluster is not whole: %s", lack)
        self.lacks = lacks

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
