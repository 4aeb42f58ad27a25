"""relay.Rooms with one log, as far as a client can tell, and a connection to it without a network."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from relay.client import JoinedRoom, Place
from relay.recovery.connection import UNANSWERED, Connection, Listener

from tests.support.waiting import soon

Answer = dict[str, Any]


class FakeRooms:
    """The connection to them as well: `connected`, `listeners`, `hung_up` and `ask` are its."""

    def __init__(self) -> None:
        self.epoch = "first"
        self.log: list[dict[str, Any]] = []
        self.page = 200
        self.refusals: list[Answer] = []
        """What the next ones to `append` are answered, and not kept."""
        self.lost = 0
        """So many of the next ones to `append` are kept, and not answered."""
        self.join_refusal: Answer | None = None
        self.asked: list[tuple[str, Any]] = []
        self.connected = False
        self.hung_up = False
        self.listeners: list[Listener] = []
        self.held: asyncio.Event | None = None
        """While there is one, the answer to an append waits for it."""

    def up(self) -> None:
        self.connected = True
        for listener in self.listeners:
            listener.up()

    def down(self) -> None:
        self.connected = False
        for listener in self.listeners:
            listener.down()

    def keep(self, data: Any, id: str | None = None) -> dict[str, Any]:
        seq = len(self.log) + 1
        self.log.append({"seq": seq, "id": id or f"id of {data}", "at": 1000 + seq, "data": data})
        return self.log[-1]

    def start_over(self, epoch: str) -> None:
        self.epoch, self.log = epoch, []

    def deliver(self, *numbers: int) -> None:
        for number in numbers:
            for listener in [*self.listeners]:
                listener.receive({"room": "tea", "epoch": self.epoch, **self.log[number - 1]})

    def told(self, event: str) -> list[Any]:
        """The arguments of all events of this name."""
        return [argument for name, argument in self.asked if name == event]

    @property
    def appended(self) -> list[Any]:
        return [argument["data"] for argument in self.told("append")]

    async def ask(self, event: str, argument: dict[str, Any]) -> Answer:
        if not self.connected:
            return UNANSWERED
        self.asked.append((event, argument))
        await asyncio.sleep(0)
        handler: Callable[..., Answer] = getattr(self, f"_{event}")
        answer = handler(**argument)
        if event == "append" and self.held:
            await self.held.wait()
        return answer

    def _join(self, room: str, after: int | None = None, epoch: str | None = None) -> Answer:
        if self.join_refusal:
            return self.join_refusal
        reset = after is not None and (epoch != self.epoch or after > len(self.log))
        start = max(0, len(self.log) - self.page) if after is None or reset else after
        return {"room": room, **self._read(start), **({"reset": True} if reset else {})}

    def _history(self, room: str, after: int, limit: int) -> Answer:
        return self._read(after)

    def _leave(self, room: str) -> Answer:
        return {"ok": True}

    def _read(self, start: int) -> Answer:
        entries = self.log[start : start + self.page]
        return {"ok": True, "epoch": self.epoch, "head": len(self.log), "entries": entries}

    def _append(self, room: str, id: str, data: Any) -> Answer:
        if self.refusals:
            return self.refusals.pop(0)
        entry = next((each for each in self.log if each["id"] == id), None) or self.keep(data, id)
        if self.lost:
            self.lost -= 1
            return UNANSWERED
        place = {"room": room, "epoch": self.epoch, "seq": entry["seq"], "at": entry["at"]}
        return {"ok": True, "id": id, **place}


class Shown:
    """What a client shows of the room."""

    def __init__(self, rooms: FakeRooms, place: Place | None = None) -> None:
        self.data: list[Any] = []
        self.numbers: list[int] = []
        self.resets = 0
        self.refusals: list[tuple[str, Any]] = []
        self.fails = False
        connection = cast(Connection, rooms)
        self.room = JoinedRoom("tea", connection, self.show, self.refused, place, lambda: None)

    def show(self, entries: list[dict[str, Any]], reset: bool) -> None:
        if reset:
            self.data, self.numbers, self.resets = [], [], self.resets + 1
        self.data += [entry["data"] for entry in entries]
        self.numbers += [entry["seq"] for entry in entries]
        if self.fails:
            raise RuntimeError("of the application")

    def refused(self, answer: Answer, entry: dict[str, Any] | None) -> None:
        self.refusals.append((answer["error"], entry and entry["data"]))


def live(shown: Shown) -> Any:
    """Wait until the room is."""
    return soon(lambda: shown.room.live, what="the room to be live")
