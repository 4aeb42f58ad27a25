"""Where people were lately."""

import asyncio

import pytest
from chat.domain.people import Person
from chat.domain.recent_addresses import RecentAddresses
from relay.memory.store import MemoryStore


async def test_an_address_has_so_many_people_who_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those who were there last; a flood of cookies from it takes nothing from whoever is elsewhere, or comes
    again."""
    monkeypatch.setattr("chat.domain.recent_addresses.PEOPLE", (3, 60))
    recent_addresses = RecentAddresses(MemoryStore())
    running = asyncio.create_task(recent_addresses.run())
    ana, ben, *flood = [Person.named(name) for name in ("Ana", "Ben", "Eve", "Eve", "Eve", "Eve")]
    recent_addresses.note(ana, "192.0.2.7")
    recent_addresses.note(ben, "198.51.100.1")
    for each in flood:
        recent_addresses.note(each, "192.0.2.7")
    found = [await recent_addresses.of(each.id) for each in (ana, ben, *flood)]
    assert found == [[], ["198.51.100.1"], [], *[["192.0.2.7"]] * 3]
    recent_addresses.note(ana, "192.0.2.7")
    assert await recent_addresses.of(ana.id) == ["192.0.2.7"]
    running.cancel()
