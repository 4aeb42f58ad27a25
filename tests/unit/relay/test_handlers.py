"""Every way in which an application declares what it handles: by name or for all, as functions or a class."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import socketio
from relay.transport.packets import arguments_of, parse
from socketio.exceptions import TimeoutError as NoAnswer

from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Log

LARGE = "x" * 60_000


@pytest.fixture
async def served(log: Log) -> AsyncIterator[Served]:
    """Serves any namespace; no traceback may be in the log."""
    async with Served(namespaces="*") as served:
        yield served
    assert log.tracebacks == []


async def test_an_event_finds_the_most_particular_handler(served: Served) -> None:
    """By its name or `*`, first in its namespace and then in `*`; each is given what it has to tell apart."""

    def handler(name: str) -> Any:
        return lambda *arguments: [name, *(each for each in arguments if each != sid)]

    visitor = await served.visitor("/", "/other")
    for event, namespace in (("known", "/"), ("*", "/"), ("common", "*"), ("*", "*")):
        served.server.on(event, handler(f"{event} in {namespace}"), namespace=namespace)
    sid = visitor.sid()
    assert await visitor.asks("known", 1) == ["known in /", 1]
    assert await visitor.asks("new", 1) == ["* in /", "new", 1]
    assert await visitor.asks("common", 1) == ["* in /", "common", 1]
    sid = visitor.sid("/other")
    assert await visitor.asks("common", 1, namespace="/other") == ["common in *", "/other", 1]
    assert await visitor.asks("new", 1, namespace="/other") == ["* in *", "new", "/other", 1]


async def test_a_clients_own_star_is_an_event_like_others(served: Served) -> None:
    """It goes to the handlers of all others, with its name; where there is none, to nobody."""
    served.server.on("*", lambda *arguments: [arguments[0], *arguments[2:]], namespace="/")
    visitor = await served.visitor("/", "/other")
    assert await visitor.asks("*", 1) == ["*", 1]
    await assert_not_handled(visitor, "*", "/other")
    served.server.on("*", lambda *arguments: [*arguments[:2], *arguments[3:]], namespace="*")
    assert await visitor.asks("*", 1, namespace="/other") == ["*", "/other", 1]


class Base(socketio.AsyncNamespace):  # type: ignore[misc]
    mood = "calm"
    on_duty = True

    async def on_connect(self, sid: str, environ: dict[str, Any]) -> None:
        await self.save_session(sid, {"count": 0})

    async def on_count(self, sid: str, by: int) -> int:
        async with self.session(sid) as session:
            session["count"] += by
            return int(session["count"])

    def on_mood(self, sid: str) -> str:
        return self.mood


class Lively(Base):
    mood = "lively"

    def on_disconnect(self, sid: str) -> None:
        self.left = sid


async def test_a_class_handles_a_namespace_also_what_it_inherits(served: Served) -> None:
    """Its methods may be plain or async. What it has no method for is not handled: it is not even decoded."""
    useless: list[str] = []

    async def on_useless(sid: str) -> None:
        useless.append(sid)

    served.server.on_useless(on_useless)
    lively = Lively("/lively")
    served.server.register_namespace(lively)
    visitor = await served.visitor("/lively")
    sid = visitor.sid("/lively")
    assert await visitor.asks("count", 2, namespace="/lively") == 2
    assert await visitor.asks("count", 3, namespace="/lively") == 5
    assert await visitor.asks("mood", namespace="/lively") == "lively"
    assert useless == []
    await assert_not_handled(visitor, "nothing", "/lively")
    await assert_not_handled(visitor, "duty", "/lively")
    await soon(lambda: useless == [sid, sid], what="it is reported, with its sid there")
    await visitor.sio.disconnect()
    await soon(lambda: lively.left == sid, what="its namespace is told that it left")


async def test_a_class_may_handle_all_other_namespaces(served: Served) -> None:
    """It is told which; a function for the same event comes first."""

    class Others(socketio.AsyncNamespace):  # type: ignore[misc]
        def on_where(self, namespace: str, sid: str) -> str:
            return namespace

    served.server.register_namespace(Others("*"))
    served.server.register_namespace(Base("/base"))
    served.server.on("where", lambda sid: "a function", namespace="/own")
    visitor = await served.visitor("/one", "/two", "/own", "/base")
    assert await visitor.asks("where", namespace="/one") == "/one"
    assert await visitor.asks("where", namespace="/two") == "/two"
    assert await visitor.asks("where", namespace="/own") == "a function"
    await assert_not_handled(visitor, "where", "/base")


async def test_a_class_may_dispatch_events_itself(served: Served) -> None:
    """Then it handles all of them."""

    class Own(socketio.AsyncNamespace):  # type: ignore[misc]
        async def trigger_event(self, event: str, *arguments: Any) -> Any:
            return None if event in ("connect", "disconnect") else [event, *arguments[1:]]

    served.server.register_namespace(Own("/own"))
    visitor = await served.visitor("/own")
    assert await visitor.asks("anything", 1, namespace="/own") == ["anything", 1]


async def test_what_is_declared_later_is_handled_from_then_on(served: Served) -> None:
    visitor = await served.visitor()
    await assert_not_handled(visitor, "late", "/")
    served.server.on("late", lambda sid: "not too late")
    assert await visitor.asks("late") == "not too late"


@pytest.mark.parametrize("event", ["connect", "disconnect"])
async def test_a_forged_event_closes_the_session_however_it_might_be_handled(
    served: Served, event: str
) -> None:
    served.server.on("*", lambda *arguments: "handled")
    served.server.on("*", lambda *arguments: "handled", namespace="*")
    for namespace in ("/", "/other"):
        visitor = await served.visitor(namespace)
        await visitor.says(event, "forged", namespace=namespace)
        await soon(lambda v=visitor: not v.sio.connected, what="it is closed")  # type: ignore[misc]


async def test_what_nobody_handles_is_not_decoded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """However its namespace is handled; decoding 64 KiB takes 4 ms."""
    parsed: list[str] = []

    for read in (parse, arguments_of):

        def watched(data: str, *rest: Any, read: Any = read) -> Any:
            parsed.append(data[:10])
            return read(data, *rest)

        monkeypatch.setattr(f"relay.strict_server.{read.__name__}", watched)
    served.server.on("known", lambda namespace, sid, text: None, namespace="*")
    served.server.register_namespace(Base("/base"))
    visitor = await served.visitor("/", "/base")
    parsed.clear()
    for namespace in ("/", "/base"):
        await visitor.says("unknown", LARGE, namespace=namespace)
    await visitor.asks("known", LARGE)
    assert parsed == ['21["known"']


async def assert_not_handled(visitor: Any, event: str, namespace: str) -> None:
    """Whoever waits for the answer waits in vain."""
    with pytest.raises(NoAnswer):
        await visitor.sio.call(event, namespace=namespace, timeout=0.3)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_whoever_leaves_a_namespace_may_join_it_again_on_the_same_session(
    served: Served, transport: str
) -> None:
    """And the others go on meanwhile."""
    left: list[str] = []
    served.server.on("disconnect", lambda sid, reason: left.append(sid), namespace="/desk")
    served.server.on("ping", lambda sid: "pong", namespace="/")
    served.server.on("ring", lambda sid: "coming", namespace="/desk")
    visitor = await served.visitor("/", "/desk", transport=transport)
    session, first = visitor.sio.eio.sid, visitor.sid("/desk")
    await visitor.sio._send_packet(visitor.sio.packet_class(1, namespace="/desk"))
    assert await visitor.asks("ping") == "pong"
    assert left == [first]
    assert served.server.namespaces_of(session) == ["/"]
    del visitor.sio.namespaces["/desk"]  # the client learns this only of a DISCONNECT by the server
    await visitor.sio._send_packet(visitor.sio.packet_class(0, {}, namespace="/desk"))
    await soon(lambda: "/desk" in visitor.sio.namespaces, what="it is back")
    assert await visitor.asks("ring", namespace="/desk") == "coming"
    assert visitor.sid("/desk") != first
    assert visitor.sio.eio.sid == session
    assert len(served.server.eio.sockets) == 1


async def test_when_a_session_ends_every_namespace_is_told(served: Served) -> None:
    left: list[tuple[str, str]] = []
    served.server.on(
        "disconnect", lambda namespace, sid, reason: left.append((namespace, sid)), namespace="*"
    )
    visitor = await served.visitor("/one", "/two")
    expected = [("/one", visitor.sid("/one")), ("/two", visitor.sid("/two"))]
    await visitor.sio.eio.disconnect(abort=True)
    await soon(lambda: sorted(left) == expected, what="both are told")
    assert not served.server.manager.rooms
    assert not served.server.environ


async def test_a_namespace_with_a_name_without_end_is_not_there(served: Served) -> None:
    """Where any is served; what a session connects to is kept."""
    async with aiohttp.ClientSession() as http:
        address = f"{served.url}/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address) as ws, asyncio.timeout(PATIENCE):
            await ws.receive_str()
            await ws.send_str(f"40/{'x' * 300},")
            assert "There is no namespace" in await ws.receive_str()


async def test_a_namespace_that_no_client_can_name_is_refused(served: Served) -> None:
    with pytest.raises(ValueError, match="name it '/desk'"):
        served.server.on("event", lambda sid: None, namespace="desk")
    with pytest.raises(ValueError, match="name it '/desk'"):
        served.server.register_namespace(Base("desk"))
    assert "desk" not in {*served.server.handlers, *served.server.namespace_handlers}
