"""A private room beside the crowd's rooms: its members talk, somebody is put out and let in again all the
time, and a stranger listens who knows its address.

When a fault destroys what Redis had, the room and its people are gone with it, and others begin.
"""

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from tests.faults.client import Client
from tests.faults.ledger import Ack, Ledger, Post
from tests.faults.private_room import Heard, PrivateRoom
from tests.faults.reader import read_logs
from tests.faults.seat import Refused, ask
from tests.faults.sign_in import sign_in
from tests.faults.transports import ConnectionFailed
from tests.faults.verdict import Verdict, judge
from tests.faults.wire import Connection, Lost
from tests.support.waiting import soon

WAYS = (("websocket",), ("polling",), ("polling", "websocket"))
MEMBERS = 3
"""Who stay. The first of them makes the room, and puts out the one who does not stay."""
RATE = 10.0
"""Posts a second, of all members together."""
INSIDE, OUTSIDE = (0.5, 2.0), (1.0, 3.0)
"""Seconds that somebody is a member, and is none, at least and at most."""
KNOWN = 5.0
"""Seconds after which somebody who was connected is known at the latest."""
AGAIN = 0.3
"""Seconds before a device asks again to be let in, or connects again."""
SETTLED = 60.0


class Company:
    """The people of one private room after the other. `times_out`: how often somebody was put out."""

    def __init__(self, url: str) -> None:
        self.times_out = 0
        self.rooms: list[PrivateRoom] = []
        self._url = url
        self._connector = aiohttp.TCPConnector(limit=0)
        self._sessions: list[aiohttp.ClientSession] = []
        self._members: list[Client] = []
        self._busy: list[asyncio.Task[None]] = []
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Meet, in a new room whenever one was lost, until cancelled."""
        while True:
            await self._meet()
            await self._ended.wait()
            await self._part()

    async def finish(self, wipes: int) -> Verdict:
        """Let everybody come to rest, and judge the room there is at the end, and what was heard in all. A
        room that ended, and was not wiped with all that Redis had, is lost."""
        await soon(lambda: self._members, within=SETTLED, what="there is a room")
        room = self.rooms[-1]
        await self._stop(self._busy)
        with suppress(AssertionError):
            await soon(
                lambda: all(each.is_live and not each.unanswered for each in self._members),
                within=SETTLED,
                what="every member has every answer",
            )
        room.ledger.logs = await read_logs(self._sessions[0], self._url, [room.address])
        with suppress(AssertionError):
            await soon(lambda: self._show_all(room), within=SETTLED, what="every member shows all there is")
        verdict = judge(room.ledger)
        for each in self.rooms:
            for example in each.overheard():
                verdict.note("overheard", example)
        if (lost := len(self.rooms) - 1 - wipes) > 0:
            verdict.note("lost", "a private room that nobody wiped", lost)
        return verdict

    async def close(self) -> None:
        await self._part()
        await self._connector.close()

    async def _meet(self) -> None:
        """Sign everybody in, and make the room. Tried until it is there."""
        while True:
            with suppress(Lost, Refused, ConnectionFailed, aiohttp.ClientError, TimeoutError):
                return await self._gather()
            await self._part()
            await asyncio.sleep(AGAIN)

    async def _gather(self) -> None:
        names = [*(f"member {number}" for number in range(MEMBERS)), "who changes", "stranger"]
        self._sessions = [
            aiohttp.ClientSession(
                connector=self._connector, connector_owner=False, cookie_jar=aiohttp.CookieJar(unsafe=True)
            )
            for _ in names
        ]
        await asyncio.gather(
            *(sign_in(http, self._url, name) for http, name in zip(self._sessions, names, strict=True))
        )
        # Somebody is known here once they have been connected.
        connections = [await self._connect(http) for http in self._sessions]
        try:
            ids = [(await ask(each, "rooms"))["you"]["id"] for each in connections]
            people = ids[1:MEMBERS]
            about = {"kind": "private", "title": "The company", "people": people, "id": secrets.token_hex(8)}
            address = await self._create(connections[0], about)
            joined = await ask(connections[0], "join", {"room": address})
        finally:
            for each in connections:
                each.cut()
        room = PrivateRoom(address, _begun(address, joined))
        self.rooms.append(room)
        *members, changing, stranger = self._sessions
        self._members = [
            Client(http, self._url, f"member {number}", WAYS[number % len(WAYS)], room.ledger)
            for number, http in enumerate(members)
        ]
        for member in self._members:
            member.attend(address)
            member.start()
        work = [self._talk(room), self._change(room, members[0], ids[-2]), self._watch()]
        for way in WAYS:
            work.append(self._listen(changing, way, room, room.heard_by_changing))
            work.append(self._listen(stranger, way, room, room.heard_by_stranger, room.let_in))
        self._ended.clear()
        self._busy = [asyncio.create_task(each) for each in work]

    async def _create(self, connection: Connection, about: dict[str, Any]) -> str:
        """Make the room, as soon as its people are known: their records may be a moment behind."""
        until = time.monotonic() + KNOWN
        while True:
            try:
                return str((await ask(connection, "create", about))["room"])
            except Refused as refused:
                if str(refused) != "invalid" or time.monotonic() > until:
                    raise
            await asyncio.sleep(AGAIN)

    async def _connect(self, http: aiohttp.ClientSession) -> Connection:
        return await Connection.open(http, self._url, ["websocket"], {}, lambda event, arguments: None)

    async def _part(self) -> None:
        await self._stop(self._busy)
        for each in self._members:
            with suppress(Exception):  # what ended it is that the room was gone
                await each.stop()
        for http in self._sessions:
            await http.close()
        self._members, self._sessions = [], []

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _show_all(self, room: PrivateRoom) -> bool:
        log = room.ledger.logs[room.address]
        seats = [each.seats[room.address].timeline for each in self._members]
        return all((seat.epoch, seat.shown) == (log.epoch, log.entries[-1].seq) for seat in seats)

    async def _watch(self) -> None:
        """End the room once a member is answered that there is none."""
        await asyncio.wait(
            [each.task for each in self._members if each.task], return_when=asyncio.FIRST_COMPLETED
        )
        self._ended.set()

    async def _talk(self, room: PrivateRoom) -> None:
        for number in itertools.count():
            word = secrets.token_hex(16)
            self._members[number % MEMBERS].say(room.address, word, f"in private: {word[:8]}")
            await asyncio.sleep(1 / RATE)

    async def _change(self, room: PrivateRoom, http: aiohttp.ClientSession, person: str) -> None:
        """Let somebody in and put them out, again and again."""
        about = {"room": room.address, "person": person}
        while True:
            asked = time.monotonic()
            if room.outside:
                room.outside[-1] = (room.outside[-1][0], asked)
            await self._order(http, "invite", about)
            await asyncio.sleep(random.uniform(*INSIDE))
            await self._order(http, "remove", about)
            room.outside.append((time.monotonic(), float("inf")))
            self.times_out += 1
            await asyncio.sleep(random.uniform(*OUTSIDE))

    async def _order(self, http: aiohttp.ClientSession, event: str, about: dict[str, Any]) -> None:
        """Ask until it is answered `ok`."""
        while True:
            with suppress(ConnectionFailed, Lost, Refused):
                connection = await self._connect(http)
                try:
                    await ask(connection, event, about)
                    return
                finally:
                    connection.cut()
            await asyncio.sleep(AGAIN)

    async def _listen(
        self,
        http: aiohttp.ClientSession,
        way: Sequence[str],
        room: PrivateRoom,
        heard: list[Heard],
        let_in: list[str] | None = None,
    ) -> None:
        """Ask to be let in, all the time. `let_in`: of a stranger; what was answered as if they may."""

        def hear(event: str, arguments: list[Any]) -> None:
            if event == "response" and arguments[1]["room"] == room.address:
                heard.append(Heard(f"{' to '.join(way)}", arguments[1]["id"], time.monotonic()))

        while True:
            with suppress(ConnectionFailed, Lost):
                connection = await Connection.open(http, self._url, way, {}, hear)
                try:
                    while True:
                        for event, *arguments in questions(room.address):
                            try:
                                answer = await ask(connection, event, *arguments)
                            except Refused as refused:
                                answer = {"error": str(refused)}
                            if let_in is not None and answer.get("error") != "no_such_room":
                                let_in.append(f"{answer} to {event}")
                            elif let_in is None:
                                break
                        await asyncio.sleep(AGAIN)
                finally:
                    connection.cut()
            await asyncio.sleep(AGAIN)


def questions(room: str) -> list[tuple[Any, ...]]:
    """Return what a stranger asks about a room; who was a member asks the first only."""
    return [
        ("join", {"room": room}),
        ("history", {"room": room, "after": 0}),
        ("message", "let me in", {"room": room, "id": secrets.token_hex(8)}),
        ("members", {"room": room}),
        ("edit", {"room": room, "seq": 1, "id": "made", "text": "mine"}),
        ("react", {"room": room, "seq": 1, "id": "made", "emoji": "👍", "on": True}),
        ("reactions", {"room": room, "seq": 1, "id": "made"}),
    ]


def _begun(address: str, joined: dict[str, Any]) -> Ledger:
    """Return the ledger of a room that has just been made: its first entry says so, and nobody wrote it."""
    ledger, now = Ledger(), time.monotonic()
    first = joined["messages"][0]
    ledger.post(Post(first["id"], address, "", "", now))
    ledger.ack(Ack(first["id"], address, joined["epoch"], first["seq"], first["at"], now))
    return ledger


@asynccontextmanager
async def company(url: str) -> AsyncIterator[Company]:
    """A private room and its people, until the end. Call `finish` for the verdict."""
    there = Company(url)
    running = asyncio.create_task(there.run())
    try:
        await soon(lambda: there.times_out or running.done(), within=30, what="somebody was put out")
        yield there
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await there.close()
