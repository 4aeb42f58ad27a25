"""docs/examples/docker-compose.yml, started as it says: an application with three workers behind nginx."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from socketio.exceptions import TimeoutError as NoAnswer

from tests.stack.relay.real_nginx import EXAMPLE as NGINX
from tests.stack.relay.real_nginx import POLLING
from tests.stack.relay.worker import until
from tests.support.noticeboard import EXAMPLE, Reader
from tests.support.waiting import PATIENCE, eventually, soon

COMPOSE = EXAMPLE.with_name("docker-compose.yml")
ADDRESS = "127.0.0.1:18486"


class Deployment:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--project-name", "tertulia-example", *arguments]
        environment = {
            name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ
        }
        ran = subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=400
        )
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def session(self) -> str:
        """Begin a session; the route of the worker that has it."""
        answer = httpx.get(f"http://{ADDRESS}{POLLING}", timeout=PATIENCE)
        return str(json.loads(answer.text[1:])["sid"][:32])


@pytest.fixture
def deployment(tmp_path: Path, wheel: Path) -> Iterator[Deployment]:
    for file in (EXAMPLE, NGINX, wheel):
        shutil.copy(file, tmp_path)
    text = COMPOSE.read_text()
    assert "8080:8080" in text
    (tmp_path / COMPOSE.name).write_text(text.replace("8080:8080", f"{ADDRESS}:8080"))
    deployment = Deployment(tmp_path)
    deployment.compose("down", "--volumes", "--timeout", "1")
    try:
        deployment.compose("up", "--build", "--detach", "--scale", "web=3")
        yield deployment
    finally:
        print(deployment.compose("logs", "--no-color", "--tail", "20"))
        deployment.compose("down", "--volumes", "--timeout", "1")


async def test_three_workers_are_one_application_and_keep_what_they_acknowledged(
    deployment: Deployment,
) -> None:
    eventually(
        lambda: len({deployment.session() for _ in range(6)}) == 3, what="new sessions go to all three"
    )
    readers = [Reader(transport) for transport in ("polling", "websocket") * 2]
    for reader in readers:
        await reader.connect(f"http://{ADDRESS}")
        await reader.join("hall")
    for number, reader in enumerate(readers):
        assert (await reader.post("hall", f"notice {number}"))["seq"] == number + 1
    for reader in readers:
        await soon(lambda r=reader: r.numbers == [1, 2, 3, 4], what="all four are heard")  # type: ignore[misc]
        await reader.sio.disconnect()
    logged = deployment.compose("logs", "web")
    assert "Application startup complete" in logged
    assert "sid=" not in logged, "whoever reads the log could act for a session"
    deployment.compose("kill", "redis")
    deployment.compose("up", "--detach", "--scale", "web=3")
    back = Reader("websocket")
    await back.connect(f"http://{ADDRESS}")

    async def kept() -> bool:
        """A handler that Redis does not answer yet fails, and is not acknowledged."""
        try:
            joined = await back.sio.call("join", ("hall",), timeout=2)
        except NoAnswer:
            return False
        return [each["text"] for each in joined["notices"]] == [f"notice {n}" for n in range(4)]

    await until(kept, "what was acknowledged is there")
    await back.sio.disconnect()
