"""A session ends with its token, unless it is renewed."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from relay import Relay, RelayServer

from tests.support.application import Visitor, serving
from tests.support.waiting import soon


class Gate:
    """An application that lets each client in for as many seconds as its `auth` says."""

    def __init__(self) -> None:
        relay = Relay.in_memory()
        self.server = RelayServer(relay.manager, namespaces=["/", "/desk"])
        self.server.on("connect", self.connect)
        self.server.on("connect", self.connect, namespace="/desk")
        self.server.on("renew", self.renew)
        self.server.on("disconnect", self.disconnect)
        self.gone: list[str] = []

    async def connect(self, sid: str, environ: Any, auth: Any = None) -> None:
        if auth is not None:
            assert self.server.expire(sid, auth["seconds"])

    async def renew(self, sid: str, seconds: Any = None) -> bool:
        return self.server.expire(sid, seconds, "the new token expired")

    async def disconnect(self, sid: str, reason: str) -> None:
        self.gone.append(reason)


class Guest(Visitor):
    def __init__(self, *transports: str) -> None:
        super().__init__(*transports)
        self.told: list[Any] = []
        self.sio.on("expired", self.told.append)

    async def ends(self) -> float:
        begun = monotonic()
        await soon(lambda: not self.sio.connected, what="the session to end")
        return monotonic() - begun


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    gate = Gate()
    async with serving(gate.server) as gate.url:  # type: ignore[attr-defined]
        yield gate


async def guest(gate: Gate, seconds: Any, transport: str = "websocket") -> Guest:
    guest = Guest(transport)
    url: str = gate.url  # type: ignore[attr-defined]
    await guest.sio.connect(url, auth={"seconds": seconds}, transports=[transport])
    return guest


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_session_ends_when_its_time_is_over_and_is_told_why(gate: Gate, transport: str) -> None:
    ana, ben = await guest(gate, 1, transport), await guest(gate, None, transport)
    assert await ana.ends() >= 0.9
    assert ana.told == [{"reason": "expired"}]
    await soon(lambda: gate.gone == ["expired"], what="the handler to be called")
    assert ben.sio.connected
    await ben.leaves()


async def test_a_session_is_renewed_without_connecting_again(gate: Gate) -> None:
    """As often as it likes; and for ever."""
    ana = await guest(gate, 1.5)
    for _ in range(4):
        await asyncio.sleep(0.5)
        assert await ana.sio.call("renew", 1.5) is True
    assert ana.sio.connected
    assert await ana.sio.call("renew", None) is True
    await asyncio.sleep(2.5)
    assert ana.sio.connected
    assert await ana.sio.call("renew", 0) is True
    await ana.ends()
    assert ana.told == [{"reason": "the new token expired"}]


async def test_what_is_over_is_not_renewed(gate: Gate) -> None:
    """Neither a session that was told so, nor one that has ended."""
    ana = await guest(gate, -5)
    sid = ana.sid
    await soon(lambda: ana.told, what="ana to be told")
    assert gate.server.expire(sid, 60) is False
    await ana.ends()
    assert gate.server.expire(sid, 60) is False
    with pytest.raises(ValueError, match="a number"):
        gate.server.expire(sid, float("nan"))


async def test_all_clients_of_the_session_are_told(gate: Gate) -> None:
    """One session with two namespaces ends as a whole."""
    ana = Guest("websocket")
    desk: list[Any] = []
    ana.sio.on("expired", desk.append, namespace="/desk")
    await ana.sio.connect(gate.url, transports=["websocket"], namespaces=["/", "/desk"])  # type: ignore[attr-defined]
    assert await ana.sio.call("renew", 0) is True
    await ana.ends()
    assert ana.told == desk == [{"reason": "the new token expired"}]


async def test_many_sessions_need_no_task_each(gate: Gate) -> None:
    """Nor a timer: the number of both does not grow with them."""
    ana = await guest(gate, 1000)
    timers = len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]
    tasks = len(asyncio.all_tasks())
    for _ in range(1000):
        assert gate.server.expire(ana.sid, 1000)
    assert len(asyncio.get_running_loop()._scheduled) == timers  # type: ignore[attr-defined]
    assert len(asyncio.all_tasks()) == tasks
    await ana.leaves()
