"""The list of a room's invitations, while others make and use them."""

from dataclasses import replace
from typing import Any

import pytest
from chat.people.invitations import Invitations
from chat.people.ticket import State, digest_of
from chat.people.tickets import Tickets

from tests.unit.chat.people.keeping import Keeping


async def test_one_that_is_just_being_made_stays_in_the_list(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks at the list meanwhile does not take it for one that is over: it could not be withdrawn."""
    tickets = Tickets(keeping.store, keeping.records, keeping.logins)
    invitations, mia = Invitations(keeping.records, tickets), replace(keeping.cookie("Mia"), moderator=True)
    keep = Tickets.keep

    async def watched(self: Tickets, *arguments: Any, **about: Any) -> None:
        assert await invitations.of("tea", mia) == []
        await keep(self, *arguments, **about)

    monkeypatch.setattr(Tickets, "keep", watched)
    secret = await invitations.make("tea", 1, 3600, mia)
    [listed] = await invitations.of("tea", mia)
    await invitations.withdraw("tea", listed.digest, mia)
    found = await tickets.find(secret, "192.0.2.1")
    assert found is not None
    assert (found.digest, found.state) == (digest_of(secret), State.WITHDRAWN)
