"""A server that answers as told."""

import pytest

from tests.unit.relay.recovery.fake_rooms import FakeRooms


@pytest.fixture
def rooms() -> FakeRooms:
    return FakeRooms()
