"""The applications that docs/reusing-relay.md shows before and after, as differences, and what they do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import uvicorn
from relay import RelayHttp

from tests.support import relay_document
from tests.support.examples import Client
from tests.support.waiting import PATIENCE, soon

REDIS = "redis://localhost:6379/0"


class Difference(NamedTuple):
    before: str
    after: str
    added: int
    """Lines that are new or changed."""


def differences() -> list[Difference]:
    """Those of the document, in its order."""
    found = []
    for block in relay_document.blocks("diff"):
        lines = [(line[:1], line[1:]) for line in block.splitlines()]
        before, after = ("\n".join(text for sign, text in lines if sign in kept) for kept in (" -", " +"))
        found.append(Difference(before, after, sum(sign == "+" and text != "" for sign, text in lines)))
    return found


@asynccontextmanager
async def served(source: str, redis: str | None) -> AsyncIterator[str]:
    """An application by its source, run by uvicorn in this loop; its address. `redis`: its URL, if there is
    one."""
    if redis is None:
        source = source.replace(f'socketio.AsyncRedisManager("{REDIS}")', "socketio.AsyncManager()")
        source = source.replace(f'Relay.on_redis("{REDIS}", ', "Relay.in_memory(")
        source = source.replace(f'Relay.on_redis("{REDIS}")', "Relay.in_memory()")
    else:
        source = source.replace(REDIS, redis)
    names: dict[str, Any] = {}
    exec(source, names)
    http = RelayHttp if "RelayServer" in source else "auto"
    server = uvicorn.Server(uvicorn.Config(names["app"], port=0, http=http, log_config=None))
    running = asyncio.create_task(server.serve())
    await soon(lambda: server.started or running.done(), what="the application to listen")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        if redis is not None and http == "auto":
            await close(names["sio"].manager)


async def close(manager: Any) -> None:
    """Close the connections of upstream's manager, which leaves them open."""
    manager.thread.cancel()
    await asyncio.gather(manager.thread, return_exceptions=True)
    await manager.pubsub.aclose()
    await manager.redis.aclose()


async def chats(one: str, two: str, *id: str) -> None:
    """Members of a room hear what is said in it, others do not. `id`: of what is said, where it needs one."""
    ana, ben, cleo = Client(), Client(), Client()
    for client, url in ((ana, one), (ben, two), (cleo, two)):
        await client.connect(url)
    for client in (ana, ben):
        await client.ask("join", "tea")

    async with asyncio.timeout(PATIENCE):
        while not (ana.heard and ben.heard):  # upstream's manager loses what is emitted before it listens
            await ana.ask("say", "tea", *id, "hello")
            await asyncio.sleep(0.05)
    for client in (ana, ben):
        event, said = client.heard[0]
        assert (event, dict(said)["room"], dict(said)["text"]) == ("said", "tea", "hello")  # type: ignore[call-overload]
    assert cleo.heard == []
    for client in (ana, ben, cleo):
        await client.sio.disconnect()


async def comes_back(url: str) -> None:
    """Who missed something is told, from the number on that they know."""
    ana, ben = Client(), Client()
    for client in (ana, ben):
        await client.connect(url)
    joined = await ana.ask("join", "coffee")
    for number in (1, 2, 3):
        await ana.ask("say", "coffee", f"id-{number}", f"text {number}")
    await ana.ask("say", "coffee", "id-3", "text 3")
    assert dict(joined)["said"] == []  # type: ignore[call-overload]
    missed = dict(await ben.ask("join", "coffee", 1))  # type: ignore[call-overload]
    assert [(each["seq"], each["text"]) for each in missed["said"]] == [(2, "text 2"), (3, "text 3")]
    assert (missed["more"], missed["reset"]) == (False, False)
    for client in (ana, ben):
        await client.sio.disconnect()
