"""People who are known here, and the guarded rooms that they make."""

import itertools
from typing import Any, NamedTuple

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import id_of
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client

_numbers = itertools.count(1)


class Somebody(NamedTuple):
    """One device of a person, and what it was told."""

    client: Client
    id: str
    cookie: str
    told: list[tuple[str, Any]]

    async def asks(self, event: str, *arguments: Any) -> Any:
        return await self.client.asks(event, *arguments)

    async def rooms(self) -> dict[str, Any]:
        """The person's rooms, by address."""
        return {each["room"]: each for each in (await self.asks("rooms"))["rooms"]}

    async def is_told(self, event: str, room: str) -> Any:
        """What this device is told of a room."""

        def found() -> list[Any]:
            return [about for name, about in self.told if name == event and about["room"] == room]

        await soon(lambda: bool(found()), what=f"being told {event} of {room}")
        return found()[-1]


async def device(chat: Chat, cookie: str) -> Somebody:
    """One more device of whose cookie this is."""
    client = Client(["websocket"])
    told: list[tuple[str, Any]] = []
    for event in ("invited", "removed", "described", "purged"):
        client.sio.on(event, lambda about, event=event: told.append((event, about)))
    await chat.connect(client, cookie=cookie)
    return Somebody(client, await id_of(client), cookie, told)


async def somebody(chat: Chat, name: str) -> Somebody:
    """Somebody who has signed in, and is known here."""
    one = await device(chat, await cookie_of(chat, name))
    await is_known(chat, one.id)
    return one


async def is_known(chat: Chat, person: str) -> None:
    records = chat.relay.manager.records
    await soon(lambda: records.has("people", person), what="being known here")


async def private_room(maker: Somebody, *others: Somebody, title: str = "Plans") -> str:
    """The address of a room that somebody made for these others, all of whom are in it."""
    made = await maker.asks(
        "create", {"kind": "private", "title": title, "people": [one.id for one in others]}
    )
    assert made["ok"], made
    await come_in(made["room"], maker, *others)
    return str(made["room"])


async def come_in(room: str, *people: Somebody) -> None:
    for one in people:
        joined = await one.asks("join", {"room": room})
        assert joined["ok"], joined


async def writes(one: Somebody, room: str, *texts: str) -> None:
    """Somebody comes into a room and writes these."""
    await come_in(room, one)
    for text in texts:
        said = await one.asks("message", text, {"room": room})
        assert said["ok"], said


def made_up(kind: str = "p") -> str:
    """An address that there is not, another one each time."""
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    number = next(_numbers)
    return f"{kind}-{'a' * 23}" + "".join(digits[number >> shift & 31] for shift in (10, 5, 0))
