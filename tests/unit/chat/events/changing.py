"""People who change messages, and what a client shows of it."""

from typing import Any

from tests.support.folding import Shown
from tests.support.waiting import soon
from tests.unit.chat.events.moderated import id_of
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client

LOBBY = "lobby"


class Watcher:
    """A client in a room, which shows what it is told."""

    def __init__(self, client: Client, id: str, room: str, cookie: str = "") -> None:
        self.client = client
        self.id = id
        self.room = room
        self.cookie = cookie
        self.told: list[dict[str, Any]] = []
        self.shown = Shown(id)
        client.sio.on("response", lambda text, about: self._hear({"text": text, **about}))
        client.sio.on("changed", self._hear)
        client.sio.on("deleted", self._hear)

    def _hear(self, entry: dict[str, Any]) -> None:
        if entry["room"] == self.room:
            self.told.append(entry)
            self.shown.take([entry])

    async def asks(self, event: str, **options: Any) -> Any:
        return await self.client.asks(event, {"room": self.room, **options})

    async def says(self, text: str, **options: Any) -> dict[str, Any]:
        """Write a message, and return what names it."""
        said = await self.client.say(text, {"room": self.room, **options})
        assert said["ok"], said
        return {"seq": said["seq"], "id": said["id"]}

    async def has(self, seq: int) -> dict[str, Any]:
        """What was told by this number."""
        await soon(lambda: any(each["seq"] == seq for each in self.told), what=f"being told {seq}")
        return next(each for each in self.told if each["seq"] == seq)

    async def reads(self) -> list[dict[str, Any]]:
        """All that is in the room, in the server's words, read from its beginning."""
        page = await self.asks("history", after=0)
        assert page["ok"], page
        return list(page["messages"])

    async def message(self, seq: int) -> dict[str, Any]:
        """A message, as the server has it."""
        return next(each for each in await self.reads() if each["seq"] == seq)


async def watcher(chat: Chat, name: str, room: str = LOBBY) -> Watcher:
    """Somebody who has signed in and joined a room."""
    return await _with(chat, await cookie_of(chat, name), room)


async def another(chat: Chat, one: Watcher) -> Watcher:
    """One more device of a person, in the same room."""
    return await _with(chat, one.cookie, one.room)


async def watching(client: Client, room: str = LOBBY, cookie: str = "") -> Watcher:
    """Somebody who is connected, and joins a room."""
    one = Watcher(client, await id_of(client), room, cookie)
    joined = await one.asks("join")
    assert joined["ok"], joined
    return one


async def _with(chat: Chat, cookie: str, room: str) -> Watcher:
    return await watching(await chat.client("websocket", cookie=cookie), room, cookie)
