"""A seat: a client's place in one room. What it has yet to say there is tried until answered, and what is
missing is fetched."""

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Ack, Entry, Ledger, Post
from tests.faults.reader import text_of
from tests.faults.timeline import Message, Timeline
from tests.faults.wire import Connection

ANSWER = 5.0
"""Seconds after which a connection that does not answer is taken for dead. A worker answers within 2."""
AGAIN = 0.3, 2.0
"""Seconds before asking again what was `unavailable`: at first, at most."""
PAGE = 200
PASSING = {"unavailable", "rate_limited", "not_joined"}
"""Errors after which the same request may well be granted."""


class Refused(Exception):
    """The server will not do it, however often it is asked; the argument is the error code."""


@dataclass
class Pulse:
    """A client's signs of life, on time.monotonic()'s clock."""

    answered_at: float = 0.0
    """When the latest of its posts that were acked was posted."""
    heard_at: dict[str, float] = field(default_factory=dict)
    """By worker (route): when the latest of the posts given to it that this client showed was posted."""
    shown_at: float = 0.0
    """When it showed something last."""


class Seat:
    def __init__(self, client: str, room: str, ledger: Ledger, pulse: Pulse) -> None:
        self.client = client
        self.room = room
        self.ledger = ledger
        self.outbox: deque[Post] = deque()
        self.timeline = Timeline(self._begin, self._show)
        self._pulse = pulse
        self._said = asyncio.Event()
        self._doubt = asyncio.Event()

    @property
    def is_live(self) -> bool:
        """Nothing that it knows of is missing."""
        return self.timeline.shown is not None and not self.timeline.has_hole

    def say(self, post: Post) -> None:
        self.outbox.append(post)
        self._said.set()

    def hear(self, message: Message) -> None:
        self.timeline.hear(message)
        if self.timeline.doubted or self.timeline.has_hole:
            self._doubt.set()

    async def attend(self, connection: Connection) -> None:
        """Join, catch up, then say and hear, while the connection lives. Raises Lost, or a group of it."""
        await self._join(connection)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(connection))
            tasks.create_task(self.flush(connection))

    async def _join(self, connection: Connection) -> None:
        timeline = self.timeline
        request: dict[str, Any] = {"room": self.room}
        if timeline.shown is not None:
            request |= {"after": timeline.shown} | ({"epoch": timeline.epoch} if timeline.epoch else {})
        answer = await ask(connection, "join", request)
        if timeline.shown is None or answer.get("reset"):
            timeline.begin(answer["epoch"], answer["head"], answer["messages"])
        else:
            timeline.resume(answer["epoch"], answer["head"], answer["messages"])
        self._doubt.set()

    async def _follow(self, connection: Connection) -> None:
        """Fetch what is missing, whenever something is."""
        timeline = self.timeline
        while True:
            await self._doubt.wait()
            self._doubt.clear()
            if timeline.doubted:
                await self._join(connection)
            elif timeline.has_hole:
                before = timeline.shown
                request = {"room": self.room, "after": before, "limit": PAGE}
                timeline.fill((await ask(connection, "history", request))["messages"])
                self._doubt.set()
                if timeline.shown == before:
                    await asyncio.sleep(AGAIN[0])

    async def flush(self, connection: Connection) -> None:
        """Say what there is to say, one message after the other."""
        while True:
            self._said.clear()
            while self.outbox:
                post = self.outbox[0]
                post.route = connection.route
                try:
                    answer = await ask(connection, "message", post.text, {"room": self.room, "id": post.id})
                except Refused as refusal:
                    self.ledger.refuse(post.id, str(refusal))
                else:
                    epoch, seq = answer.get("epoch", ""), answer["seq"]
                    self.ledger.ack(Ack(post.id, self.room, epoch, seq, answer["at"], time.monotonic()))
                    self._pulse.answered_at = max(self._pulse.answered_at, post.posted_at)
                self.outbox.popleft()
            await self._said.wait()

    def _begin(self, epoch: str, first: int) -> None:
        self.ledger.begin(self.client, self.room, epoch, first)

    def _show(self, message: Message, live: bool) -> None:
        self.ledger.show(self.client, self.room, Entry(message["seq"], message["id"], text_of(message)), live)
        self._pulse.shown_at = time.monotonic()
        if post := self.ledger.posts.get(message["id"]):
            heard = self._pulse.heard_at
            heard[post.route] = max(heard.get(post.route, 0.0), post.posted_at)


async def ask(connection: Connection, event: str, *arguments: Any) -> dict[str, Any]:
    """The answer, asked for again while it is `unavailable`. Raises Lost and Refused."""
    pause, most = AGAIN
    while True:
        answer: dict[str, Any] = await connection.ask(event, *arguments, within=ANSWER)
        if answer["ok"]:
            return answer
        if answer["error"] not in PASSING:
            raise Refused(answer["error"])
        await asyncio.sleep(answer.get("retry_after", pause) * random.uniform(0.5, 1))
        pause = min(most, pause * 2)
