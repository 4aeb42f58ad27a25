"""A client is called from anywhere and its answer comes back, as python-socketio's documentation says it.

`one` and `two` are workers of one application. In memory they are the same one.
"""

import asyncio
from typing import Any

import pytest
import socketio
from socketio.exceptions import TimeoutError as NoAnswer

from tests.support.served import Served, Visitor
from tests.support.waiting import PATIENCE, soon


async def answering(worker: Served, *namespaces: str, transport: str = "websocket") -> Visitor:
    """A client that answers the event `question` with what it is asked, and its name of the worker's."""
    visitor = await worker.visitor(*namespaces, transport=transport)
    for namespace in namespaces or ("/",):
        visitor.sio.on("question", lambda *asked: asked, namespace=namespace)
    return visitor


class CallsContract:
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

    async def test_a_handler_that_calls_a_group_of_its_own_client_is_told_so_too(
        self, one: Served, two: Served
    ) -> None:
        """Whoever else is in the group: it does not depend on who is there whether an application works."""
        ana, ben = await answering(one), await answering(two)
        await one.relay.group(ana.sid(), "both")
        await two.relay.group(ben.sid(), "both")
        await two.relay.group(ben.sid(), "ben")

        async def ask(sid: str, group: str) -> str:
            try:
                return str(await one.server.call("question", 1, to=f"group:{group}", timeout=PATIENCE))
            except RuntimeError as problem:
                return str(problem)

        one.server.on("ask", ask)
        async with asyncio.timeout(10):
            assert "a group that has it" in await ana.asks("ask", "both")
        assert await ana.asks("ask", "ben") == "1"

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
