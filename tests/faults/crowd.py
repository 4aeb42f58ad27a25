"""The crowd: many clients over several rooms who post at a steady rate; some come and go on their own."""

import asyncio
import itertools
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiohttp

from tests.faults.client import Client
from tests.faults.ledger import Ledger
from tests.support.waiting import soon

WAYS: tuple[tuple[str, ...], ...] = (("websocket",), ("polling",), ("polling", "websocket"))
RESTLESS = 5
"""Every so many-th client reconnects on its own."""
QUIET = 3.0
"""Seconds without any message after which none is on its way any more."""
STAYS = 5.0, 25.0
"""Seconds for which such a client stays, at least and at most."""


def room_names(word: str, rooms: int) -> list[str]:
    """Return the names of so many rooms of a crowd."""
    return [f"{word}-{number}" for number in range(rooms)]


class Crowd:
    """All live on entry, all gone on exit. Everybody is in the first room and in two others."""

    def __init__(
        self,
        url: str,
        ledger: Ledger,
        size: int,
        rate: float,
        rooms: int = 6,
        ways: Sequence[tuple[str, ...]] = WAYS,
        client: type[Client] = Client,
        traces: Sequence[aiohttp.TraceConfig] = (),
        word: str = "",
    ) -> None:
        """`rate`: posts a second, of all together. `ways`: the transports, dealt out in turn. `traces` see
        every request. `word`: what the names of its rooms begin with, one of its own by default."""
        self.ledger = ledger
        self.rate = rate
        # Nothing is shared between clients but the loop: no cookies, and as many connections as they like.
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=list(traces),
        )
        # Of this crowd alone: what another said before would be what nobody of this one sent.
        self.rooms = room_names(word or secrets.token_hex(4), rooms)
        self.clients = [
            client(self.http, url, f"client-{n}", ways[n % len(ways)], ledger) for n in range(size)
        ]
        for number, each in enumerate(self.clients):
            for offset in (0, 1):
                each.attend(self.rooms[1 + (number + offset) % (rooms - 1)])
            each.attend(self.rooms[0])
        self.talkers = self.clients
        """Who posts; the others only listen."""
        self.restless = self.clients[::RESTLESS]
        self.steady = [each for each in self.clients if each not in self.restless]
        self._busy: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for client in self.clients:
            client.start()
        await soon(
            lambda: all(client.is_live for client in self.clients), within=30, what="everybody is live"
        )
        self._busy = [asyncio.create_task(self._chat())]
        self._busy += [asyncio.create_task(self._come_and_go(client)) for client in self.restless]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.quieten()
        results = await asyncio.gather(*(client.stop() for client in self.clients), return_exceptions=True)
        await self.http.close()
        failures: list[Exception] = [result for result in results if isinstance(result, Exception)]
        if failures and not error:
            raise ExceptionGroup("clients ended in a way that none may", failures)

    async def quieten(self) -> None:
        """Nobody posts any more, and nobody leaves."""
        for task in self._busy:
            task.cancel()
        for task in self._busy:
            with suppress(asyncio.CancelledError):
                await task
        self._busy = []

    def all_speak(self) -> None:
        """Everybody says something in the room where all are."""
        for client in self.clients:
            self._say(client, self.rooms[0])

    def hears_itself(self, since: float) -> bool:
        """Whether all is well again, judged by those who do not come and go on their own: each of them is
        connected, misses nothing that it knows of, had something acked that it posted after `since`, and was
        shown something posted after `since` through each worker that any of them is connected to."""
        workers = {client.connection.route for client in self.steady if client.connection}
        return all(
            client.is_live
            and client.pulse.answered_at >= since
            and all(client.pulse.heard_at.get(worker, 0.0) >= since for worker in workers)
            for client in self.steady
        )

    def complaints(self, since: float) -> str:
        """What keeps `hears_itself` from being true, for a person to read."""
        reasons: Counter[str] = Counter()
        for client in self.steady:
            if not client.is_live:
                reasons["not connected, or missing messages"] += 1
            elif client.pulse.answered_at < since:
                reasons["got no ack"] += 1
        return (
            ", ".join(f"{count} {reason}" for reason, count in reasons.items()) or "some worker is not heard"
        )

    def kept(self) -> int:
        """How many acked messages are in logs that still exist, as far as clients know."""
        if self.ledger.lasting:
            return len({ack.id for ack in self.ledger.acks})
        now = {seat.timeline.epoch for client in self.clients for seat in client.seats.values()}
        return len({ack.id for ack in self.ledger.acks if ack.epoch in now})

    def transports(self) -> dict[str, int]:
        """How many clients are connected over which transport."""
        return dict(Counter(client.connection.transport for client in self.clients if client.connection))

    def is_settled(self) -> bool:
        """Everybody is live, and has an answer to everything."""
        return all(client.is_live and not client.unanswered for client in self.clients)

    def is_quiet(self) -> bool:
        """Nobody was shown anything for a while."""
        return max(client.pulse.shown_at for client in self.clients) < time.monotonic() - QUIET

    def shows_its_logs(self) -> bool:
        """Everybody shows every log to its end."""
        ends = {
            room: (log.epoch, log.entries[-1].seq) for room, log in self.ledger.logs.items() if log.entries
        }
        return all(
            (seat.timeline.epoch, seat.timeline.shown) == ends[room]
            for client in self.clients
            for room, seat in client.seats.items()
            if room in ends
        )

    async def _chat(self) -> None:
        started = time.monotonic()
        for number in itertools.count(1):
            client = random.choice(self.talkers)
            self._say(client, random.choice(list(client.seats)))
            await asyncio.sleep(max(0.0, started + number / self.rate - time.monotonic()))

    def _say(self, client: Client, room: str) -> None:
        word = secrets.token_hex(16)
        client.say(room, word, f"{client.name} says {word[:8]} in {room}")

    async def _come_and_go(self, client: Client) -> None:
        while True:
            await asyncio.sleep(random.uniform(*STAYS))
            await client.reconnect(politely=random.random() < 0.5)
