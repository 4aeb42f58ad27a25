"""A board that is served."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.relay.rooms.board import Board


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    board = Board()
    async with board.serving():
        yield board
