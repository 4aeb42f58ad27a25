"""The relay's package in environments that hold only what it asks for, in the oldest releases that it accepts
and in the newest that are tested. They are installed from PyPI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import relay

from tests.stack.relay.worker import RedisUnderTest, until
from tests.support.noticeboard import EXAMPLE, Reader, running
from tests.support.wheel import environment, newest, oldest

REPOSITORY = Path(__file__).parents[3]
RELEASES = {"oldest": oldest, "newest": newest}


@pytest.fixture(scope="module", params=["oldest", "newest"])
def python(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of such an environment."""
    return environment(
        tmp_path_factory.mktemp("environment"), f"{wheel}[client,fast]", *RELEASES[request.param]()
    )


async def test_the_example_runs_on_two_processes(redis: RedisUnderTest, python: str, tmp_path: Path) -> None:
    """Readers on either process hear all notices in one order; one that comes back is told what it missed."""
    shutil.copy(EXAMPLE, tmp_path)
    url = {"REDIS_URL": redis.url}
    async with running(tmp_path, python, **url) as one, running(tmp_path, python, **url) as two:
        ana, ben = Reader("websocket"), Reader("polling")
        for reader, address in ((ana, one), (ben, two)):
            await reader.connect(address)
            await reader.join("packaged")
        last = [await (ana, ben)[number % 2].post("packaged", str(number)) for number in range(10)][-1]
        for reader in (ana, ben):
            await until(lambda r=reader: len(r.heard) >= 10, "all ten are heard")  # type: ignore[misc]
        assert [notice["text"] for notice in ana.heard] == [str(number) for number in range(10)]
        assert ana.heard == ben.heard

        await ben.sio.disconnect()
        await ana.post("packaged", "while ben was away")
        back = Reader()
        await back.connect(one)
        missed = await back.join("packaged", last["seq"], last["epoch"])
        assert [each["text"] for each in missed["notices"]] == ["while ben was away"]
        for reader in (ana, back):
            await reader.sio.disconnect()


WITHOUT_UPSTREAM = (
    "memory",
    "delivery/test_presence.py",
    "test_start.py",
    "test_examples.py",
    "test_reusing_relay.py",
    "test_package.py",
)
"""Tests that say nothing about old releases. The first two import no library. The others start processes of
their own, which find the releases that are locked; an example in a process of its own is run above."""

USER = f"""
from relay import {", ".join(relay.__all__)}

def post(text: str) -> Post:
    return Post("id", text.encode())
"""


@pytest.mark.parametrize("python", ["newest"], indirect=True)
def test_strict_mypy_knows_the_types_of_every_public_name(python: str, tmp_path: Path) -> None:
    """A user's module passes, and one with a wrong argument doesn't."""
    shutil.copy(EXAMPLE, tmp_path)
    (tmp_path / "user.py").write_text(USER)
    assert mypy(python, tmp_path) == "Success: no issues found in 2 source files"
    (tmp_path / "user.py").write_text(USER.replace("text.encode()", "text"))
    assert "[arg-type]" in mypy(python, tmp_path)


def mypy(python: str, folder: Path) -> str:
    """What mypy says of a folder's modules, its last line first."""
    options = ["--strict", "--python-executable", python, "--cache-dir", str(folder / "cache")]
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "."], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return "\n".join(reversed(ran.stdout.strip().splitlines()))


@pytest.mark.parametrize("python", ["oldest"], indirect=True)
def test_the_relays_own_tests_pass_with_the_oldest_releases(python: str) -> None:
    """They are found before those that the tests have by themselves. Left out is what has nothing to do with
    them. Four at a time, since the tests wait more than they compute."""
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([python, "-c", find], capture_output=True, text=True, check=True)
    options = ["-q", "--processes", "4", "--rootdir", ".", "-c", "web/pyproject.toml"]
    left_out = [f"--ignore=tests/unit/relay/{each}" for each in WITHOUT_UPSTREAM]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *left_out, "tests/unit/relay"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": found.stdout.strip()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
