"""What is kept of a client from `connect` to `disconnect`, as python-socketio's documentation says it.

`one` and `two` are workers of one application. In memory they are the same one.
"""

import asyncio
import gc
import weakref
from typing import Any

import pytest
import socketio
from relay import Member, NotConnected
from socketio.exceptions import TimeoutError as NoAnswer

from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon


class SessionsContract:
    async def test_disconnect_of_a_client_that_goes_during_connect_comes_after_it(self, one: Served) -> None:
        began, may_end, called = asyncio.Event(), asyncio.Event(), list[str]()

        async def connect(sid: str, environ: dict[str, Any]) -> None:
            began.set()
            await may_end.wait()
            called.append("connect")

        one.server.on("connect", connect)
        one.server.on("disconnect", lambda sid, reason: called.append("disconnect"))
        ana = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        connecting = asyncio.create_task(
            ana.connect(one.url, transports=["websocket"], wait_timeout=PATIENCE)
        )
        await asyncio.wait_for(began.wait(), PATIENCE)
        connecting.cancel()
        await ana.eio.http.close()
        may_end.set()
        await soon(lambda: len(called) == 2, what="both are called")
        assert called == ["connect", "disconnect"]

    async def test_a_client_is_reached_by_any_worker_from_the_moment_connect_is_called(
        self, one: Served, two: Served
    ) -> None:
        began, may_end, sids = asyncio.Event(), asyncio.Event(), list[str]()

        async def connect(sid: str, environ: dict[str, Any]) -> None:
            if not sids:
                sids.append(sid)
                began.set()
                await may_end.wait()

        one.server.on("connect", connect)
        connecting = asyncio.create_task(one.visitor())
        await asyncio.wait_for(began.wait(), PATIENCE)
        await two.server.enter_room(sids[0], "tea")
        await two.server.emit("early", to=sids[0])
        ben = await one.visitor()
        await two.server.enter_room(ben.sid(), "tea")
        await two.server.emit("to tea", to="tea")
        await ben.hears(("/", "to tea"))
        may_end.set()
        ana = await connecting
        await ana.hears(("/", "early"), ("/", "to tea"))

    @pytest.mark.parametrize("way", ["sid", "group", "for good"])
    async def test_who_is_disconnected_during_connect_is_not_there_after_it(
        self, one: Served, two: Served, way: str
    ) -> None:
        """As when somebody is banned at that moment. The handler has returned, so `disconnect` is called."""
        began, may_end, called = asyncio.Event(), asyncio.Event(), list[str]()

        async def connect(sid: str, environ: dict[str, Any]) -> None:
            if called:  # another client
                return
            called.append(sid)
            await one.relay.group(sid, "user 7")
            began.set()
            await may_end.wait()

        one.server.on("connect", connect)
        one.server.on("disconnect", lambda sid, reason: called.append(reason))
        ana = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        connecting = asyncio.create_task(
            ana.connect(one.url, transports=["websocket"], wait_timeout=PATIENCE)
        )
        await asyncio.wait_for(began.wait(), PATIENCE)
        if way == "sid":
            await two.server.disconnect(called[0])
        elif way == "group":
            await two.relay.disconnect_group("user 7")
        else:
            await one.server.disconnect_for_good(called[0], "banned")
        if one is not two:  # what was ordered has come when what is emitted after it has
            ben = await one.visitor()
            await two.server.emit("after")
            await ben.hears(("/", "after"))
        may_end.set()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await connecting
        await soon(lambda: called[1:] == ["server disconnect"], what="its handler is called")
        assert not one.server.manager.is_here(called[0], "/")

    async def test_a_client_that_has_gone_joins_nothing(self, one: Served, two: Served) -> None:
        """Nor is it shown as present."""
        ana, ben = await one.visitor(), await one.visitor()
        gone = ben.sid()
        await ben.sio.disconnect()
        await soon(lambda: not one.server.manager.is_connected(gone, "/"), what="ben has gone")
        await one.relay.join(ana.sid(), "tea", Member("ana", "Ana"))
        for worker in (one, two):
            with pytest.raises(NotConnected):
                await worker.relay.join(gone, "tea", Member("ben", "Ben"))
            with pytest.raises(NotConnected):
                await worker.relay.group(gone, "browser")
        assert one.relay.people("tea").count == 1

    async def test_what_is_for_a_client_that_has_gone_reaches_nobody(self, one: Served, two: Served) -> None:
        """None of it raises, but a call, which waits for an answer."""
        ben = await two.visitor()
        gone = ben.sid()
        await ben.sio.disconnect()
        for server in (one.server, two.server):
            await server.enter_room(gone, "tea")
            await server.leave_room(gone, "tea")
            await server.emit("news", to=gone, callback=lambda *answer: None)
            await server.disconnect(gone)
            with pytest.raises(NoAnswer):
                await server.call("news", to=gone, timeout=0.1)

    async def test_a_session_ends_with_its_token(self, one: Served, two: Served) -> None:
        """It is told why, and may be renewed before. Its own worker knows it."""
        reasons: list[str] = []
        one.server.on("disconnect", lambda sid, reason: reasons.append(reason))
        ana, ben = await one.visitor(), await two.visitor()
        assert one.server.expire(ana.sid(), 0.1, "old token")
        assert one.server.expire(ana.sid(), 0.5, "new token")
        assert two.server.expire(ana.sid(), 60) is (one is two)
        if one is two:
            assert one.server.expire(ana.sid(), 0.5, "new token")
        await ana.hears(("/", "expired", {"reason": "new token"}))
        await soon(lambda: not ana.sio.connected, what="the session ends")
        await soon(lambda: reasons == ["new token"], what="the handler is called")
        assert ben.sio.connected

    async def test_a_sid_tells_nothing_of_the_session_that_it_is_of(self, one: Served, two: Served) -> None:
        """It may be shown to others, whatever the transport."""
        for worker in (one, two):
            for transport in ("polling", "websocket"):
                visitor = await worker.visitor(transport=transport)
                assert len(visitor.sid()) == 20
                assert visitor.sid() not in visitor.sio.eio.sid
                assert not visitor.sid().startswith(visitor.sio.eio.sid[:8])

    async def test_a_session_is_kept_for_each_namespace(self, one: Served, two: Served) -> None:
        ana = await one.visitor("/", "/desk")
        await one.server.save_session(ana.sid(), {"name": "ana"})
        async with one.server.session(ana.sid("/desk"), namespace="/desk") as session:
            session["desk"] = 7
        assert await one.server.get_session(ana.sid()) == {"name": "ana"}
        assert await one.server.get_session(ana.sid("/desk"), namespace="/desk") == {"desk": 7}

    async def test_a_session_that_is_not_here_is_said_to_be_elsewhere(self, one: Served, two: Served) -> None:
        """A namespace was forgotten, or the client is at another worker."""
        ana = await one.visitor("/desk")
        sid = ana.sid("/desk")
        wrong: list[tuple[Served, str | None]] = [(one, None), *([(two, "/desk")] if one is not two else [])]
        for worker, namespace in wrong:
            with pytest.raises(KeyError, match="at another worker, or in another namespace"):
                await worker.server.get_session(sid, namespace)
            with pytest.raises(KeyError, match=f"in the namespace {namespace or '/'} on this worker"):
                await worker.server.save_session(sid, {}, namespace)

    @pytest.mark.parametrize("transport", ["polling", "websocket"])
    async def test_the_environ_and_the_transport_are_known_after_connect(
        self, one: Served, two: Served, transport: str
    ) -> None:
        """At the worker that the client is at; without what is of the handshake only."""
        ana = await one.visitor("/", "/desk", transport=transport, headers={"X-Desk": "7"})
        for namespace in ("/", "/desk"):
            environ = one.server.get_environ(ana.sid(namespace), namespace)
            assert environ is not None
            assert environ["HTTP_X_DESK"] == "7"
            assert environ["asgi.scope"]["client"][0] == "127.0.0.1"
            assert one.server.transport(ana.sid(namespace), namespace) == transport
        if one is not two:
            assert two.server.get_environ(ana.sid()) is None

    async def test_a_client_is_disconnected_from_any_worker(self, one: Served, two: Served) -> None:
        """From one namespace, and stays in the other."""
        ana = await one.visitor("/", "/desk")
        reasons: list[str] = []
        one.server.on("disconnect", lambda sid, reason: reasons.append(reason), namespace="/desk")
        await two.server.disconnect(ana.sid("/desk"), namespace="/desk")
        await soon(lambda: [*ana.sio.namespaces] == ["/"], what="it has left one")
        assert reasons == ["server disconnect"]
        one.server.on("still", lambda sid: "here")
        assert await ana.asks("still") == "here"

    async def test_tasks_run_in_the_background(self, one: Served, two: Served) -> None:
        done: list[int] = []

        async def work(number: int, *, more: int) -> None:
            await one.server.sleep(0.01)
            done.append(number + more)

        await one.server.start_background_task(work, 1, more=2)
        assert done == [3]

    async def test_a_task_in_the_background_is_not_collected_while_it_waits(
        self, one: Served, two: Served
    ) -> None:
        """Asyncio holds tasks weakly, and what this one waits for nobody else holds."""
        waits = asyncio.Event()

        async def work() -> None:
            waits.set()
            await asyncio.get_running_loop().create_future()

        task = weakref.ref(one.server.start_background_task(work))
        await waits.wait()
        gc.collect()
        left = task()
        assert left is not None
        left.cancel()
