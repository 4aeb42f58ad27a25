"""The faults: what is done to a running stack, and how it is undone. Each leaves alone what others break.

Where nothing is undone, the stack is expected to come back by itself.
"""

import random
from abc import ABC, abstractmethod

from docker.models.containers import Container

from tests.faults.stack import FaultStack
from tests.support.stack import WORKERS

CUT = 5.0
"""Seconds for which a worker is cut off."""


class Fault(ABC):
    name: str
    part: str
    """What it breaks: two faults of one part are never under way together."""
    lasts: float = 0.0
    """Seconds between inject and undo."""

    @abstractmethod
    def inject(self, stack: FaultStack) -> None: ...

    def undo(self, stack: FaultStack) -> None:  # noqa: B027 - most come back by themselves
        """Return at once."""


class Killed(Fault):
    """`kill -9`; Docker starts it again."""

    def __init__(self, service: str) -> None:
        self.name = f"kill -9 {'a worker' if service == 'web' else service}"
        self.part = service

    def inject(self, stack: FaultStack) -> None:
        stack.kill(random.choice(stack.containers(self.part)))


class Restarted(Fault):
    """`docker restart`: asked to end, then started."""

    def __init__(self, service: str) -> None:
        self.name = f"{service} restarted"
        self.part = service

    def inject(self, stack: FaultStack) -> None:
        stack.container(self.part).restart(timeout=10)


class RedisPaused(Fault):
    """Redis accepts connections, and never answers."""

    part = "redis"

    def __init__(self, seconds: float) -> None:
        self.name = f"Redis paused {seconds:g} s"
        self.lasts = seconds

    def inject(self, stack: FaultStack) -> None:
        stack.container("redis").pause()

    def undo(self, stack: FaultStack) -> None:
        stack.container("redis").unpause()


class SubscriptionsKilled(Fault):
    """Redis closes every pub/sub connection, as it does with a subscriber that cannot keep up."""

    name = "pub/sub connections killed"
    part = "redis"

    def inject(self, stack: FaultStack) -> None:
        stack.redis_cli("CLIENT", "KILL", "TYPE", "pubsub")


class WorkerCut(Fault):
    """A worker is taken off one of its networks: `back` cuts it from Redis, `front` from nginx.

    It comes back under the same names, and perhaps another address; a session's route is made of the address
    at which it reached its worker, so new sessions find it.
    """

    part = "web"
    lasts = CUT

    def __init__(self, network: str) -> None:
        self.name = f"a worker cut from {'Redis' if network == 'back' else 'nginx'} for {CUT:g} s"
        self._network = network
        self._worker: Container | None = None

    def inject(self, stack: FaultStack) -> None:
        self._worker = random.choice(stack.containers("web"))
        stack.network(self._network).disconnect(self._worker)

    def undo(self, stack: FaultStack) -> None:
        assert self._worker
        stack.network(self._network).connect(self._worker, aliases=["web", str(self._worker.name)])


class NginxReloaded(Fault):
    """Not by `docker kill --signal HUP`, after which Docker would not start it again if it crashed."""

    name = "nginx reloaded"
    part = "nginx"

    def inject(self, stack: FaultStack) -> None:
        ran = stack.container("nginx").exec_run(["/usr/sbin/nginx", "-s", "reload"])
        if ran.exit_code:
            raise RuntimeError(f"nginx -s reload failed: {ran.output.decode()}")


class Scaled(Fault):
    """Two workers more, then two less."""

    name = "workers scaled up and down"
    part = "web"
    lasts = 3.0

    def inject(self, stack: FaultStack) -> None:
        stack.scale(WORKERS + 2)

    def undo(self, stack: FaultStack) -> None:
        stack.scale(WORKERS)


class LogWiped(Fault):
    """Redis' volume is emptied: every room begins anew, under another epoch."""

    name = "the Redis volume wiped"
    part = "redis"

    def inject(self, stack: FaultStack) -> None:
        redis = stack.container("redis")
        redis.stop(timeout=10)
        mount = {stack.volume("log"): {"bind": "/data", "mode": "rw"}}
        stack.beside(redis, "rm -rf /data/*", volumes=mount)

    def undo(self, stack: FaultStack) -> None:
        stack.container("redis").start()


def each_alone() -> list[Fault]:
    """Every kind once. The wipe comes first: what follows is judged by a log that lasts to the end."""
    return [LogWiped(), *mixable()]


def mixable() -> list[Fault]:
    """Those that destroy nothing."""
    return [
        Killed("web"),
        Killed("redis"),
        Killed("nginx"),
        RedisPaused(10),
        Restarted("redis"),
        SubscriptionsKilled(),
        WorkerCut("back"),
        WorkerCut("front"),
        NginxReloaded(),
        Restarted("nginx"),
        Scaled(),
    ]
