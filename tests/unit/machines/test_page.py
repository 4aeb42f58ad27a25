"""The lab runs the commands of docs/many-machines.md as they are written."""

import ast
from pathlib import Path

import pytest

from tests.machines import swarm
from tests.machines.page import block


def asked() -> list[str]:
    """By what the lab looks for commands."""
    tree = ast.parse(Path(swarm.__file__).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "block"]
    return [ast.literal_eval(call.args[0]) for call in named]


@pytest.mark.parametrize("part", asked())
def test_the_page_has_each_command_that_the_lab_runs_once(part: str) -> None:
    assert part in block(part)


def test_the_lab_runs_every_step_of_the_page() -> None:
    steps = ("swarm init", "--label-add", "openssl", "REDIS_PASSWORD_FILE", "stack deploy", "curl")
    assert [step for step in steps if not any(step in block(part) for part in asked())] == []
