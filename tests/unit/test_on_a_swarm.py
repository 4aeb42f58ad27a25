"""`make up` and `make rollout` on a host of a Swarm, seen by a `docker` that writes down what it is asked."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCKER = """#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
  "compose config") echo "name: chat" ;;
  "service ls"*namespace=chat) [ -n "$MANAGER" ] && echo id || exit 1 ;;
  "ps --quiet --filter label=com.docker.stack.namespace=chat") echo "$CONTAINERS" ;;
esac
"""


def run(folder: Path, script: str, manager: str = "", containers: str = "") -> tuple[int, str, list[str]]:
    """Run a script; return its status, what it said, and what it asked of Docker."""
    docker, asked = folder / "docker", folder / "asked"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    environment = {"ASKED": str(asked), "MANAGER": manager, "CONTAINERS": containers}
    ran = subprocess.run(
        [REPOSITORY / "setup" / script],
        env={"PATH": f"{folder}:{os.environ['PATH']}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return ran.returncode, ran.stdout, asked.read_text().splitlines()


@pytest.mark.parametrize("script", ["up.sh", "rollout.sh"])
@pytest.mark.parametrize(("manager", "containers"), [("1", ""), ("", "one")])
def test_a_stack_is_left_to_its_swarm(tmp_path: Path, script: str, manager: str, containers: str) -> None:
    """On a manager, and on another host that has some of its containers. What to run instead is said."""
    status, said, asked = run(tmp_path, script, manager, containers)
    assert status == 1
    assert "runs here as the stack 'chat' of a Swarm" in said
    assert "docker stack deploy" in said
    assert "docker service update --force chat_web" in said
    assert not [each for each in asked if each.startswith(("compose up", "compose build"))]


def test_elsewhere_the_chat_is_started(tmp_path: Path) -> None:
    _, _, asked = run(tmp_path, "up.sh")
    assert "compose up --build --detach --wait" in asked
