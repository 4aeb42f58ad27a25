"""The stack that the doctor is to find well."""

import pytest

from tests.support.stack import Stack


@pytest.fixture
def well(stack: Stack) -> Stack:
    """A stack that no test broke within the hour."""
    for container in stack.containers():
        if container.attrs["RestartCount"]:
            container.remove(force=True)
    stack.mend()
    return stack
