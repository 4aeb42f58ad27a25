"""The stack that the fault tests break: one of its own beside that of the other tests."""

from collections.abc import Iterator

import pytest

from tests.conftest import tracebacks
from tests.faults.stack import FaultStack


@pytest.fixture(scope="session")
def whole_stack() -> Iterator[FaultStack]:
    """The stack, started once for all fault tests and removed at the end."""
    stack = FaultStack()
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
    assert tracebacks(stack, since=0) == []
