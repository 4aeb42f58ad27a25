"""A client of relay.Rooms: rooms that are shown without a hole, and what is appended reaches them once and in
order, whatever breaks on the way.

    async with Client("http://localhost:8000") as client:
        room = client.join("tea", show)
        answer = await room.append({"text": "hello"})

Needs aiohttp: `pip install "tertulia-relay[client]"`. The same in JavaScript is web/static/js/relay. The wire
contract is in docs/relay-features.md.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import socketio

from relay.recovery.connection import Answer, Connection
from relay.recovery.room import Room
from relay.recovery.sender import Sender
from relay.recovery.timeline import Entry, Timeline

__all__ = ["Answer", "Client", "Entry", "JoinedRoom", "Place", "Refused", "Show"]

Show = Callable[[list[Entry], bool], None]
"""`show(entries, reset)` is called with what is new, in the order of the log, each entry once: `{seq, id, at,
data}`. The first call has the newest entries. With `reset` they replace all that was shown: it was of another
log."""
Refused = Callable[[Answer, dict[str, Any] | None], None]
"""`refused(answer, entry)` is called when the server will never take the entry `{id, data}`, or will not let
the client into the room, without an entry then. `answer` is `{error, detail, …}`."""

log = logging.getLogger("relay.client")


class Place(NamedTuple):
    """Up to where a room was shown: the log's epoch, and the number of the last entry."""

    epoch: str
    after: int


def _not_reconnecting() -> socketio.AsyncClient:
    return socketio.AsyncClient(reconnection=False, handle_sigint=False)


def _ignored(answer: Answer, entry: dict[str, Any] | None) -> None:
    pass


class Client:
    """An async context manager, which disconnects at its end; make it while the event loop runs. It connects,
    and connects again, by itself."""

    def __init__(
        self, url: str, *, make: Callable[[], socketio.AsyncClient] = _not_reconnecting, **options: Any
    ) -> None:
        """`options` are those of `AsyncClient.connect`: `auth`, `headers`, `transports`, `socketio_path`.
        `make` returns an AsyncClient with `reconnection=False`, a new one for each connection, and may give
        it handlers."""
        options = {"wait_timeout": 10, **options}
        self.connection = Connection(make, lambda sio: sio.connect(url, **options))
        """Has `connected`, and `refusal`: why the client is not connected. It is tried again."""
        self._rooms: dict[str, JoinedRoom] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def join(
        self, name: str, show: Show, *, refused: Refused = _ignored, place: Place | None = None
    ) -> "JoinedRoom":
        """Join a room for good: the client joins it again after each break. With a `place` that was
        remembered, what came after it is shown, and nothing before. Raises ValueError if it is joined
        already."""
        if name in self._rooms:
            raise ValueError(f"The room {name} is joined already.")
        room = JoinedRoom(name, self.connection, show, refused, place, lambda: self._rooms.pop(name, None))
        self._rooms[name] = room
        return room

    async def close(self) -> None:
        """Disconnect for good. What was not acknowledged is answered with the error "closed"."""
        for room in [*self._rooms.values()]:
            room.close()
        await self.connection.close()


class JoinedRoom:
    """A room that a client is in; Client.join makes it."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        show: Show,
        refused: Refused,
        place: Place | None,
        forget: Callable[[], object],
    ) -> None:
        self.name = name
        self._connection = connection
        self._show = show
        self._forget = forget
        self._timeline = Timeline(self._tell)
        if place is not None:
            self._timeline.resume(place.epoch, place.after)
        self._room = Room(
            name, connection, self._timeline, lambda answer: self._guarded(refused, answer, None)
        )
        self._sender = Sender(self._room, connection, lambda *about: self._guarded(refused, *about))

    @property
    def live(self) -> bool:
        """Whether everything that the log has is shown."""
        return self._room.live

    @property
    def place(self) -> Place | None:
        """Where `join` goes on another time, or None before the first answer."""
        return None if self._timeline.epoch is None else Place(self._timeline.epoch, self._timeline.high)

    @property
    def unsent(self) -> list[dict[str, Any]]:
        """The entries of this client that are not acknowledged, in the order they were appended: `{id,
        data}`."""
        return [{"id": each.id, "data": each.data} for each in self._sender.outbox.values()]

    def append(self, data: Any) -> "asyncio.Future[Answer]":
        """Append any JSON value. It is sent until the server has it or refuses it for good, after all that
        was appended before, whether the future is awaited or not. Its result is the answer: `{ok: True, id,
        room, epoch, seq, at}` or `{ok: False, error, detail}`. Raises TypeError or ValueError for what is no
        JSON."""
        json.dumps(data, allow_nan=False)
        return self._sender.add(data)

    async def leave(self) -> None:
        """Leave for good. What was not acknowledged is answered with the error "closed", and not sent any
        more."""
        self.close()
        await self._connection.ask("leave", {"room": self.name})

    def close(self) -> None:
        """Stop showing it and sending to it; Client.close does it too."""
        self._room.close()
        self._sender.close()
        self._forget()

    def _tell(self, entries: list[Entry], reset: bool) -> None:
        """An entry that is shown is acknowledged, even if its answer was lost."""
        plain = [{name: entry[name] for name in ("seq", "id", "at", "data")} for entry in entries]
        self._guarded(self._show, plain, reset)
        for entry in plain:
            place = {"room": self.name, "epoch": self._timeline.epoch, "seq": entry["seq"], "at": entry["at"]}
            self._sender.settle(entry["id"], {"ok": True, "id": entry["id"], **place})

    def _guarded(self, callback: Callable[..., None], *about: object) -> None:
        """Call what the application gave. An error of its own is logged, and ends nothing here."""
        try:
            callback(*about)
        except Exception:
            log.exception("A callback of the room %s failed.", self.name)
