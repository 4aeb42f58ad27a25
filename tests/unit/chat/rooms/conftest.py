"""A room to come into and to leave."""

import pytest

from tests.unit.chat.rooms.house import House


@pytest.fixture
async def house() -> House:
    house = House()
    await house.furnish()
    return house
