"""A cluster of these tests' own, all its nodes in one container. They can be killed, paused, and cut off from
each other."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import NotFound
from relay.redis.cluster.topology import Primary, Topology
from relay.redis.partitions import slot_of, tag_of

from tests.support.waiting import eventually

IMAGES = Path(__file__).parents[1] / "cluster"
# As redis.conf has it, without the password. A node that is silent for longer is replaced.
NODE_TIMEOUT_MS = 1500
# No replica moves to a primary that lost its own: a test that stops all replicas of a room would get another
# one within seconds.
OPTIONS = (
    "--bind 0.0.0.0 --protected-mode no --save '' --appendonly yes --appendfsync always --daemonize no"
    f" --cluster-enabled yes --cluster-node-timeout {NODE_TIMEOUT_MS}"
    " --cluster-allow-replica-migration no --cluster-require-full-coverage no --repl-diskless-sync-delay 0"
)


class RedisCluster:
    """`shards` primaries, each with so many `replicas`."""

    def __init__(
        self,
        name: str,
        port: int,
        *,
        shards: int = 3,
        replicas: int = 0,
        program: str = "redis",
        on_disk: bool = False,
    ) -> None:
        """`program`: "redis" or "valkey". `on_disk`: its files are on the disk, for whoever measures what
        that costs. For all others they are in memory, as long as the container is there: a disk that others
        keep busy too was seen to take longer than a confirmation is waited for."""
        self.ports = [port + number for number in range(shards * (1 + replicas))]
        self._name, self._program, self._replicas, self._shards = name, program, replicas, shards
        self._tmpfs = {} if on_disk else {"/data": ""}
        self._host = ""
        self._engine = docker.from_env()

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(self.addresses)

    @property
    def addresses(self) -> list[str]:
        """Host and port of each node."""
        return [f"{self._host}:{port}" for port in self.ports]

    def start(self) -> None:
        with suppress(NotFound):
            self._engine.containers.get(self._name).remove(force=True, v=True)
        image = f"tertulia-cluster-{self._program}"
        _run("docker", "build", "--quiet", "--target", self._program, "--tag", image, str(IMAGES))
        container = self._engine.containers.run(
            image,
            ["-c", "mkdir -p /data; sleep infinity"],
            entrypoint="/bin/sh",
            user="0",
            name=self._name,
            cap_add=["NET_ADMIN"],  # for iptables
            tmpfs=self._tmpfs,
            detach=True,
            init=True,
        )
        container.reload()
        self._host = container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
        for port in self.ports:
            self.start_node(port)
        self._until_all_say("PONG", "PING")
        nodes = " ".join(f"{self._host}:{port}" for port in self.ports)
        self.sh(f"{self._cli} --cluster create {nodes} --cluster-replicas {self._replicas} --cluster-yes")
        self._until_all_say("cluster_state:ok", "CLUSTER INFO")
        self._until_all_say(f"connected_slaves:{self._replicas}", "INFO replication", self._shards)

    def stop(self) -> None:
        with suppress(NotFound):
            self._engine.containers.get(self._name).remove(force=True, v=True)
        self._engine.close()

    def start_node(self, port: int) -> None:
        """Start a node that is new, or was killed."""
        of_node = f"--port {port} --cluster-announce-ip {self._host} --bind-source-addr {self._source(port)}"
        options = f"{OPTIONS} {of_node} --dir /data/{port}"
        server = f"/usr/bin/env {self._program}-server {options} >>/data/{port}/log 2>&1"
        self.sh(f"mkdir -p /data/{port}; echo $$ >/data/{port}/pid; exec {server}", detach=True)

    def signal(self, port: int, name: str) -> None:
        """Send a signal to a node: KILL, STOP, CONT."""
        self.sh(f"kill -{name} $(cat /data/{port}/pid)")

    def cut(self, primary: int, replicas: Iterable[int]) -> None:
        """Carry nothing any more that a primary sends to these replicas, from the same moment on. No node is
        told."""
        rules = "".join(rule for replica in replicas for rule in self._rules(primary, replica))
        self.sh(f"iptables-restore --noflush <<'END'\n*filter\n{rules}COMMIT\nEND")

    def heal(self) -> None:
        """Carry everything again."""
        self.sh("iptables -F INPUT")

    def cli(self, port: int, arguments: str) -> str:
        """Return what a node answers."""
        return self.sh(f"{self._cli} -h {self._host} -p {port} {arguments}")

    def primary_of(self, key: str) -> int:
        """Return the port of the primary that has a key."""
        return self._owner(slot_of(tag_of(key))).port

    def shard(self, number: int) -> int:
        """Return the port of the primary of a shard; 0 has the lowest slots."""
        return self._topology().primaries[number].port

    def at(self, primary: int, keys: Iterable[str]) -> list[str]:
        """Return those of these keys that a primary has."""
        topology = self._topology()
        owners = {key: topology.owner(slot_of(tag_of(key))) for key in keys}
        return [key for key, owner in owners.items() if owner is not None and owner.port == primary]

    def primaries(self) -> set[int]:
        """Return the ports of the nodes that take themselves for primaries."""
        answers = zip(self.ports, self._ask_all("INFO replication"), strict=True)
        return {port for port, answer in answers if "role:master" in answer}

    def replicas_of(self, primary: int) -> list[int]:
        """Return the ports of a primary's replicas."""
        answers = zip(self.ports, self._ask_all("INFO replication"), strict=True)
        return [port for port, answer in answers if f"master_port:{primary}" in answer]

    def reshard(self, slots: int) -> None:
        """Move so many slots from the primary that has most to the one that has fewest."""
        by_size = sorted(self._topology().primaries, key=lambda primary: sum(map(len, primary.slots)))
        to, source = by_size[0], by_size[-1]
        if self._program == "valkey":
            self._migrate(slots, source, to)
            return
        self.sh(
            f"{self._cli} --cluster reshard {self._host}:{self._alive()} --cluster-from {source.id}"
            f" --cluster-to {to.id} --cluster-slots {slots} --cluster-yes"
        )

    def _migrate(self, slots: int, source: Primary, to: Primary) -> None:
        """Move slots as Valkey 9 does best: all at once, and not key by key."""
        moved = max(source.slots, key=len)[:slots]
        slots_range = f"SLOTSRANGE {moved[0]} {moved[-1]}"
        assert self.cli(source.port, f"CLUSTER MIGRATESLOTS {slots_range} NODE {to.id}") == "OK"
        eventually(lambda: self._owner(moved[0]).id == to.id, what="the slots are moved")

    def whole(self) -> None:
        """Return once all nodes are there again, each primary with its replicas."""
        for port, answer in zip(self.ports, self._ask_all("PING"), strict=True):
            if not answer:
                self.start_node(port)
        self._until_all_say("cluster_state:ok", "CLUSTER INFO")
        self._until_all_say("master_link_status:up", "INFO replication", self._shards * self._replicas)

    def _owner(self, slot: int) -> Primary:
        owner = self._topology().owner(slot)
        assert owner is not None
        return owner

    def _topology(self) -> Topology:
        return Topology.of(self.cli(self._alive(), "CLUSTER NODES"), self._host)

    def _alive(self) -> int:
        return self.ports[self._ask_all("PING").index("PONG")]

    def _source(self, port: int) -> str:
        """Return the address from which a node connects to others. By it they are told apart."""
        return f"127.0.1.{self.ports.index(port) + 1}"

    def _rules(self, source: int, to: int) -> list[str]:
        """Return what iptables is told to drop what one node sends to another, on its connections and on the
        other's, for data and for the cluster's bus."""
        own, other = (f"-p tcp -m multiport --{end}" for end in ("sports", "dports"))
        return [
            f"-A INPUT -s {self._host} -d {self._source(to)} {own} {source},{source + 10000} -j DROP\n",
            f"-A INPUT -s {self._source(source)} -d {self._host} {other} {to},{to + 10000} -j DROP\n",
        ]

    def sh(self, script: str, *, detach: bool = False) -> str:
        """Return what a script prints in the container."""
        options = ["--detach"] if detach else []
        return _run("docker", "exec", *options, self._name, "/bin/sh", "-c", script)

    @property
    def _cli(self) -> str:
        return f"/usr/bin/env {self._program}-cli"

    def _until_all_say(self, what: str, asked: str, how_many: int | None = None) -> None:
        """Wait until so many nodes say something, all by default."""
        least = len(self.ports) if how_many is None else how_many
        eventually(
            lambda: sum(what in answer for answer in self._ask_all(asked)) >= least,
            what=f"{least} nodes say {what}",
        )

    def _ask_all(self, asked: str) -> list[str]:
        """Return what each node answers; of one that is away or paused, nothing."""
        ask = f"timeout 1 {self._cli} -h {self._host} -p $port {asked} 2>/dev/null; echo ---"
        answers = self.sh(f"for port in {' '.join(map(str, self.ports))}; do {ask}; done").split("---")
        return [answer.strip() for answer in answers[:-1]]


def _run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()
