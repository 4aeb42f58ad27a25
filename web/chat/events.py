"""The Socket.IO events: from the wire to the objects that know what they mean, and back."""

from typing import Any

from relay import RelayServer, Unavailable

from chat.messages import Message, Refused
from chat.people import Person
from chat.rooms import LOBBY, channel


class Events:
    """The handlers of one server. Every `Message` handler answers `{ok: true, …}` or `{ok: false, error,
    detail}`."""

    def __init__(self, server: RelayServer, message_max_chars: int) -> None:
        self.server = server
        self.message_max_chars = message_max_chars
        server.on("connect", self.connect)
        server.on("message", self.message)

    async def connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        await self.server.save_session(sid, {"person": Person.guest()})
        await self.server.enter_room(sid, channel(LOBBY))

    async def message(self, sid: str, *arguments: Any) -> dict[str, Any]:
        session = await self.server.get_session(sid)
        try:
            message = Message.compose(session["person"], arguments, self.message_max_chars)
            await self.broadcast(message)
        except Refused as refusal:
            return {"ok": False, "error": refusal.error, "detail": refusal.detail}
        except Unavailable:
            return {
                "ok": False,
                "error": "unavailable",
                "detail": "The message may not have reached everybody. Try again in a moment.",
            }
        return {"ok": True, "id": message.id, "room": message.room, "at": message.at}

    async def broadcast(self, message: Message) -> None:
        author = {"id": message.author.id, "name": message.author.name}
        about = {"room": message.room, "id": message.id, "at": message.at, "author": author}
        await self.server.emit("response", (message.text, about), to=channel(message.room))
