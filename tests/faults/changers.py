"""People who change messages, in a room of their own beside the crowd's: each on two devices. They write,
answer, edit and delete what they wrote, and react, while parts of the stack die."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults.changes import ChangesVerdict, Done, Seen, judge_changes
from tests.faults.ledger import Ledger
from tests.faults.marks import Reader
from tests.faults.seat import PAGE, Pulse, Refused, Seat, ask
from tests.faults.timeline import Message, Timeline
from tests.faults.transports import ConnectionFailed
from tests.faults.wire import Connection, Lost
from tests.support.folding import Shown
from tests.support.waiting import soon

WAYS = (("websocket",), ("polling",), ("polling", "websocket"))
PEOPLE = 4
PAUSE = 0.3, 0.6
"""Seconds between two changes of one device, at least and at most."""
AGAIN = 0.5
"""Seconds before a device connects again."""
SETTLED = 60.0
EMOJI = ("👍", "❤️", "🎂")
RECENT = 30
"""Changed is one of so many messages."""


class Place(Seat):
    """What one device shows of the room, and what its person does there by it."""

    def __init__(self, device: str, room: str, person: Reader, done: list[Done], *, reacts: bool) -> None:
        """`reacts`: true of one device of a person, so that it is clear which reaction was the last one."""
        super().__init__(device, room, Ledger(), Pulse())
        self.person = person
        self.me = ""
        """Who it shows the room to."""
        self.connection: Connection | None = None
        self.given: list[tuple[int, str]] = []
        self.shown = Shown("")
        self.resting = False
        self.under_way: tuple[str, dict[str, Any]] | None = None
        self._done = done
        self._reacts = reacts

    @property
    def seen(self) -> Seen:
        return Seen(self.client, self.person.id, self.timeline.epoch, self.given, self.shown.messages)

    def show_to(self, me: str) -> None:
        """Start over where it is somebody else than before, as a page does: other reactions are theirs."""
        if me != self.me:
            self.me = me
            self.timeline = Timeline(self._begin, self._show)

    def take(self, event: str, arguments: list[Any]) -> None:
        """Hear an event."""
        if event == "response":
            self._take({"text": arguments[0], **arguments[1]})
        elif event in ("changed", "deleted"):
            self._take(arguments[0])

    async def flush(self, connection: Connection) -> None:
        """Do one thing after the other. What had no answer is done again."""
        while not self.resting or self.under_way:
            self.under_way = self.under_way or self._thing_to_do()
            event, about = self.under_way
            place = {"room": self.room, **about}
            epoch = self.timeline.epoch
            with suppress(Refused):  # it was deleted meanwhile, or is gone with all that Redis had
                if event == "message":
                    answer = await ask(connection, event, place.pop("text"), place)
                else:
                    answer = await ask(connection, event, place)
                epoch = answer.get("epoch", epoch)
                self._done.append(Done(self.person.id, event, about["id"], epoch, {**about, **answer}))
            self.under_way = None
            await asyncio.sleep(random.uniform(*PAUSE))
        await asyncio.Event().wait()

    def _thing_to_do(self) -> tuple[str, dict[str, Any]]:
        alive = [each for each in self.shown.messages.values() if "text" in each][-RECENT:]
        mine = [each for each in alive if each["author"]["id"] == self.person.id]
        text = f"text {secrets.token_hex(8)}"
        message = {"id": secrets.token_hex(16), "text": text}
        what = random.choice(("write", "reply", "edit", "edit", "delete", *("react",) * (4 * self._reacts)))
        if what in ("edit", "delete") and mine:
            about = _named(random.choice(mine))
            return what, about | ({"text": text} if what == "edit" else {})
        if what == "react" and alive:
            on = random.random() < 0.6
            return what, {**_named(random.choice(alive)), "emoji": random.choice(EMOJI), "on": on}
        if what == "reply" and alive:
            return "message", {**message, "reply": _named(random.choice(alive))}
        return "message", message

    def _take(self, message: Message) -> None:
        if message["room"] == self.room:
            self.hear(message)

    def _begin(self, epoch: str, first: int) -> None:
        self.given, self.shown = [], Shown(self.me)

    def _show(self, message: Message, live: bool) -> None:
        self.given.append((message["seq"], message["id"]))
        self.shown.take([message])


class Changers:
    """All of them, with what was acknowledged."""

    def __init__(self, url: str) -> None:
        self.done: list[Done] = []
        self.room = f"changes-{secrets.token_hex(4)}"
        self._url = url
        self._connector = aiohttp.TCPConnector(limit=0)
        sessions = [
            aiohttp.ClientSession(
                connector=self._connector, connector_owner=False, cookie_jar=aiohttp.CookieJar(unsafe=True)
            )
            for _ in range(PEOPLE)
        ]
        self.people = [Reader(http, url, f"changer {number}") for number, http in enumerate(sessions)]
        self.places = [
            Place(f"{person.name}, {device}", self.room, person, self.done, reacts=device == 0)
            for person in self.people
            for device in range(2)
        ]
        self._connected: set[str] = set()

    async def run(self) -> None:
        """Change messages, until cancelled."""
        for person in self.people:
            await person.sign_in()
        async with asyncio.TaskGroup() as devices:
            for number, place in enumerate(self.places):
                devices.create_task(self._device(place, WAYS[number % len(WAYS)]))

    async def finish(self) -> ChangesVerdict:
        """Let everybody come to rest, and judge."""
        for place in self.places:
            place.resting = True
        with suppress(AssertionError):
            await soon(self._is_at_rest, within=SETTLED, what="every device has every answer")
        logs: dict[str, list[Message]] = {}
        epoch = ""
        for person in self.people:
            epoch, logs[person.id] = await self._read(person)
        head = max((log[-1]["seq"] for log in logs.values() if log), default=0)
        with suppress(AssertionError):
            await soon(
                lambda: all(
                    (each.timeline.epoch, each.timeline.shown) == (epoch, head) for each in self.places
                ),
                within=SETTLED,
                what="every device shows all there is",
            )
        return judge_changes(epoch, logs, [place.seen for place in self.places], self.done)

    async def close(self) -> None:
        for person in self.people:
            await person.http.close()
        await self._connector.close()

    def _is_at_rest(self) -> bool:
        return len(self._connected) == len(self.places) and all(
            place.is_live and place.under_way is None and place.me == place.person.id for place in self.places
        )

    async def _device(self, place: Place, way: tuple[str, ...]) -> None:
        """Stay connected, until cancelled."""
        person = place.person
        while True:
            sign_ins = person.sign_ins
            with suppress(ConnectionFailed):
                connection = await Connection.open(person.http, self._url, way, {}, place.take)
                try:
                    you = (await ask(connection, "rooms"))["you"]
                    if await person.is_who(you["id"], sign_ins):
                        self._are_now(place, connection)
                        self._connected.add(place.client)
                        await _attend(connection, place)
                except* (Lost, Refused):
                    pass
                finally:
                    self._connected.discard(place.client)
                    connection.cut()
            await asyncio.sleep(AGAIN * random.uniform(0.5, 1.5))

    def _are_now(self, place: Place, connection: Connection) -> None:
        """This device is its person's, and so are the others: one that is connected as who the person was
        before Redis lost everything comes again."""
        place.connection = connection
        place.show_to(place.person.id)
        for other in self.places:
            if other.person is place.person and other.me != place.me and other.connection is not None:
                other.connection.cut()

    async def _read(self, person: Reader) -> tuple[str, list[Message]]:
        """The log from its first entry to its last, as a person reads it."""
        connection = await Connection.open(
            person.http, self._url, ["websocket"], {}, lambda event, arguments: None
        )
        try:
            epoch, log = (await ask(connection, "join", {"room": self.room}))["epoch"], list[Message]()
            while True:
                after = log[-1]["seq"] if log else 0
                page = (await ask(connection, "history", {"room": self.room, "after": after, "limit": PAGE}))[
                    "messages"
                ]
                if not page:
                    return epoch, log
                log += page
        finally:
            await connection.close()


async def _attend(connection: Connection, place: Place) -> None:
    """Returns when the connection has ended. Raises a group of Lost, or of Refused."""
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(place.attend(connection))
        await connection.ended.wait()
        work.cancel()


def _named(message: Message) -> dict[str, Any]:
    return {"seq": message["seq"], "id": message["id"]}


@asynccontextmanager
async def changers(url: str) -> AsyncIterator[Changers]:
    """Some people change messages, until the end. Call `finish` for the verdict."""
    there = Changers(url)
    running = asyncio.create_task(there.run())
    try:
        await soon(lambda: len(there.done) > PEOPLE or running.done(), within=30, what="messages change")
        yield there
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await there.close()
