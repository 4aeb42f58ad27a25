"""How quickly a worker that ends moves its clients, and in which order."""

from typing import Any
from unittest.mock import AsyncMock

import pytest
from relay import draining


@pytest.mark.parametrize(("clients", "seconds", "last"), [(100, 10, 4), (100, 1, 1), (1, 10, 0.04)])
async def test_few_are_moved_quickly_and_many_within_the_time_there_is(
    monkeypatch: pytest.MonkeyPatch, clients: int, seconds: float, last: float
) -> None:
    """25 clients a second are moved, and more where the last of them would else be too late."""
    moved = await times_of_moves(monkeypatch, clients, seconds)
    assert last * (clients - 1) / clients <= max(moved.values()) <= last
    first, *rest = sorted(moved.values())
    assert first <= last / clients
    assert all(number * last / clients <= after for number, after in enumerate(rest, 1))


async def test_clients_are_moved_in_a_random_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who connected together do not come to another worker together."""
    moved = await times_of_moves(monkeypatch, 100, 10)
    assert sorted(moved, key=lambda number: moved[number]) != list(range(100))


async def times_of_moves(monkeypatch: pytest.MonkeyPatch, clients: int, seconds: float) -> dict[Any, float]:
    """After how many seconds each client of a server that drains is moved; they are numbers."""
    moved: dict[Any, float] = {}

    async def move_one(server: Any, session: Any, after: float) -> None:
        moved[session] = after

    monkeypatch.setattr(draining, "_move_one", move_one)
    server = AsyncMock()
    server.eio.sockets = {f"sid-{number}": number for number in range(clients)}
    await draining.drain(server, seconds)
    return moved
