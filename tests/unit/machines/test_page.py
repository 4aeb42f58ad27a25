"""The lab runs the commands of docs/many-machines.md as they are written."""

import pytest

from tests.machines import page
from tests.machines.hosts import NETWORK
from tests.machines.page import block

PARTS = {name: part for name, part in vars(page).items() if name.isupper() and isinstance(part, str)}
NOT_RUN = {"NETWORK"}


@pytest.mark.parametrize("name", sorted(PARTS.keys() - NOT_RUN))
def test_the_page_has_each_command_that_the_lab_runs_once(name: str) -> None:
    assert PARTS[name] in page.block(PARTS[name]) or "10.0.0." in PARTS[name]


def test_the_lab_has_hosts_of_its_own() -> None:
    assert f"{NETWORK}.11:6379" in block(page.CREATE)


def test_the_lab_runs_every_step_of_the_page() -> None:
    steps = ("swarm init", "--label-add", "openssl", "REDIS_PASSWORD_FILE", "stack deploy", "curl")
    assert [
        step for step in steps if not any(step in block(part) for part in PARTS.values() if part != NETWORK)
    ] == []
