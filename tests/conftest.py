"""Fixtures for the tests of the running stack, and what is shown of it when one of them fails. The relay's
wheel, for all tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.stack import Stack
from tests.support.waiting import PATIENCE
from tests.support.wheel import build

_seen = pytest.StashKey[tuple[Stack, int]]()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The relay's wheel, built from this tree."""
    return build(tmp_path_factory.mktemp("wheel"))


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """The stack runs, and is removed at the end. No worker may log a traceback in all that time."""
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
    assert tracebacks(stack, since=0) == []


@pytest.fixture
def stack(whole_stack: Stack, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The stack, all of it well. A test may break what it likes; no worker may log a traceback for it."""
    whole_stack.mend()
    seen = len(whole_stack.logs.lines)
    request.node.stash[_seen] = (whole_stack, seen)
    yield whole_stack
    assert tracebacks(whole_stack, since=seen) == []


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """Plain requests to the stack's one port."""
    with httpx.Client(base_url=stack.url, timeout=PATIENCE) as client:
        yield client


def tracebacks(stack: Stack, since: int) -> list[str]:
    return [line.text for line in stack.logs.of("web", since) if "Traceback" in line.text]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Add what each container logged during a test, or the end of it, to the test's first failure."""
    report = yield
    if report.failed and _seen in item.stash:
        stack, seen = item.stash[_seen]
        lines = stack.logs.recent(since=seen, each=20)
        del item.stash[_seen]
        report.sections.append(("the containers' last lines", lines))
    return report
