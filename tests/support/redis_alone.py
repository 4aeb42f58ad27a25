"""One Redis of these tests' own, which they may stop, kill and wipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker
from docker.errors import NotFound

from tests.support.waiting import eventually

# As redis.conf has it, without the password.
OPTIONS = "--protected-mode no --appendonly yes --appendfsync always --save ''"


@contextmanager
def redis_alone(name: str, port: int, image: str = "redis:8", program: str = "redis") -> Iterator[str]:
    """Run Redis, or what else has its commands, in a container of this name. Yields its URL.

    The port is fixed: an ephemeral one changes when the container is started again."""
    engine = docker.from_env()
    with suppress(NotFound):
        engine.containers.get(name).remove(force=True, v=True)
    container = engine.containers.run(
        image,
        f"/usr/local/bin/{program}-server {OPTIONS}",
        name=name,
        ports={"6379/tcp": ("127.0.0.1", port)},
        detach=True,
    )
    ping = f"/usr/bin/env {program}-cli ping"
    eventually(lambda: container.exec_run(ping).output == b"PONG\n", what=f"{name} answers")
    yield f"redis://127.0.0.1:{port}/0"
    container.remove(force=True, v=True)
    engine.close()
