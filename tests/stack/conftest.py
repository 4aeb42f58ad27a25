"""The stack of these tests, which has moderators."""

from collections.abc import Iterator

import pytest

from tests.conftest import running
from tests.support.stack import Stack

CODE = "order, order"


class StackWithModerators(Stack):
    @property
    def settings(self) -> dict[str, str]:
        return super().settings | {"ADMIN_CODE": CODE}


@pytest.fixture(scope="session")
def whole_stack() -> Iterator[Stack]:
    """The stack, started once for all tests and removed at the end."""
    with running(StackWithModerators()) as stack:
        yield stack
