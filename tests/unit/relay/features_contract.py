"""The rows of docs/relay-features.md: a test for each, named like it.

`one` and `two` are workers of one application. In memory they are the same one.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
from relay import Relay, RelayServer
from socketio.exceptions import ConnectionError as NotConnected

from tests.support.served import Served, Visitor
from tests.support.waiting import PATIENCE, soon

PAGE = Path(__file__).parents[3] / "docs/relay-features.md"
ROW = re.compile(r"^\| (?!-|feature|python-socketio)(.+?) \| (.*?) ?\|$", re.MULTILINE)


def rows(heading: str) -> dict[str, str]:
    """The rows of the tables below a heading: what they are about, and what is said of it."""
    [section] = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return dict(ROW.findall(section))


def name_of(feature: str) -> str:
    """The name of a row's test."""
    return "test_" + re.sub(r"[^a-z0-9]+", "_", feature.lower()).strip("_")


def both(one: Served, two: Served, event: str, handler: Callable[..., Any], namespace: str = "/") -> None:
    for worker in {one, two}:
        worker.server.on(event, handler, namespace=namespace)


class FeaturesContract:
    async def test_asgiapp_with_another_application_and_static_files(
        self, one: Served, two: Served, tmp_path: Path
    ) -> None:
        """Socket.IO itself comes through an ASGIApp in all other tests."""
        (tmp_path / "page.html").write_text("a page")

        async def other(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"another application"})

        app = socketio.ASGIApp(one.server, other, static_files={"/": str(tmp_path / "page.html")})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
            assert (await http.get("/")).text == "a page"
            assert (await http.get("/elsewhere")).text == "another application"

    async def test_handlers_by_on_and_event_functions_and_coroutines(self, one: Served, two: Served) -> None:
        for worker in {one, two}:

            @worker.server.event  # type: ignore[untyped-decorator]
            def plain(sid: str, value: int) -> int:
                return value + 1

            @worker.server.event(namespace="/")  # type: ignore[untyped-decorator]
            async def coroutine(sid: str, value: int) -> int:
                return value + 2

            @worker.server.on("by name")  # type: ignore[misc, untyped-decorator]
            async def named(sid: str, value: int) -> int:
                return value + 3

        ben = await two.visitor()
        assert [await ben.asks(event, 1) for event in ("plain", "coroutine", "by name")] == [2, 3, 4]

    async def test_connect_with_environ_and_auth(self, one: Served, two: Served) -> None:
        came: list[Any] = []
        both(one, two, "connect", lambda sid, environ, auth: came.append((environ["HTTP_X_TEAM"], auth)))
        await two.visitor(headers={"X-Team": "blue"}, auth={"token": 7})
        assert came == [("blue", {"token": 7})]

    async def test_connect_refuses_by_false_or_by_connectionrefusederror(
        self, one: Served, two: Served
    ) -> None:
        def refuse(sid: str, environ: Any) -> None:
            raise socketio.exceptions.ConnectionRefusedError("no", {"code": 7})

        def break_off(sid: str, environ: Any) -> None:
            raise ConnectionRefusedError("Connect call failed ('10.0.0.5', 5432)")

        both(one, two, "connect", lambda sid, environ: False)
        both(one, two, "connect", refuse, "/desk")
        both(one, two, "connect", break_off, "/shop")
        told = {
            "/": {"message": "Connection rejected by server"},
            "/desk": {"message": "no", "data": {"code": 7}},
            "/shop": {"message": "Connection refused by server"},
        }
        for namespace, why in told.items():
            visitor = Visitor()
            refused: list[Any] = []
            visitor.sio.on("connect_error", refused.append, namespace=namespace)
            with pytest.raises(NotConnected):
                await visitor.sio.connect(two.url, namespaces=[namespace], wait_timeout=PATIENCE)
            assert refused == [why]

    async def test_disconnect_with_its_reason(self, one: Served, two: Served) -> None:
        left: list[Any] = []
        both(one, two, "disconnect", lambda sid, reason: left.append((sid, reason)))
        ben = await two.visitor()
        sid = ben.sid()
        await one.server.disconnect(sid)
        await soon(lambda: left == [(sid, one.server.reason.SERVER_DISCONNECT)], what="the reason")

    async def test_catch_all_event_handlers(self, one: Served, two: Served) -> None:
        both(one, two, "*", lambda event, sid, value: [event, value])
        assert await (await two.visitor()).asks("whatever", 7) == ["whatever", 7]

    async def test_emit_to_everybody_rooms_and_single_clients(self, one: Served, two: Served) -> None:
        ana, ben = await one.visitor(), await two.visitor()
        await one.server.enter_room(ana.sid(), "tea")
        await two.server.enter_room(ben.sid(), "coffee")
        await one.server.emit("all")
        await one.server.emit("rooms", (1, [2]), to=["tea", "coffee"], skip_sid=ana.sid())
        await one.server.emit("one", {"a": 3}, to=ben.sid())
        await ben.hears(("/", "all"), ("/", "rooms", 1, [2]), ("/", "one", {"a": 3}))
        await ana.hears(("/", "all"))

    async def test_send(self, one: Served, two: Served) -> None:
        ben = await two.visitor()
        await one.server.send("hello", to=ben.sid())
        await ben.hears(("/", "message", "hello"))

    async def test_ignore_queue(self, one: Served, two: Served) -> None:
        ben = await two.visitor()
        await one.server.emit("here", to=ben.sid(), ignore_queue=True)
        await one.server.emit("everywhere", to=ben.sid())
        await ben.hears(*([("/", "here")] if one is two else []), ("/", "everywhere"))

    async def test_bytes_in_events_and_answers(self, one: Served, two: Served) -> None:
        both(one, two, "echo", lambda sid, value: (value, b"more"))
        ana, ben = await one.visitor(transport="polling"), await two.visitor()
        assert await ben.asks("echo", {"a": [b"abc"]}) == ({"a": [b"abc"]}, b"more")
        await two.server.emit("bytes", b"abc", to=ana.sid())
        await ana.hears(("/", "bytes", b"abc"))

    async def test_acknowledgements_with_several_values(self, one: Served, two: Served) -> None:
        both(one, two, "say", lambda sid: ("OK", 123))
        assert await (await two.visitor()).asks("say") == ("OK", 123)

    async def test_call(self, one: Served, two: Served) -> None:
        ben = await two.visitor()
        ben.sio.on("question", lambda value: value + 1)
        assert await one.server.call("question", 1, to=ben.sid(), timeout=PATIENCE) == 2
        cat = await two.visitor("/desk")
        cat.sio.on("question", lambda value: value + 2, namespace="/desk")
        await two.relay.group(cat.sid("/desk"), "cat")
        answer = await one.server.call("question", 1, to="group:cat", namespace="/desk", timeout=PATIENCE)
        assert answer == 3

    async def test_emit_with_a_callback(self, one: Served, two: Served) -> None:
        ben = await two.visitor()
        ben.sio.on("question", lambda value: value + 1)
        answers: list[Any] = []
        await one.server.emit("question", 1, to=ben.sid(), callback=answers.append)
        await soon(lambda: answers == [2], what="the answer")

    async def test_rooms_are_entered_left_closed_and_listed(self, one: Served, two: Served) -> None:
        ben = await two.visitor()

        async def is_in(*rooms: str) -> None:
            await soon(lambda: {*two.server.rooms(ben.sid())} == {ben.sid(), *rooms}, what=f"{rooms}")

        await one.server.enter_room(ben.sid(), "tea")
        await one.server.enter_room(ben.sid(), "coffee")
        await is_in("tea", "coffee")
        await one.server.leave_room(ben.sid(), "tea")
        await is_in("coffee")
        await one.server.close_room("coffee")
        await is_in()

    async def test_several_namespaces_on_one_connection(self, one: Served, two: Served) -> None:
        for namespace in ("/", "/desk"):
            both(one, two, "where", lambda sid, n=namespace: n, namespace)
        ben = await two.visitor("/", "/desk")
        assert [await ben.asks("where", namespace=each) for each in ("/", "/desk")] == ["/", "/desk"]
        await one.server.emit("news", namespace="/desk")
        await ben.hears(("/desk", "news"))

    async def test_class_based_namespaces(self, one: Served, two: Served) -> None:
        """Inherited methods as well, and what a class does in its own namespace."""

        class Base(socketio.AsyncNamespace):  # type: ignore[misc]
            async def on_enter(self, sid: str) -> list[str]:
                await self.save_session(sid, {"entered": True})
                await self.enter_room(sid, "tea")
                return [*self.rooms(sid)]

        class Desk(Base):
            async def on_tell(self, sid: str, text: str) -> Any:
                await self.emit("told", text, to="tea")
                return await self.get_session(sid)

        for worker in {one, two}:
            worker.server.register_namespace(Desk("/desk"))
        ana, ben = await one.visitor("/desk"), await two.visitor("/desk")
        assert "tea" in await ana.asks("enter", namespace="/desk")
        assert await ana.asks("tell", "a", namespace="/desk") == {"entered": True}
        await ben.asks("enter", namespace="/desk")
        await ben.asks("tell", "b", namespace="/desk")
        await ana.hears(("/desk", "told", "a"), ("/desk", "told", "b"))

    async def test_catch_all_namespaces(self, one: Served, two: Served) -> None:
        both(one, two, "say", lambda namespace, sid, value: [namespace, value], "*")
        both(one, two, "*", lambda event, namespace, sid: [event, namespace], "*")
        ben = await two.visitor("/any")
        assert await ben.asks("say", 7, namespace="/any") == ["/any", 7]
        assert await ben.asks("other", namespace="/any") == ["other", "/any"]

    async def test_user_sessions(self, one: Served, two: Served) -> None:
        """At the worker that a client is at."""
        ben = await two.visitor()
        await two.server.save_session(ben.sid(), {"name": "ben"})
        async with two.server.session(ben.sid()) as session:
            session["desk"] = 7
        assert await two.server.get_session(ben.sid()) == {"name": "ben", "desk": 7}

    async def test_get_environ_and_transport(self, one: Served, two: Served) -> None:
        ben = await two.visitor(headers={"X-Team": "blue"})
        environ = two.server.get_environ(ben.sid())
        assert environ is not None
        assert environ["HTTP_X_TEAM"] == "blue"
        assert two.server.transport(ben.sid()) == "websocket"

    async def test_disconnect_by_the_server(self, one: Served, two: Served) -> None:
        ben = await two.visitor("/", "/desk")
        await one.server.disconnect(ben.sid("/desk"), namespace="/desk")
        await soon(lambda: [*ben.sio.namespaces] == ["/"], what="it has left one")

    async def test_background_tasks_and_sleep(self, one: Served, two: Served) -> None:
        async def work(value: int) -> int:
            await one.server.sleep(0.01)
            return value

        assert await one.server.start_background_task(work, 7) == 7

    async def test_the_same_origin_is_allowed_and_others_are_not(self, one: Served, two: Served) -> None:
        url = f"{two.url}/socket.io/?EIO=4&transport=polling"
        async with httpx.AsyncClient(verify=False) as http:
            for origin, status in ((two.url, 200), ("https://elsewhere.example", 400)):
                assert (await http.get(url, headers={"Origin": origin})).status_code == status

    async def test_admin_ui(self, one: Served, two: Served) -> None:
        """What it shows and does has tests of its own. It is instrumented before the start."""
        with pytest.raises(RuntimeError, match=r"before server\.start"):
            one.server.instrument(auth=False)
        server = RelayServer(Relay.in_memory().manager)
        server.instrument(auth={"username": "admin", "password": "secret"}, mode="production")
        assert server.serves("/admin")

    async def test_options_namespaces_always_connect_transports_allow_upgrades_cors_credentials(
        self, one: Served, two: Served
    ) -> None:
        server = RelayServer(
            Relay.in_memory().manager,
            namespaces=["/desk"],
            always_connect=True,
            transports="websocket",
            allow_upgrades=False,
            cors_credentials=False,
        )
        assert (server.namespaces, server.always_connect) == (["/desk"], True)
        assert server.eio.transports == ["websocket"]
        assert (server.eio.allow_upgrades, server.eio.cors_credentials) == (False, False)


class FeaturesWithRedis(FeaturesContract):
    async def test_several_processes_on_a_message_queue(self, one: Served, two: Served) -> None:
        ana, ben = await one.visitor(), await two.visitor()
        await two.server.emit("news")
        for visitor in (ana, ben):
            await visitor.hears(("/", "news"))

    async def test_emitting_from_external_processes(self, one: Served, two: Served, url: str) -> None:
        channel = one.relay.manager.options.control_channel
        ana, ben = await one.visitor(), await two.visitor()
        outside = socketio.RedisManager(url, channel=channel, write_only=True)
        await asyncio.to_thread(outside.emit, "news", {"a": 1})
        outside.redis.close()
        for visitor in (ana, ben):
            await visitor.hears(("/", "news", {"a": 1}))
