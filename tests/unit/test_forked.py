"""Tests on forked processes: each is run once and reported, whatever happens to its process."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TESTS = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(20))
def test_is_noted(number, noted, tmp_path):
    assert list(tmp_path.iterdir()) == []
    (noted / f"{number}-{os.getpid()}").touch()

@pytest.mark.one_process
@pytest.mark.parametrize("number", range(20, 30))
def test_is_together(number, noted):
    (noted / f"{number}-{os.getpid()}").touch()

def test_fails():
    print("what it printed")
    assert 1 == 2

@pytest.mark.skip(reason="not today")
def test_is_skipped(): ...

@pytest.fixture
def noted():
    return pathlib.Path("noted")

def test_dies():
    os._exit(0)
"""
DIES_FIRST = """
import os

def test_dies():
    os._exit(0)

def test_comes_next(): ...

def test_comes_last(): ...
"""
FAILS_OUTSIDE = """
import pytest

class Plugin:
    def pytest_runtest_protocol(self):
        raise OSError("no space is left")

@pytest.fixture(autouse=True, scope="session")
def plugin(pytestconfig):
    pytestconfig.pluginmanager.register(Plugin())

def test_one(): ...

def test_two(): ...
"""
LEAVES = """
import socket

def test_leaves_a_socket_open():
    left = [socket.socket()]
    left.append(left)
"""


def run(folder: Path, tests: str, processes: int = 3) -> subprocess.CompletedProcess[str]:
    """Run these tests on forked processes."""
    (folder / "test_these.py").write_text(tests)
    plugin = ("-p", "tests.unit.forked", "-p", "no:cacheprovider", "--processes", str(processes))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *plugin, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_test_is_run_once_and_reported(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    noted.mkdir()
    ran = run(tmp_path, TESTS)
    runs = sorted(
        (int(number), process) for number, process in (each.name.split("-") for each in noted.iterdir())
    )
    assert [number for number, _ in runs] == list(range(30))
    assert 1 <= len({process for _, process in runs}) <= 3
    assert len({process for _, process in runs[20:]}) == 1
    assert "2 failed, 30 passed, 1 skipped" in ran.stdout
    assert "test_dies - The process of this test ended with 0" in ran.stdout
    assert "what it printed" in ran.stdout
    assert ran.returncode == 1


def test_a_test_that_is_not_run_fails(tmp_path: Path) -> None:
    ran = run(tmp_path, DIES_FIRST, processes=1)
    assert ran.stdout.count("Not run: the process that had taken it ended.") >= 2
    assert "3 failed" in ran.stdout
    assert ran.returncode == 1


def test_what_the_last_test_left_open_fails_it(tmp_path: Path) -> None:
    ran = run(tmp_path, LEAVES)
    assert "unclosed" in ran.stderr
    assert "test_leaves_a_socket_open - The process" in ran.stdout
    assert ran.returncode == 1


def test_why_a_process_fails_outside_of_any_test_is_reported(tmp_path: Path) -> None:
    ran = run(tmp_path, FAILS_OUTSIDE, processes=1)
    assert "OSError: no space is left" in ran.stdout
    assert ran.returncode == 1
