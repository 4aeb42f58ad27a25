"""Private rooms on several workers, while parts die: who is put out hears nothing more. And strangers learn
nothing, whatever they ask."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from docker.models.containers import Container

from tests.support.people import WEBSOCKET, Person, new_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

PEOPLE = 8
Heard = tuple[str, str]
"""A room and a text."""


class Friend(Person):
    """Somebody who signed in. `everything`: what was heard, in whatever room."""

    def __init__(self, url: str, name: str, cookie: str) -> None:
        super().__init__(url, WEBSOCKET, name, cookie)
        self.cookie = cookie
        self.everything: list[Heard] = []

    async def arrive(self) -> None:
        await super().arrive()
        self.id = str((await self.asks("rooms"))["you"]["id"])

    def _hears(self, text: str, about: dict[str, Any]) -> None:
        super()._hears(text, about)
        self.everything.append((about["room"], text))

    async def asks_until(self, event: str, *arguments: Any) -> dict[str, Any]:
        """Ask again while Redis is away, or somebody is not known here yet."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.asks(event, *arguments)
                if answer.get("error") != "unavailable" and answer.get("reason") != "unknown_person":
                    return answer
                await asyncio.sleep(0.1)

    async def keeps(self, room: str, text: str) -> None:
        """Write a message until it is kept."""
        answer = await self.asks_until("message", text, {"room": room, "id": secrets.token_hex(8)})
        assert answer["ok"], answer


@asynccontextmanager
async def friends(stack: Stack) -> AsyncIterator[list[Friend]]:
    """People on two workers, those of the first one's worker first."""
    names = [f"friend {number}" for number in range(PEOPLE)]
    cookies = await asyncio.to_thread(stack.sign_in, *names)
    people = [Friend(stack.url, *each) for each in zip(names, cookies, strict=True)]
    try:
        await asyncio.gather(*(each.arrive() for each in people))
        yield sorted(people, key=lambda each: each.route != people[0].route)
    finally:
        await asyncio.gather(*(each.leave() for each in people))


async def private_room(maker: Friend, others: list[Friend]) -> str:
    """The address of a room that is made for these people, all of whom are in it and come back to it."""
    made = await maker.asks_until(
        "create", {"kind": "private", "title": "Plans", "people": [each.id for each in others]}
    )
    assert made["ok"], made
    room = str(made["room"])
    for each in (maker, *others):
        each.room = room
        joined = await each.asks("join", {"room": room})
        assert joined["ok"], joined
    return room


def asking(room: str) -> list[tuple[str, tuple[Any, ...]]]:
    """All ways to ask for a room."""
    return [
        ("join", ({"room": room},)),
        ("history", ({"room": room},)),
        ("message", ("let me in", {"room": room})),
        ("typing", ({"room": room, "typing": True},)),
        ("members", ({"room": room},)),
        ("invite", ({"room": room, "person": secrets.token_hex(8)},)),
        ("remove", ({"room": room, "person": secrets.token_hex(8)},)),
        ("describe", ({"room": room, "title": "Mine"},)),
    ]


async def test_a_stranger_cannot_tell_a_room_from_a_guess(stack: Stack) -> None:
    """By no event, at any worker, nor over HTTP."""
    async with friends(stack) as (maker, *others):
        room = await private_room(maker, others[:2])
        await maker.keeps(room, "a secret")
        guess = f"{room[:-4]}{'aaaa' if room[-4:] != 'aaaa' else 'bbbb'}"
        for stranger in (others[2], others[-1]):
            for (event, real), (_, made_up) in zip(asking(room), asking(guess), strict=True):
                answers = [await stranger.asks(event, *arguments) for arguments in (real, made_up)]
                assert answers[0] == answers[1], event
                assert answers[0]["error"] == "no_such_room", event
            assert room not in str(await stranger.asks("rooms"))
        pages = [await page(stack, others[2].cookie, each) for each in (room, guess)]
        assert pages[0].replace(room, guess) == pages[1]
        assert "a secret" not in pages[0]
        assert "Plans" not in pages[0]


async def page(stack: Stack, cookie: str, room: str) -> str:
    async with httpx.AsyncClient(base_url=stack.url, timeout=PATIENCE) as http:
        headers = {"Cookie": f"{cookie_name(stack.url)}={cookie}"}
        return (await http.get(f"/rooms/{room}", headers=headers)).text


@pytest.mark.parametrize("doomed", ["redis", "web"])
async def test_who_is_put_out_while_parts_die_hears_nothing_more(stack: Stack, doomed: str) -> None:
    """Redis, or the worker where they are. Who stays hears everybody again afterwards."""
    async with friends(stack) as (maker, *others):
        there = [each for each in others if each.route != maker.route]
        goes, stays = there[::2], there[1::2]
        room = await private_room(maker, there)
        dies = stack.workers()[there[0].route] if doomed == "web" else stack.container("redis")
        dying = asyncio.create_task(asyncio.to_thread(killed, dies))
        after: dict[str, list[str]] = {}
        for number, friend in enumerate(goes):
            friend.room = new_room()  # comes back to another one
            assert (await maker.asks_until("remove", {"room": room, "person": friend.id}))["ok"]
            for texts in after.values():
                texts.append(f"after {number}")
            after[friend.id] = [f"after {number}"]
            await maker.keeps(room, f"after {number}")
        await dying
        await soon(lambda: all(each.is_here for each in (maker, *there)), what="all are back")
        await maker.keeps(room, "the last")
        await maker.keeps("lobby", f"the last of {room}")
        for each in stays:
            await each.hears("the last")
        for each in goes:
            await soon(
                lambda each=each: ("lobby", f"the last of {room}") in each.everything,  # type: ignore[misc]
                what="the lobby goes on",
            )
            heard = {text for where, text in each.everything if where == room}
            assert heard.isdisjoint([*after[each.id], "the last"])


def killed(container: Container) -> None:
    """Die without a word, and start again."""
    container.kill()
    container.start()
