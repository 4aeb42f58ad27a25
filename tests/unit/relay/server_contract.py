"""What python-socketio's documentation says of a server holds for a relay's, wherever the clients are.

`one` and `two` are workers of one application. In memory they are the same one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import socketio
from relay import Member, NotConnected, Post
from socketio.exceptions import TimeoutError as NoAnswer

from tests.support.served import Served, Visitor
from tests.support.waiting import PATIENCE, soon


async def answering(worker: Served, *namespaces: str, transport: str = "websocket") -> Visitor:
    """A client that answers the event `question` with what it is asked, and its name of the worker's."""
    visitor = await worker.visitor(*namespaces, transport=transport)
    for namespace in namespaces or ("/",):
        visitor.sio.on("question", lambda *asked: asked, namespace=namespace)
    return visitor


class ServerContract:
    @pytest.mark.parametrize("transport", ["polling", "websocket"])
    async def test_a_client_is_called_from_anywhere_but_its_own_handlers(
        self, one: Served, two: Served, transport: str
    ) -> None:
        """From a task, from the handler of another client, and on a worker that it is not at."""
        ana, ben = await answering(one, transport=transport), await one.visitor()

        async def ask(sid: str, *question: Any) -> Any:
            return await one.server.call("question", question, to=ana.sid(), timeout=PATIENCE)

        one.server.on("ask", ask)
        two.server.on("ask", ask)
        assert await one.server.call("question", 1, to=ana.sid(), timeout=PATIENCE) == 1
        assert await two.server.call("question", ("a", {"b": 2}), sid=ana.sid(), timeout=PATIENCE) == (
            "a",
            {"b": 2},
        )
        assert await two.server.call("question", to=ana.sid(), timeout=PATIENCE) is None
        assert await ben.asks("ask", 7) == 7

    async def test_a_handler_that_calls_its_own_client_is_told_so_at_once(
        self, one: Served, two: Served
    ) -> None:
        """Its answer would wait behind the handler. A task that the handler starts may call it."""
        ana = await answering(one, "/", "/desk")
        answers: list[Any] = []

        async def ask(sid: str, to: str) -> str:
            try:
                return str(await one.server.call("question", 1, to=to, namespace="/desk"))
            except RuntimeError as problem:
                return str(problem)

        async def later(sid: str) -> None:
            async def call() -> None:
                answers.append(await one.server.call("question", 2, to=sid, timeout=PATIENCE))

            one.server.start_background_task(call)

        one.server.on("ask", ask)
        one.server.on("later", later)
        async with asyncio.timeout(10):
            assert "start_background_task" in await ana.asks("ask", ana.sid("/desk"))
        await ana.asks("later")
        await soon(lambda: answers == [2], what="the task is answered")

    async def test_a_call_that_nobody_answers_ends_and_leaves_nothing(self, one: Served, two: Served) -> None:
        """At the client, or because it is not there at all; here or at the other worker."""
        silent = await one.visitor()
        never = asyncio.Event()
        silent.sio.on("question", never.wait)
        for worker in (one, two):
            for sid in (silent.sid(), "nobody"):
                with pytest.raises(NoAnswer):
                    await worker.server.call("question", to=sid, timeout=0.2)
        one.server.on("ready", lambda sid: None)
        await silent.asks("ready")
        kept = two.server.manager.callbacks.pop(silent.sid(), {})
        assert not any(kept), "0 is no callback, but the count of a client's ids"
        assert not two.server.manager.callbacks
        assert one.server.manager.callbacks.keys() <= {silent.sid()}, "until it leaves"
        with pytest.raises(ValueError, match="sid"):
            await one.server.call("question")
        never.set()

    async def test_a_class_calls_emits_and_enters_in_its_own_namespace(
        self, one: Served, two: Served
    ) -> None:
        class Desk(socketio.AsyncNamespace):  # type: ignore[misc]
            async def on_ask(self, sid: str, other: str) -> Any:
                return await self.call("question", 3, to=other)

            async def on_tell(self, sid: str, text: str) -> None:
                await self.enter_room(sid, "tea")
                await self.emit("told", text, to="tea", skip_sid=None)
                await self.send(text, to=sid)

        for worker in {one, two}:
            worker.server.register_namespace(Desk("/desk"))
        ana, ben = await answering(one, "/desk"), await two.visitor("/desk")
        assert await ben.asks("ask", ana.sid("/desk"), namespace="/desk") == 3
        await ben.asks("tell", "hello", namespace="/desk")
        await ben.hears(("/desk", "told", "hello"), ("/desk", "message", "hello"))
        assert ana.heard == []

    async def test_an_emit_calls_back_with_the_answer(self, one: Served, two: Served) -> None:
        """Of one client, and of the members of a relay room: of the first one at least."""
        ana, ben = await answering(one), await answering(two)
        answers: list[tuple[Any, ...]] = []

        def answered(*arguments: Any) -> None:
            answers.append(arguments)

        for worker in (one, two):
            await worker.server.emit("question", ("a", 1), to=ana.sid(), callback=answered)
        await soon(lambda: answers == [("a", 1), ("a", 1)], what="both are answered")
        answers.clear()
        for worker, visitor in ((one, ana), (two, ben)):
            await worker.relay.join(visitor.sid(), "tea")
        await one.server.emit("question", 5, to="room:tea", callback=answered)
        await soon(lambda: answers, what="the room answers")
        assert {*answers} == {(5,)}

    async def test_an_emit_of_connect_calls_back_with_the_answer(self, one: Served) -> None:
        answers: list[tuple[Any, ...]] = []

        async def connect(sid: str, environ: dict[str, Any]) -> None:
            await one.server.emit("question", 5, to=sid, callback=lambda *answer: answers.append(answer))

        one.server.on("connect", connect)
        ana = await one.visitor()
        await ana.hears(("/", "question", 5))
        await soon(lambda: answers == [()], what="the client's empty answer")

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

    async def test_what_a_worker_emits_and_says_of_rooms_keeps_its_order(
        self, one: Served, two: Served
    ) -> None:
        ana = await two.visitor()
        for number in range(20):
            await one.server.enter_room(ana.sid(), "tea")
            await one.server.emit("in", number, to="tea")
            await one.server.leave_room(ana.sid(), "tea")
            await one.server.emit("out", number, to="tea")
        await one.server.emit("last", 0, to=ana.sid())
        await ana.hears(*(("/", "in", number) for number in range(20)), ("/", "last", 0))

    async def test_members_of_a_room_stay_when_its_log_is_cleared(self, one: Served, two: Served) -> None:
        """They hear the next entry, which is number 1 of another epoch."""
        ana, ben = await one.visitor(), await two.visitor()
        for worker, visitor in ((one, ana), (two, ben)):
            await worker.relay.join(visitor.sid(), "tea")
        kept = [await one.relay.log.append("tea", Post(str(number), b"before")) for number in range(3)]
        for visitor in (ana, ben):
            await visitor.hears(*(("/", "entry", number, "before") for number in (1, 2, 3)))
        await two.relay.log.clear("tea")
        first = await one.relay.log.append("tea", Post("3", b"after"))
        assert first.seq == 1
        assert first.epoch != kept[-1].epoch
        heard = [("/", "entry", number, "before") for number in (1, 2, 3)] + [("/", "entry", 1, "after")]
        for visitor in (ana, ben):
            await visitor.hears(*heard)

    @pytest.mark.parametrize("several", [["tea", "pool"], ("tea",), {"tea"}])
    async def test_a_callback_for_several_rooms_is_refused(
        self, one: Served, two: Served, several: Any
    ) -> None:
        """An emit without one goes to several rooms."""
        ana = await one.visitor()
        await one.server.enter_room(ana.sid(), "tea")
        with pytest.raises(TypeError, match="one client or one room"):
            await two.server.emit("question", 1, to=several, callback=print)
        await two.server.emit("told", 1, to=["tea", "pool"])
        await ana.hears(("/", "told", 1))

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

    async def test_a_client_joins_in_its_connect_handler(self, one: Served, two: Served) -> None:
        async def connect(sid: str, environ: Any) -> None:
            await one.relay.join(sid, "tea")

        one.server.on("connect", connect)
        ana = await one.visitor()
        assert one.relay.joined(ana.sid(), "tea")

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

    async def test_an_ack_that_nobody_asked_for_is_useless(self, one: Served, two: Served) -> None:
        """Also one with the number 0, which upstream takes for a callback."""
        useless: list[str] = []

        async def on_useless(sid: str) -> None:
            useless.append(sid)

        one.server.on_useless(on_useless)
        ana = await answering(one)
        assert await one.server.call("question", 1, to=ana.sid(), timeout=PATIENCE) == 1
        for number in (0, 7):
            await ana.sio._send_packet(ana.sio.packet_class(3, id=number, data=[1]))
        await soon(lambda: useless == [ana.sid()] * 2, what="both are reported")
        assert await one.server.call("question", 2, to=ana.sid(), timeout=PATIENCE) == 2

    async def test_an_emit_goes_to_all_to_rooms_and_to_one(self, one: Served, two: Served) -> None:
        """And not to who is skipped."""
        ana, ben, cleo = await one.visitor(), await two.visitor(), await two.visitor()
        await one.server.enter_room(ana.sid(), "tea")
        await two.server.enter_room(ben.sid(), "coffee")
        await two.server.enter_room(cleo.sid(), "coffee")
        await one.server.emit("all")
        await one.server.emit("rooms", 1, to=["tea", "coffee"])
        await one.server.emit("rooms", 2, room=["tea", "coffee"], skip_sid=[ana.sid(), cleo.sid()])
        await one.server.emit("room", (3, [4]), room="coffee", skip_sid=ben.sid())
        await one.server.send("5", to=ben.sid())
        await ana.hears(("/", "all"), ("/", "rooms", 1))
        await ben.hears(("/", "all"), ("/", "rooms", 1), ("/", "rooms", 2), ("/", "message", "5"))
        await cleo.hears(("/", "all"), ("/", "rooms", 1), ("/", "room", 3, [4]))

    async def test_an_emit_may_leave_out_the_other_workers(self, one: Served, two: Served) -> None:
        ana, ben = await one.visitor(), await two.visitor()
        await one.server.emit("here", ignore_queue=True)
        await one.server.emit("everywhere")
        await ben.hears(*([("/", "here")] if one is two else []), ("/", "everywhere"))
        await ana.hears(("/", "here"), ("/", "everywhere"))

    async def test_rooms_are_entered_left_and_closed_from_any_worker(self, one: Served, two: Served) -> None:
        ana = await one.visitor()
        await two.server.enter_room(ana.sid(), "tea")
        await two.server.enter_room(ana.sid(), "coffee")
        await until(lambda: {*one.server.rooms(ana.sid())} == {ana.sid(), "tea", "coffee"})
        await two.server.leave_room(ana.sid(), "tea")
        await until(lambda: {*one.server.rooms(ana.sid())} == {ana.sid(), "coffee"})
        await two.server.close_room("coffee")
        await until(lambda: [*one.server.rooms(ana.sid())] == [ana.sid()])

    @pytest.mark.parametrize("room", ["room:tea", "group:browser"])
    async def test_the_relays_own_rooms_are_not_entered_by_their_names(
        self, one: Served, two: Served, room: str
    ) -> None:
        """Since what is emitted to them is delivered otherwise."""
        ana = await one.visitor()
        for act in (
            one.server.enter_room(ana.sid(), room),
            one.server.leave_room(ana.sid(), room),
            one.server.close_room(room),
        ):
            with pytest.raises(ValueError, match="own rooms"):
                await act

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

    async def test_a_room_of_several_namespaces_is_one_on_all_workers(self, one: Served, two: Served) -> None:
        """Its entries, in order; who is there; and what is volatile."""
        ana, ben = await one.visitor("/", "/desk"), await two.visitor("/desk")
        for worker, visitor, namespace in ((one, ana, "/"), (one, ana, "/desk"), (two, ben, "/desk")):
            await worker.relay.join(
                visitor.sid(namespace), "tea", Member(visitor.sid(), "ana" if visitor is ana else "ben")
            )
        numbers = range(1, 11)
        for number in numbers:
            worker = (one, two)[number % 2]
            await worker.relay.log.append("tea", Post(f"post {number}", b"%d" % number))

        def entries(visitor: Visitor, namespace: str) -> list[Any]:
            return [each[2] for each in visitor.heard if each[:2] == (namespace, "entry")]

        def heard(visitor: Visitor, namespace: str, event: str) -> list[Any]:
            return [each[2] for each in visitor.heard if each[:2] == (namespace, event)]

        places = ((ana, "/"), (ana, "/desk"), (ben, "/desk"))
        for visitor, namespace in places:
            await until(lambda v=visitor, n=namespace: len(entries(v, n)) >= 10)  # type: ignore[misc]
            assert entries(visitor, namespace) == [*numbers]
            await until(lambda v=visitor, n=namespace: heard(v, n, "presence")[-1]["count"] == 2)  # type: ignore[misc]
        await one.relay.emit_volatile("typing", "ana", "tea")
        for visitor, namespace in places:
            await until(lambda v=visitor, n=namespace: heard(v, n, "typing") == ["ana"])  # type: ignore[misc]

    async def test_a_group_of_several_namespaces_is_ended_on_all_workers(
        self, one: Served, two: Served
    ) -> None:
        ana, ben, cleo = await one.visitor("/"), await two.visitor("/desk"), await two.visitor("/")
        await one.relay.group(ana.sid(), "browser")
        await two.relay.group(ben.sid("/desk"), "browser")
        await one.relay.emit_to_group("notice", 1, "browser")
        await ana.hears(("/", "notice", 1))
        await ben.hears(("/desk", "notice", 1))
        await two.relay.emit_to_group("notice", 2, "browser", skip_sid=ana.sid())
        await two.relay.emit_to_group("notice", 3, "browser")
        await ana.hears(("/", "notice", 1), ("/", "notice", 3))
        await ben.hears(*(("/desk", "notice", number) for number in (1, 2, 3)))
        await two.relay.disconnect_group("browser")
        for visitor in (ana, ben):
            await soon(lambda v=visitor: not v.sio.namespaces, what="it is ended")  # type: ignore[misc]
        assert [*cleo.sio.namespaces] == ["/"]


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    await soon(condition, what="all workers to know")
