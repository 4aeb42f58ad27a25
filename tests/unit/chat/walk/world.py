"""A chat with one of each kind in it, and rooms to ask for."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chat.settings import Settings

from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.linked import Browser, Browsers
from tests.unit.chat.oidc.providing import Provider
from tests.unit.chat.walk.kinds import KINDS, Kind, Place, Somebody, guest, moderator
from tests.unit.wire import Chat

SAID = "said-1"
"""The id of the message that is in each room."""
_numbers = itertools.count(1)


class World:
    def __init__(
        self,
        chat: Chat,
        provider: Provider,
        people: dict[Kind, Somebody],
        bystander: Somebody,
        browsers: Browsers,
    ) -> None:
        """`provider`: by which people may come in; `bystander`: somebody who asks for nothing, and is known
        here."""
        self.provider = provider
        self.chat = chat
        self.people = people
        self.bystander = bystander
        self._browsers = browsers
        self.seq = 0
        """The number of the message in the room that was made last."""

    def one(self, place: Place) -> Somebody:
        """The first who has this place in the private room."""
        return next(who for kind, who in self.people.items() if kind.place is place)

    @property
    def moderator(self) -> Browser:
        """The browser of a moderator."""
        browser = next(who.browser for kind, who in self.people.items() if kind.comes is moderator)
        assert browser is not None
        return browser

    async def another(self, kind: Kind) -> Somebody:
        """One more of a kind, who is not in the private room."""
        return await kind.comes(self.chat, self._browsers)

    async def open_room(self) -> str:
        """A new open room, which everybody has joined who could. Its maker has written there."""
        room = f"room-{next(_numbers)}"
        for who in self.people.values():
            await who.asks("join", {"room": room})
        await self._says(room)
        return room

    async def private_room(self) -> str:
        """The address of a new private room, with its members in it."""
        maker = self.one(Place.MAKER)
        ids = [who.id for kind, who in self.people.items() if kind.place in (Place.MEMBER, Place.PUT_OUT)]
        made = await maker.asks("create", {"kind": "private", "title": "Plans", "people": ids})
        assert made["ok"], made
        room = str(made["room"])
        for kind, who in self.people.items():
            joined = await who.asks("join", {"room": room})
            assert joined["ok"] == (kind.place is not Place.OUTSIDE), (kind.title, joined)
        await self._says(room)
        removed = await maker.asks("remove", {"room": room, "person": self.one(Place.PUT_OUT).id})
        assert removed["ok"], removed
        return room

    async def _says(self, room: str) -> None:
        said = await self.one(Place.MAKER).asks("message", "said", {"room": room, "id": SAID})
        assert said["ok"], said
        self.seq = said["seq"]


@asynccontextmanager
async def world(bundle: Path) -> AsyncIterator[World]:
    """A chat with one of each kind in it."""
    browsers = Browsers()
    async with Provider() as provider, Chat(_settings(bundle, provider)) as chat:
        try:
            people = {kind: await kind.comes(chat, browsers) for kind in KINDS}
            yield World(chat, provider, people, await guest(chat, browsers), browsers)
        finally:
            await browsers.close()


def _settings(bundle: Path, provider: Provider) -> Settings:
    return Settings(
        port=0,
        client_bundle=bundle,
        admin_code=CODE,
        trusted_proxies=("*",),
        rooms_per_person=1000,
        rooms_per_day=10_000,
        messages_at_once=1000,
        **provider.settings(),
    )


def answer_to(answer: dict[str, Any]) -> str:
    """What a table says of an answer."""
    return "ok" if answer["ok"] else str(answer["error"])
