"""A Redis Cluster of these tests' own, all its nodes in one container, and what may happen to them."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from time import monotonic, sleep

import docker
from docker.errors import NotFound
from relay.redis.cluster.topology import Topology

from tests.support.waiting import PATIENCE

HOST = "127.0.0.1"
# As redis.conf has it, without the password. A node that is silent for longer is replaced.
NODE_TIMEOUT_MS = 1500
OPTIONS = (
    "--bind 0.0.0.0 --protected-mode no --save '' --appendonly yes --appendfsync always --daemonize no"
    f" --cluster-enabled yes --cluster-node-timeout {NODE_TIMEOUT_MS} --cluster-announce-ip {HOST}"
    " --cluster-require-full-coverage no --repl-diskless-sync-delay 0"
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
        image: str = "redis:8",
        program: str = "redis",
    ) -> None:
        self.ports = [port + number for number in range(shards * (1 + replicas))]
        self._name, self._image, self._program, self._replicas = name, image, program, replicas
        self._shards = shards
        self._engine = docker.from_env()

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"{HOST}:{port}" for port in self.ports)

    def start(self) -> None:
        with suppress(NotFound):
            self._engine.containers.get(self._name).remove(force=True, v=True)
        self._engine.containers.run(
            self._image,
            ["-c", "mkdir -p /data; sleep infinity"],
            entrypoint="/bin/sh",
            user="0",
            name=self._name,
            network_mode="host",
            detach=True,
            init=True,
        )
        for port in self.ports:
            self.start_node(port)
        self._until_all_say("PONG", "PING")
        nodes = " ".join(f"{HOST}:{port}" for port in self.ports)
        self.sh(f"{self._cli} --cluster create {nodes} --cluster-replicas {self._replicas} --cluster-yes")
        self._until_all_say("cluster_state:ok", "CLUSTER INFO")
        self._until_all_say(f"connected_slaves:{self._replicas}", "INFO replication", self._shards)

    def stop(self) -> None:
        with suppress(NotFound):
            self._engine.containers.get(self._name).remove(force=True, v=True)
        self._engine.close()

    def start_node(self, port: int) -> None:
        """Start a node that is new, or was killed."""
        options = f"{OPTIONS} --port {port} --dir /data/{port}"
        server = f"/usr/bin/env {self._program}-server {options} >>/data/{port}/log 2>&1"
        self.sh(f"mkdir -p /data/{port}; echo $$ >/data/{port}/pid; exec {server}", detach=True)

    def signal(self, port: int, name: str) -> None:
        """Send a signal to a node: KILL, STOP, CONT."""
        self.sh(f"kill -{name} $(cat /data/{port}/pid)")

    def cli(self, port: int, arguments: str) -> str:
        """Return what a node answers."""
        return self.sh(f"{self._cli} -h {HOST} -p {port} {arguments}")

    def primary_of(self, key: str) -> int:
        """Return the port of the primary that has a key."""
        slot = int(self.cli(self._alive(), f"CLUSTER KEYSLOT '{key}'"))
        owner = Topology.of(self.cli(self._alive(), "CLUSTER NODES"), HOST).owner(slot)
        assert owner is not None
        return owner.port

    def replicas_of(self, primary: int) -> list[int]:
        """Return the ports of a primary's replicas."""
        wanted = f"master_port:{primary}"
        return [port for port in self.ports if wanted in self._try(port, "INFO replication")]

    def reshard(self, slots: int) -> None:
        """Move so many slots from the primary that has most to the one that has fewest."""
        primaries = Topology.of(self.cli(self._alive(), "CLUSTER NODES"), HOST).primaries
        by_size = sorted(primaries, key=lambda primary: sum(map(len, primary.slots)))
        to, source = by_size[0], by_size[-1]
        self.sh(
            f"{self._cli} --cluster reshard {HOST}:{self._alive()} --cluster-from {source.id}"
            f" --cluster-to {to.id} --cluster-slots {slots} --cluster-yes"
        )

    def whole(self) -> None:
        """Return once all nodes are there again, each primary with its replicas."""
        for port in self.ports:
            if not self._try(port, "PING"):
                self.start_node(port)
        self._until_all_say("cluster_state:ok", "CLUSTER INFO")
        self._until_all_say("master_link_status:up", "INFO replication", self._shards * self._replicas)

    def _alive(self) -> int:
        return next(port for port in self.ports if self._try(port, "PING") == "PONG")

    def sh(self, script: str, *, detach: bool = False) -> str:
        """Return what a script prints in the container."""
        options = ["--detach"] if detach else []
        command = ["docker", "exec", *options, self._name, "/bin/sh", "-c", script]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    @property
    def _cli(self) -> str:
        return f"/usr/bin/env {self._program}-cli"

    def _until_all_say(self, what: str, asked: str, how_many: int | None = None) -> None:
        """Wait until so many nodes say something, all by default."""
        end = monotonic() + PATIENCE
        least = len(self.ports) if how_many is None else how_many
        while sum(what in self._try(port, asked) for port in self.ports) < least:
            assert monotonic() < end, f"the cluster did not start: {what}"
            sleep(0.1)

    def _try(self, port: int, asked: str) -> str:
        try:
            return self.cli(port, asked)
        except AssertionError:
            return ""
