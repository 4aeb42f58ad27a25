"""A Redis Cluster for a stack's workers, all its nodes in one container, which a network of the stack has."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.alerts.conftest import WatchedStack

FIRST = 7001
"""Port of the first of three primaries. The others follow, and then a replica of each."""
NODES = range(FIRST, FIRST + 6)

START = f"""
address=$(hostname -i)
for port in {" ".join(map(str, NODES))}; do
  mkdir -p /data/$port
  redis-server --port $port --dir /data/$port --pidfile /data/$port/pid --daemonize yes --protected-mode no \\
    --save '' --appendonly yes --appendfsync always --cluster-enabled yes --cluster-node-timeout 1500 \\
    --cluster-announce-ip $address --cluster-require-full-coverage no --repl-diskless-sync-delay 0
  nodes="$nodes $address:$port"
done
until redis-cli -p {NODES[-1]} ping; do sleep 0.1; done
redis-cli --cluster create $nodes --cluster-replicas 1 --cluster-yes
until redis-cli -p {FIRST} cluster info | grep -q cluster_state:ok; do sleep 0.1; done
touch /data/ready
exec sleep infinity
"""


class Cluster:
    def __init__(self, stack: WatchedStack) -> None:
        self._container = stack.container("cluster")
        self.address = stack.address(self._container, "back")

    def replica_of(self, primary: int) -> int:
        """Return the port of a primary's replica."""
        said = self._run(f"redis-cli -p {primary} info replication")
        (port,) = (field[5:] for field in said.replace("\r\n", ",").split(",") if field.startswith("port="))
        return int(port)

    def stop(self, *ports: int) -> None:
        """Let nodes hang."""
        for port in ports:
            self._run(f"kill -STOP $(cat /data/{port}/pid)")

    def _run(self, script: str) -> str:
        code, out = self._container.exec_run(["/bin/sh", "-c", script])
        assert code == 0, out
        return str(out.decode())


@contextmanager
def cluster_of(watched: WatchedStack) -> Iterator[Cluster]:
    """Run the workers on a cluster meanwhile. One replica has to confirm each message."""
    environment = {
        "REDIS_URL": f"redis+cluster://cluster:{FIRST}",
        "REDIS_REPLICAS": 1,
        "REDIS_PASSWORD_FILE": "",
    }
    cluster = {
        "image": "redis:8",
        "networks": ["back"],
        "init": True,
        "entrypoint": ["/bin/sh", "-c", START.replace("$", "$$")],
        "healthcheck": {"test": "test -e /data/ready", "start_period": "1m", "start_interval": "500ms"},
    }
    watched.override(f"  web: {json.dumps({'environment': environment})}\n  cluster: {json.dumps(cluster)}\n")
    try:
        watched.compose("up", "--detach", "--wait", "cluster")
        watched.compose("up", "--detach", "--wait", "web")
        yield Cluster(watched)
    finally:
        watched.restore()
