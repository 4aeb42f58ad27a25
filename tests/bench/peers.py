"""The peers, and a compose project in which one of them at a time takes the place of our workers."""

from dataclasses import dataclass, replace
from functools import partial

import httpx

from tests.support.stack import REPOSITORY, Stack
from tests.support.waiting import eventually

# A backlog must show as latency, not as a container that was killed and started again.
_ROOMY = {"WEB_MEMORY": "4g", "REDIS_MEMORY": "2g", "NGINX_MEMORY": "2g", "LOG_LEVEL": "warning"}


@dataclass(frozen=True)
class Peer:
    """A server that speaks the contract's `join` and `message`; `workers` is the number of its processes.
    `sockets`: where nginx reaches them without TCP, if they can."""

    name: str
    title: str
    folder: str
    workers: int
    routed: bool = False  # its session ids name their worker, so that polling finds it again
    polls: bool = True
    replays: bool = False  # who comes back gets what it missed, if it is set up so
    sockets: str = "/sockets"
    reacts: bool = False  # people react to messages, and read pages of history


OURS = Peer("ours", "Tertulia", "web", 2, routed=True, replays=True, reacts=True)
OURS_ALONE = Peer("ours-1", "Tertulia, 1 worker", "web", 1, routed=True, replays=True, reacts=True)
OURS_OVER_TCP = replace(OURS, name="ours-tcp", title="Tertulia over TCP", sockets="")
STOCK = Peer("stock", "python-socketio", "tests/peers/stock", 2)
NODE = Peer("node", "Node socket.io", "tests/peers/node", 2, replays=True)
LIMIT = Peer("limit", "bare event loop", "tests/peers/limit", 1, polls=False)


class Site(Stack):
    """nginx, Redis and one peer. Reached at nginx's own address: Docker's proxy for published ports would
    copy every byte once more, on the cores that are measured."""

    def __init__(self) -> None:
        super().__init__("tertulia-bench", "127.0.0.1:18083")

    def build(self, peer: Peer) -> None:
        """Build the images, so that no build happens between two measurements."""
        self.compose("build", "--quiet", **self._settings(peer))

    def start(self, peer: Peer, workers: int | None = None, *, recovery: bool = False) -> None:
        """Remove whatever ran and start this peer; returns when every worker answers, through nginx too.
        `recovery`: Node with its connection state recovery, which it has with another adapter only."""
        settings = self._settings(peer) | {"RECOVERY": "1" if recovery else ""}
        workers = workers or peer.workers
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "1", **settings)
        if recovery:
            # The adapter waits in XREAD, which our workers may not, and reads what is no part of their log.
            self.compose("up", "--detach", "--no-build", "--wait", "redis", **settings)
            self.container("redis").exec_run(
                ["/opt/redis/admin.sh", "ACL", "SETUSER", "worker", "+xread", "+pubsub"]
            )
        self.compose("up", "--detach", "--no-build", "--scale", f"web={workers}", **settings)
        doors = [f"http://{self.address(worker, 'front')}:8000" for worker in self.containers("web")]
        for door in [*doors, f"http://{self.door}:8080"]:
            eventually(partial(_healthy, door), within=30, what=f"{peer.title} answers at {door}/health")

    def stop(self) -> None:
        """Remove everything, volumes included."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "1", **self._settings(OURS))

    @property
    def door(self) -> str:
        """nginx's address on its own network; it listens on port 8080 there."""
        return self.address(self.container("nginx"), "front")

    def _settings(self, peer: Peer) -> dict[str, str]:
        files = f"{REPOSITORY}/docker-compose.yml:{REPOSITORY}/tests/bench/compose.yml"
        return _ROOMY | {
            "COMPOSE_FILE": files,
            "PEER": peer.name.split("-")[0],
            "PEER_FOLDER": peer.folder,
            "SOCKETS": peer.sockets,
        }


def _healthy(url: str) -> bool:
    return httpx.get(f"{url}/health", timeout=2).status_code == 200
