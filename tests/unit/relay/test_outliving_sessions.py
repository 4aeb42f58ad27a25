"""Sessions that outlive a connection, as docs/relay-state.md has them: values that end when nobody came
back."""

import asyncio
import logging
from typing import Any

from tests.support import relay_document
from tests.support.clock import Clock
from tests.support.served import Served
from tests.support.waiting import soon

CODE = relay_document.block("python", "from uuid import UUID\n")
ID = "0123456789abcdef0123456789abcdef"
ANA, EVE = ({"user": user, "session": ID} for user in ("ana", "eve"))
NAME = f"session {ID} ana"


class Worker(Served):
    """Its sessions are those of the document, and are granted a second."""

    async def __aenter__(self) -> "Worker":
        async def user_of(environ: Any, auth: dict[str, str]) -> str:
            return auth["user"]

        self.names: dict[str, Any] = {
            "logger": logging.getLogger(__name__),
            "relay": self.relay,
            "sio": self.server,
            "user_of": user_of,
        }
        exec(CODE, self.names)
        self.names["GRANTED"] = 1
        self.server.on("count", self.count)
        self.changes = 0
        change = self.relay.values.change

        async def counted(*arguments: Any) -> Any:
            changed = await change(*arguments)
            self.changes += 1
            return changed

        self.relay.values.change = counted  # type: ignore[assignment, method-assign]
        await super().__aenter__()
        self.keeping = asyncio.create_task(self.names["keep_sessions"]())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.keeping.cancel()
        await super().__aexit__(*_)

    async def count(self, sid: str) -> int:
        session = await self.relay.values.change(
            self.names["here"][sid],
            lambda kept: {**kept, "count": kept.get("count", 0) + 1},
            self.names["GRANTED"],
        )
        return int(session["count"])

    async def session(self) -> Any:
        return await self.relay.values.read(NAME)


async def test_who_comes_back_finds_what_was_kept() -> None:
    async with Worker() as worker:
        ana = await worker.visitor(auth=ANA)
        assert [await ana.asks("count") for _ in range(2)] == [1, 2]
        await ana.sio.disconnect()
        back = await worker.visitor(auth=ANA)
        assert await back.asks("count") == 3
        await worker.relay.emit_to_group("told", 1, NAME)
        await soon(lambda: ("/", "told", 1) in back.heard, what="the session's client is told")


async def test_another_user_who_knows_the_id_has_another_session_and_hears_nothing_of_it() -> None:
    async with Worker() as worker:
        ana = await worker.visitor(auth=ANA)
        assert await ana.asks("count") == 1
        eve = await worker.visitor(auth=EVE)
        await worker.relay.emit_to_group("told", 1, NAME)
        await soon(lambda: ("/", "told", 1) in ana.heard, what="the session's client is told")
        assert await eve.asks("count") == 1
        assert eve.heard == []
        assert await ana.asks("count") == 2, "her session is as it was"


async def test_a_session_stays_while_its_client_is_there_and_ends_when_nobody_comes_back(
    clock: Clock,
) -> None:
    async with Worker() as worker:
        ana = await worker.visitor(auth=ANA)
        await ana.asks("count")
        for _ in range(3):
            clock.now += 0.9
            before = worker.changes
            await soon(lambda b=before: worker.changes > b, what="its worker keeps it")  # type: ignore[misc]
        assert await worker.session() == {"count": 1}
        await ana.sio.disconnect()
        await soon(lambda: not worker.names["here"], what="its worker knows that the client has gone")
        clock.now += 0.9
        assert await worker.session() == {"count": 1}, "it may still come back"
        clock.now += 0.2
        assert await worker.session() is None


async def test_a_session_ends_with_a_worker_that_is_killed(clock: Clock) -> None:
    """It runs no `disconnect` handler."""
    async with Worker() as worker:
        await worker.visitor(auth=ANA)
        worker.keeping.cancel()
        assert await worker.session() == {}
        clock.now += 1.1
        assert await worker.session() is None
