"""The people: fifty who chat over all transports, each from an address of their own, and come back when they
lose their connection. What they were shown is judged as in the fault suite."""

import asyncio
import random
import secrets
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiohttp

from tests.faults.client import Client
from tests.faults.ledger import Ledger
from tests.faults.reader import read_logs
from tests.faults.transports import ConnectionFailed
from tests.faults.verdict import Verdict, judge
from tests.faults.wire import Lost
from tests.support.waiting import soon

PEOPLE = 50
ROOMS = 5
WAYS: tuple[tuple[str, ...], ...] = (("websocket",), ("polling",), ("polling", "websocket"))
EVERY = 1.0, 2.0
"""Seconds between two messages of one person, at least and at most."""
SETTLED = 30.0
"""Seconds that everybody has at the end to get every answer, and then to show all there is."""


class Chatters:
    """All live on entry, all gone on exit. Each is in two of the rooms, with nineteen others in each."""

    def __init__(self, url: str, code: str | None, trust: ssl.SSLContext | None) -> None:
        """`code`: what they sign in with, if one is needed; `trust`: where the stack speaks TLS."""
        self.ledger = Ledger()
        self._url = url
        self._code = code
        word = secrets.token_hex(4)
        self.rooms = [f"{word}-{number}" for number in range(ROOMS)]
        self._https = [person_at(f"203.0.113.{number + 1}", trust) for number in range(PEOPLE)]
        self.clients = [
            Client(http, url, f"person-{n}", WAYS[n % len(WAYS)], self.ledger)
            for n, http in enumerate(self._https)
        ]
        for number, each in enumerate(self.clients):
            for offset in (0, 1):
                each.attend(self.rooms[(number + offset) % ROOMS])
        self._talking: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        signing = (sign_in(http, self._url, f"Person {n}", self._code) for n, http in enumerate(self._https))
        await asyncio.gather(*signing)
        for client in self.clients:
            client.start()
        await soon(lambda: all(each.is_live for each in self.clients), within=60, what="everybody is live")
        self._talking = [asyncio.create_task(self._talk(client)) for client in self.clients]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._quieten()
        await asyncio.gather(*(client.stop() for client in self.clients), return_exceptions=True)
        await asyncio.gather(*(http.close() for http in self._https))

    async def judge(self) -> Verdict:
        """Let everybody come to rest, and check what each was shown."""
        await self._quieten()
        with suppress(AssertionError):
            await soon(self._have_answers, within=SETTLED, what="everybody has every answer")
        # Where no log can be read, what nobody answered tells enough.
        with suppress(AssertionError, Lost, ConnectionFailed):
            self.ledger.logs = await read_logs(self._https[0], self._url, self.rooms)
            await soon(self._show_all, within=SETTLED, what="everybody shows all there is")
        return await asyncio.to_thread(judge, self.ledger)

    @property
    def breaks(self) -> int:
        """How often one of them lost a connection."""
        came_back = sum(len(each) for each in self.ledger.absences.values())
        return came_back + sum(not each.is_connected for each in self.clients)

    def waits(self, since: float, until: float) -> list[float]:
        """Seconds from the saying to the ack of what was said between two times; infinite without one."""
        acked = {ack.id: ack.acked_at for ack in self.ledger.acks}
        refused = {id for id, _ in self.ledger.refusals}
        said = [each for each in self.ledger.posts.values() if since <= each.posted_at < until]
        return [acked.get(each.id, float("inf")) - each.posted_at for each in said if each.id not in refused]

    async def _talk(self, client: Client) -> None:
        await asyncio.sleep(random.uniform(0, EVERY[1]))
        while True:
            word, room = secrets.token_hex(16), random.choice(list(client.seats))
            client.say(room, word, f"{client.name} says {word[:8]}")
            await asyncio.sleep(random.uniform(*EVERY))

    async def _quieten(self) -> None:
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        self._talking = []

    def _have_answers(self) -> bool:
        return all(each.is_live and not each.unanswered for each in self.clients)

    def _show_all(self) -> bool:
        ends = {room: log.entries[-1].seq for room, log in self.ledger.logs.items() if log.entries}
        return all(
            seat.timeline.shown == ends[room]
            for each in self.clients
            for room, seat in each.seats.items()
            if room in ends
        )


def person_at(address: str, trust: ssl.SSLContext | None) -> aiohttp.ClientSession:
    """A browser of somebody's: requests from this address, with cookies of their own."""
    return aiohttp.ClientSession(
        headers={"X-Forwarded-For": address},
        connector=aiohttp.TCPConnector(limit=0, ssl=trust or True),
        cookie_jar=aiohttp.CookieJar(unsafe=True),  # of an address, not a name
    )


async def sign_in(http: aiohttp.ClientSession, url: str, name: str, code: str | None = None) -> int:
    """Take a cookie; return the status, 303 if there is one now."""
    form = {"name": name, "code": code or ""}
    async with http.post(f"{url}/sign-in", data=form, allow_redirects=False) as answer:
        return answer.status
