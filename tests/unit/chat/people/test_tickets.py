"""Tickets: each is used as often as it is good for, by whoever comes at the same moment too."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST
from chat.people.ticket import AFTER, Kind, State, Ticket, digest_of, login_of, new_secret
from chat.people.tickets import DEVICE_LASTS, DEVICES, UNKNOWN, Tickets
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.people.keeping import Clock, Keeping

MINUTE = 60 / 86_400


class Slow(MemoryRecords):
    """As Redis: others come in between a read and the change that follows it."""

    async def change(self, owner: str, *changes: Any, **expected: Any) -> bool:
        await asyncio.sleep(0)
        return await super().change(owner, *changes, **expected)


@pytest.fixture
def tickets(keeping: Keeping) -> Tickets:
    return Tickets(keeping.store, keeping.records, keeping.logins)


async def ana(keeping: Keeping) -> Identity:
    """Somebody whose login is kept."""
    cookie = keeping.cookie("Ana")
    await keeping.seen(cookie)
    return cookie


async def found(tickets: Tickets, secret: str) -> Ticket:
    ticket = await tickets.find(secret, "192.0.2.1")
    assert ticket is not None
    return ticket


async def test_a_ticket_is_found_by_its_secret_alone(keeping: Keeping, tickets: Tickets) -> None:
    secret = await tickets.for_device(await ana(keeping))
    assert len(secret) == 26
    ticket = await found(tickets, secret)
    assert (ticket.kind, ticket.state, ticket.by) == (Kind.DEVICE, State.OPEN, "Ana")
    assert secret not in str(keeping.records._kept), "only a digest is kept"
    assert await tickets.find(ticket.digest, "192.0.2.1") is None


async def test_of_many_who_come_at_once_as_many_get_in_as_it_is_good_for(keeping: Keeping) -> None:
    tickets = Tickets(keeping.store, Slow(), keeping.logins)
    for uses in (1, 5):
        secret = await tickets.issue(Kind.INVITATION, uses, 3600, "Mia", room="tea")
        took = await asyncio.gather(*(tickets.take(digest_of(secret), f"{n}") for n in range(12)))
        assert sum(each is not None for each in took) == uses
        assert (await found(tickets, secret)).state is State.USED


async def test_an_attempt_that_comes_again_takes_no_second_use(keeping: Keeping, tickets: Tickets) -> None:
    secret = await tickets.issue(Kind.RETURN, 1, 3600, "Mia", person="ana")
    digest = digest_of(secret)
    assert await tickets.take(digest, "first")
    assert await tickets.take(digest, "first"), "its answer was lost"
    assert await tickets.take(digest, "second") is None
    assert login_of(secret, "first") == login_of(secret, "first") != login_of(secret, "second")


async def test_a_ticket_ends(clock: Clock, keeping: Keeping, tickets: Tickets) -> None:
    """And is known for an hour more, so that its link can say so."""
    secret = await tickets.for_device(await ana(keeping))
    clock.after(days=9 * MINUTE)
    assert (await found(tickets, secret)).state is State.OPEN
    clock.after(days=2 * MINUTE)
    assert (await found(tickets, secret)).state is State.ENDED
    assert await tickets.take(digest_of(secret), "late") is None
    clock.after(days=AFTER / 86_400)
    assert await tickets.find(secret, "192.0.2.1") is None


async def test_a_withdrawn_ticket_is_used_no_more(keeping: Keeping, tickets: Tickets) -> None:
    secret = await tickets.issue(Kind.INVITATION, 3, 3600, "Mia", room="tea")
    assert await tickets.take(digest_of(secret), "before")
    assert await tickets.withdraw(digest_of(secret))
    assert await tickets.take(digest_of(secret), "after") is None
    assert (await found(tickets, secret)).state is State.WITHDRAWN
    assert not await tickets.withdraw(digest_of(new_secret()))


async def test_a_ticket_for_a_device_ends_with_the_login_that_made_it(
    keeping: Keeping, tickets: Tickets
) -> None:
    cookie = await ana(keeping)
    await keeping.seen(keeping.another(cookie))
    ticket = await found(tickets, await tickets.for_device(cookie))
    holder = await tickets.holder(ticket)
    assert holder == cookie.person
    await keeping.ends(cookie)
    assert await tickets.holder(ticket) is None


async def test_one_that_brings_back_ends_with_no_login(keeping: Keeping, tickets: Tickets) -> None:
    """But with what is kept of the person."""
    cookie = await ana(keeping)
    ticket = await found(tickets, await tickets.for_return(cookie.person.id, GUEST, cookie.person))
    await keeping.ends(cookie)
    assert await tickets.holder(ticket) == cookie.person
    keeping.loses_everything()
    assert await tickets.holder(ticket) is None


async def test_one_becomes_the_person_under_the_name_that_they_have_now(
    keeping: Keeping, tickets: Tickets
) -> None:
    cookie = await ana(keeping)
    ticket = await found(tickets, await tickets.for_device(cookie))
    await keeping.seen(cookie.named("Anna"))
    holder = await tickets.holder(ticket)
    assert holder is not None
    assert (holder.id, holder.name) == (cookie.person.id, "Anna")


async def test_guesses_are_counted_for_each_address(tickets: Tickets) -> None:
    """And right ones are not."""
    secret = await tickets.issue(Kind.RETURN, 1, 3600, "Mia", person="ana")
    for _ in range(UNKNOWN):
        assert await tickets.find(new_secret(), "192.0.2.1") is None
        assert await tickets.find(secret, "192.0.2.2")
    with pytest.raises(Refused) as refused:
        await tickets.find(secret, "192.0.2.1")
    assert refused.value.error == "rate_limited"
    assert refused.value.retry_after
    assert await tickets.find(secret, "192.0.2.2")


async def test_guesses_of_one_ipv6_customer_are_counted_together(tickets: Tickets) -> None:
    for number in range(40):
        assert await tickets.find(new_secret(), f"2001:db8:0:{number % 4:x}::/64") is None
    with pytest.raises(Refused):
        await tickets.find(new_secret(), "2001:db8:0:5::/64")
    assert await tickets.find(new_secret(), "2001:db9::/64") is None


async def test_a_person_makes_so_many_links_at_once(clock: Clock, keeping: Keeping, tickets: Tickets) -> None:
    cookie = await ana(keeping)
    for _ in range(DEVICES):
        await tickets.for_device(cookie)
    with pytest.raises(Refused) as refused:
        await tickets.for_device(cookie)
    assert refused.value.values["reason"] == "many_links"
    clock.after(days=DEVICE_LASTS / 86_400)
    await tickets.for_device(cookie)


async def test_while_redis_is_away_nobody_becomes_somebody(
    keeping: Keeping, tickets: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where logins can't be looked up a cookie counts, and a ticket does not."""
    cookie = await ana(keeping)
    ticket = await found(tickets, await tickets.for_device(cookie))

    async def away(*_: object) -> None:
        raise LogUnavailable("away")

    monkeypatch.setattr(keeping.records, "read", away)
    with pytest.raises(LogUnavailable):
        await tickets.holder(ticket)


def test_what_another_release_keeps_of_a_ticket_stays() -> None:
    ticket = Ticket("d" * 64, Kind.INVITATION, 2, 3, 10**15, "Mia", room="tea", more={"member": True})
    again = Ticket.read(ticket.digest, ticket.put().value)
    assert again == ticket
    assert replace(again, uses=1).put().value != ticket.put().value
