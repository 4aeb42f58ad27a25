"""What the follower follows."""

import pytest

from tests.unit.relay.delivery.followed import Room


@pytest.fixture
async def room() -> Room:
    """A room whose first entry was delivered."""
    room = Room()
    await room.follower.set_baseline("tea")
    await room.append(1)
    await room.check()
    return room
