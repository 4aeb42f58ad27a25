"""The list of a room's invitations, while others make and use them."""

from dataclasses import replace
from typing import Any

import pytest
from chat.people.ticket import State, digest_of
from chat.people.tickets import Tickets
from chat.rooms.access import Access
from chat.rooms.invitations import Invitations

from tests.unit.chat.people.keeping import Clock, Keeping


async def test_one_that_is_just_being_made_stays_in_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who looks at the list meanwhile does not take it for one that is over: it could not be withdrawn."""
    keeping = Keeping(Clock())
    tickets = Tickets(keeping.store, keeping.records, keeping.logins)
    invitations = Invitations(keeping.records, tickets, Access(keeping.records))
    mia = await invitations.inviter(replace(keeping.cookie("Mia"), badge=True), "tea")
    keep = Tickets.keep

    async def watched(self: Tickets, *arguments: Any, **about: Any) -> None:
        assert await invitations.of(mia) == []
        await keep(self, *arguments, **about)

    monkeypatch.setattr(Tickets, "keep", watched)
    secret = await invitations.make(mia, 1, 3600)
    [listed] = await invitations.of(mia)
    await invitations.withdraw(mia, listed.digest)
    found = await tickets.find(secret, "192.0.2.1")
    assert found is not None
    assert (found.digest, found.state) == (digest_of(secret), State.WITHDRAWN)
