"""`make images`: what it pushes, seen by a `docker` that only writes down what it was asked."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCKER = """#!/bin/sh
echo "$*" >>"$ASKED"
[ "$2" != config ] || echo "name: project"
"""


def push(folder: Path, **settings: str) -> tuple[int, str, list[str]]:
    """Run the script; return its status, what it said, and what it asked of Docker."""
    docker, asked = folder / "docker", folder / "asked"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    asked.touch()
    ran = subprocess.run(
        [REPOSITORY / "setup/push.sh"],
        env={"PATH": f"{folder}:{os.environ['PATH']}", "ASKED": str(asked), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return ran.returncode, ran.stdout, asked.read_text().splitlines()


def test_the_three_images_are_tagged_and_pushed(tmp_path: Path) -> None:
    status, said, asked = push(tmp_path, REGISTRY="registry.example:5000/team/chat", TAG="1.2.3")
    assert status == 0
    for name in ("nginx", "web", "redis"):
        image = f"registry.example:5000/team/chat-{name}:1.2.3"
        assert asked.index(f"tag project-{name} {image}") < asked.index(f"push --quiet {image}")
    assert "export REGISTRY=registry.example:5000/team/chat TAG=1.2.3" in said


def test_the_tag_is_the_version(tmp_path: Path) -> None:
    project = (REPOSITORY / "web/pyproject.toml").read_text()
    [version] = [line.split('"')[1] for line in project.splitlines() if line.startswith("version = ")]
    _, _, asked = push(tmp_path, REGISTRY="registry.example/chat")
    assert f"push --quiet registry.example/chat-web:{version}" in asked


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "REGISTRY is ''; expected are a registry's host"),
        ({"REGISTRY": "registry.example:5000"}, "REGISTRY is 'registry.example:5000'"),
        ({"REGISTRY": "registry.example/Chat"}, "a name in lower case. Example: make images REGISTRY="),
        ({"REGISTRY": "registry.example/chat", "TAG": "one two"}, "TAG is 'one two'; expected are letters"),
    ],
)
def test_nothing_is_built_for_a_wrong_name(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    status, printed, asked = push(tmp_path, **settings)
    assert status == 1
    assert said in printed
    assert asked == []
