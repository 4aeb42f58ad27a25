"""What several of these tests use."""

import pytest
from relay.redis import link

from tests.support.waiting import PATIENCE


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no test of a link fail that is about something else."""
    monkeypatch.setattr(link, "ANSWER", PATIENCE)
    monkeypatch.setattr(link, "EXCHANGE", PATIENCE / 2)
