"""Private and direct rooms over two workers: who is put out on one hears nothing more on the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from tests.stack.test_moderation import Client, cookie_at
from tests.support.people import Person
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon


class Member(Client):
    """Somebody with a cookie, and all that they hear and are told."""

    def __init__(self, url: str, cookie: str) -> None:
        super().__init__(url, cookie=cookie)
        self.cookie = cookie
        self.heard: list[str] = []
        self.sio.on("response", lambda text, about: self.heard.append(text))
        self.invited: list[dict[str, Any]] = []
        self.sio.on("invited", self.invited.append)
        self.removed: list[str] = []
        self.sio.on("removed", lambda about: self.removed.append(about["room"]))

    async def says(self, text: str, room: str) -> dict[str, Any]:
        return await self.asks("message", text, {"room": room})

    async def hears(self, text: str) -> None:
        await soon(lambda: text in self.heard, what=f"hearing {text}")

    async def is_invited(self, room: str) -> None:
        await soon(lambda: room in [each["room"] for each in self.invited], what="being invited")

    async def joins(self, room: str) -> dict[str, Any]:
        return await self.asks("join", {"room": room})


@asynccontextmanager
async def members(*places: tuple[str, str]) -> AsyncIterator[list[Member]]:
    """Somebody new at each of these workers, given by a name and an address, known to the server."""
    async with AsyncExitStack() as all_of_them:
        people = []
        for name, url in places:
            one = Member(url, await asyncio.to_thread(cookie_at, url, name))
            await one.arrive()
            all_of_them.push_async_callback(one.sio.disconnect)
            people.append(one)
        yield people


def is_back(person: Person, arrivals: int) -> bool:
    """Whether somebody who had arrived so often has arrived again."""
    return len(person.arrivals) > arrivals and person.is_here


async def invites(maker: Member, room: str, person: str) -> None:
    """Whoever has just come is known a moment later."""
    async with asyncio.timeout(PATIENCE):
        while not (await maker.asks("invite", {"room": room, "person": person}))["ok"]:
            await asyncio.sleep(0.1)


async def private_room(maker: Member, *others: Member) -> str:
    made = await maker.asks("create", {"kind": "private", "title": "Plans"})
    room = str(made["room"])
    assert (await maker.joins(room))["ok"]
    for each in others:
        await invites(maker, room, await each.id())
        await each.is_invited(room)
        assert (await each.joins(room))["about"]["title"] == "Plans"
    return room


async def test_who_is_put_out_while_at_another_worker_hears_nothing_more(stack: Stack) -> None:
    at, away = stack.addresses_of_workers()
    async with members(("Ana", at), ("Ben", away), ("Cem", away), ("Eve", away)) as (ana, ben, cem, eve):
        room = await private_room(ana, ben, cem)
        assert (await ana.says("hello", room))["ok"]
        await ben.hears("hello")
        assert (await ben.says("hello Ana", room))["ok"]
        await ana.hears("hello Ana")

        guess = await eve.joins(room)
        assert guess == await eve.joins("p-" + "a" * 26)
        assert (guess["error"], guess["reason"]) == ("no_such_room", "unknown_room")

        assert (await ana.asks("remove", {"room": room, "person": await ben.id()}))["ok"]
        said = [await ana.says(f"without Ben {number}", room) for number in range(20)]
        assert all(each["ok"] for each in said)
        await cem.hears("without Ben 19")
        await soon(lambda: ben.removed == [room], what="Ben is told")
        assert (await ben.says("let me in", room))["reason"] == "unknown_room"
        assert (await ben.joins(room))["reason"] == "unknown_room"
        assert [text for text in ben.heard if text.startswith("without")] == []
        assert eve.heard == []


async def test_a_message_that_crosses_the_removal_is_kept_before_it_or_not_at_all(stack: Stack) -> None:
    at, away = stack.addresses_of_workers()
    async with members(("Ana", at), ("Ben", away)) as (ana, ben):
        room = await private_room(ana, ben)
        who = await ben.id()

        async def goes_on() -> list[dict[str, Any]]:
            answers: list[dict[str, Any]] = []
            while not answers or answers[-1].get("reason") != "unknown_room":
                answers.append(await ben.says(f"Ben {len(answers)}", room))
                await asyncio.sleep(0.01)
            return answers

        talking = asyncio.create_task(goes_on())
        await ana.hears("Ben 3")
        assert (await ana.asks("remove", {"room": room, "person": who}))["ok"]
        end = (await ana.says("the end", room))["seq"]
        async with asyncio.timeout(PATIENCE):
            answers = await talking
        assert max(each["seq"] for each in answers if each["ok"]) < end


async def test_a_conversation_is_found_by_both_on_all_devices(stack: Stack) -> None:
    at, away = stack.addresses_of_workers()
    async with members(("Ana", at), ("Ben", away)) as (ana, ben):
        phone = Member(at, ben.cookie)
        await phone.arrive()
        person = await ben.id()
        async with asyncio.timeout(PATIENCE):
            while not (made := await ana.asks("create", {"kind": "direct", "people": [person]}))["ok"]:
                await asyncio.sleep(0.1)
        room = made["room"]
        for each in ben, phone:
            await each.is_invited(room)
            assert (await each.joins(room))["about"]["others"][0]["name"] == "Ana"
        assert (await ana.joins(room))["ok"]
        assert (await ana.says("psst", room))["ok"]
        await ben.hears("psst")
        await phone.hears("psst")
        again = await ben.asks("create", {"kind": "direct", "people": [await ana.id()]})
        assert again["room"] == room
        await phone.sio.disconnect()


async def test_members_go_on_when_their_worker_dies(stack: Stack) -> None:
    cookies = await asyncio.to_thread(stack.sign_in, "Ana", "Ben")
    ana, ben = (
        Person(stack.url, ["websocket"], "Ana", cookies[0]),
        Person(stack.url, ["websocket"], "Ben", cookies[1]),
    )
    for each in ana, ben:
        await each.arrive()
    person = (await ben.asks("rooms"))["you"]["id"]
    async with asyncio.timeout(PATIENCE):
        while not (made := await ana.asks("create", {"kind": "direct", "people": [person]}))["ok"]:
            await asyncio.sleep(0.1)
    for each in ana, ben:
        each.room = made["room"]
        assert (await each.asks("join", {"room": each.room}))["ok"]
    assert (await ana.says("before"))["ok"]
    await ben.hears("before")
    killed = ben.route
    gone = [(each, len(each.arrivals)) for each in (ana, ben) if each.route == killed]
    await asyncio.to_thread(stack.workers()[killed].kill)
    for each, arrivals in gone:
        await soon(partial(is_back, each, arrivals), what=f"{each.name} is back in the room")
    assert (await ana.says("after"))["ok"]
    await ben.hears("after")
    for each in ana, ben:
        await each.leave()
    await asyncio.to_thread(stack.mend)
