"""Handlers of an application of threads, as docs/relay-threads.md lets them stay."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
import socketio
from relay import Relay, RelayServer

from tests.support import relay_document
from tests.support.served import Served
from tests.support.waiting import eventually, soon

CODE = relay_document.block("python", "import asyncio\nimport sys\n")

request: ContextVar[dict[str, Any]] = ContextVar("request")


class Flask:
    """As much of it as handlers see: which request it is."""

    @contextmanager
    def request_context(self, environ: dict[str, Any]) -> Iterator[None]:
        token = request.set(environ)
        yield
        request.reset(token)


class Application(Served):
    """Its code around the handlers is that of the document."""

    def __init__(self) -> None:
        self.relay = Relay.in_memory()
        self.server = RelayServer(self.relay.manager)
        self.names: dict[str, Any] = {
            "flask_app": Flask(),
            "sio": self.server,
            "WSGIMiddleware": lambda application: application,
        }
        exec(CODE.replace("from a2wsgi import WSGIMiddleware\n", ""), self.names)
        self.on = self.names["on"]
        self.wait = self.names["wait"]

    @property
    def app(self) -> Any:
        return self.names["app"]


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    async with Application() as application:
        yield application


async def test_a_handler_runs_in_a_thread_with_the_request_of_its_client(application: Application) -> None:
    seen: list[Any] = []

    def say(sid: str, text: str) -> tuple[str, str]:
        environ = request.get()
        seen.append((threading.current_thread() is threading.main_thread(), environ["wsgi.errors"]))
        assert environ["REMOTE_ADDR"] == "127.0.0.1"
        return environ["HTTP_COOKIE"], text

    def disconnect(sid: str, reason: str) -> None:
        seen.append((request.get()["HTTP_COOKIE"], reason))

    application.on("say", "/desk")(say)
    application.on("disconnect", "/desk")(disconnect)
    ana = await application.visitor("/desk", headers={"Cookie": "session=7"})
    assert await ana.asks("say", "hello", namespace="/desk") == ("session=7", "hello")
    assert seen == [(False, sys.stderr)]
    await ana.sio.disconnect()
    await soon(lambda: len(seen) > 1, what="the handler to be told")
    assert seen[1][0] == "session=7"


async def test_a_handler_refuses_a_client(application: Application) -> None:
    def connect(sid: str, environ: dict[str, Any], auth: Any) -> bool:
        return bool(auth == "ana")

    application.on("connect")(connect)
    await application.visitor(auth="ana")
    with pytest.raises(socketio.exceptions.ConnectionError, match="failed to connect"):
        await application.visitor(auth="eve")


async def test_a_handler_enters_rooms_emits_and_is_called_back(application: Application) -> None:
    """What it waits for is done when it answers."""
    server, wait = application.server, application.wait

    async def greeted(answer: str) -> None:
        await server.emit("greeted", answer, to="hall")

    def join(sid: str, room: str) -> list[str]:
        wait(server.enter_room(sid, room))
        wait(server.emit("greet", to=sid, callback=greeted))
        return list(server.rooms(sid))

    application.on("join")(join)
    ana = await application.visitor()
    ana.sio.on("greet", lambda namespace: "good day", "*")
    assert "hall" in await ana.asks("join", "hall")
    await ana.hears(("/", "greeted", "good day"))


async def test_a_view_in_a_thread_emits_and_hears_what_went_wrong(application: Application) -> None:
    ana = await application.visitor()
    await asyncio.to_thread(lambda: application.wait(application.server.emit("said", "hello", to=ana.sid())))
    await ana.hears(("/", "said", "hello"))
    with pytest.raises(ValueError, match="group"):
        await asyncio.to_thread(
            lambda: application.wait(application.server.enter_room(ana.sid(), "group:all"))
        )


async def test_handlers_wait_for_what_runs_in_the_loops_own_threads(application: Application) -> None:
    """However few these are, and however many handlers wait."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))

    async def settled() -> str:
        return await asyncio.to_thread(lambda: "settled")

    application.on("settle")(lambda sid: application.wait(settled()))
    visitors = [await application.visitor() for _ in range(3)]
    answers = await asyncio.gather(*(visitor.asks("settle") for visitor in visitors))
    assert answers == ["settled"] * 3


async def test_a_handler_waits_until_the_handler_of_a_client_that_it_disconnects_has_run(
    application: Application,
) -> None:
    """Also when all threads of handlers do."""
    application.names["THREADS"] = ThreadPoolExecutor(1)
    went: list[str] = []
    application.on("disconnect")(lambda sid, reason: went.append(sid))
    application.on("throw out")(lambda sid, other: application.wait(application.server.disconnect(other)))
    ana, ben = await application.visitor(), await application.visitor()
    other = ben.sid()
    await ana.asks("throw out", other)
    assert went == [other]


def test_views_find_a_server_that_runs_in_a_thread() -> None:
    """As the document has it for tests that serve nobody."""
    application = Application()
    names = application.names
    names["threading"] = threading
    exec(relay_document.block("python", "def started():"), names)
    names["started"]()
    try:
        assert application.wait(application.relay.values.change("views", lambda views: (views or 0) + 1)) == 1
        application.wait(application.server.emit("seen", 1))
    finally:
        application.wait(application.server.stop())
        loop = names["loop"]
        loop.call_soon_threadsafe(loop.stop)
        eventually(lambda: not loop.is_running(), what="the loop to stop")
        loop.close()
