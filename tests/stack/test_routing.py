"""Each session stays with its worker, whatever its transport, and everybody hears everybody."""

import asyncio

import httpx

from tests.support.people import ORDINARY, POLLING, WEBSOCKET, Person, crowd
from tests.support.session import Session
from tests.support.stack import Stack
from tests.support.waiting import soon


async def everybody_hears_everybody_once(people: list[Person]) -> None:
    said = {f"{person.name} says hello" for person in people}
    acks = await asyncio.gather(*(person.says(f"{person.name} says hello") for person in people))
    assert all(ack["ok"] for ack in acks)
    await soon(
        lambda: all(said <= set(person.heard) for person in people),
        what="everybody has heard everybody",
    )
    assert all(person.heard == dict.fromkeys(said, 1) for person in people)


async def test_messages_cross_workers_and_transports_once_each(stack: Stack) -> None:
    """People on all workers, by polling, by WebSocket and upgrading, each hear each message once."""
    async with crowd(stack.url, *[POLLING, WEBSOCKET, ORDINARY] * 6) as people:
        assert {person.route for person in people} == set(stack.workers())
        await everybody_hears_everybody_once(people)
        assert [error for person in people for error in person.errors] == []


async def test_every_upgrade_finds_its_worker(stack: Stack) -> None:
    """A misrouted upgrade fails in silence and leaves its client polling: none may."""
    async with crowd(stack.url, *[ORDINARY] * 40) as people:
        assert [person.name for person in people if person.transport != "websocket"] == []
        assert [error for person in people for error in person.errors] == []


async def test_sessions_are_spread_evenly_over_the_workers(stack: Stack) -> None:
    async with crowd(stack.url, *[POLLING] * 20, *[WEBSOCKET] * 20) as people:
        shares = [sum(person.route == route for person in people) for route in stack.workers()]
        assert sum(shares) == 40
        assert min(shares) >= 15


def test_who_opens_the_page_before_is_spread_as_evenly(stack: Stack) -> None:
    """People come one after the other, each with a request for the page and one for a session."""
    routes = []
    for _ in range(20):
        httpx.get(stack.url).raise_for_status()
        routes.append(Session(stack.url).route)
    assert min(routes.count(route) for route in stack.workers()) >= 7


def test_every_request_of_a_session_finds_its_worker_over_new_connections(stack: Stack) -> None:
    """Neither a cookie nor a kept connection is needed: the session id alone leads to the worker."""
    for number in range(12):
        session = Session(stack.url).joins()
        assert session.route in stack.workers()
        session.posts(f'42["message","from session {number}"]').raise_for_status()
        session.hears(f"from session {number}")
