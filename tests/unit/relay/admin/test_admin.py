"""The Admin UI of a server in one process, and what instrument() refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from relay import Relay, RelayServer
from relay.admin import reports

from tests.support.served import Served, event_of
from tests.support.waiting import soon
from tests.unit.relay.admin.admin_contract import LOGIN, AdminContract, Instrumented, admin_of, seen
from tests.unit.wire import Log


class TestAdminInMemory(AdminContract):
    @pytest.fixture
    def instrumented(self, log: Log) -> Instrumented:
        @asynccontextmanager
        async def start(**options: Any) -> AsyncIterator[tuple[Served, Served]]:
            worker = Served(namespaces="*")
            worker.server.instrument(**{"auth": LOGIN, **options})
            async with worker:
                yield worker, worker
            assert log.tracebacks == []

        return start


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "Say who is an admin"),
        ({"auth": []}, "Say who is an admin"),
        ({"auth": {}}, "Say who is an admin"),
        ({"auth": LOGIN, "mode": "test"}, "one of development, production, and not 'test'"),
        ({"auth": LOGIN, "namespace": "/"}, "can't be the admins' namespace"),
        ({"auth": LOGIN, "namespace": "admin"}, "can't be the admins' namespace"),
        ({"auth": LOGIN, "namespace": "/desk"}, "can't be the admins' namespace"),
        ({"auth": LOGIN, "server_stats_interval": 0}, "above 0"),
    ],
)
def test_what_can_not_be_is_refused_where_it_is_said(options: dict[str, Any], reason: str) -> None:
    server = RelayServer(Relay.in_memory().manager)
    server.on("connect", lambda sid, environ: None, namespace="/desk")
    with pytest.raises(ValueError, match=reason):
        server.instrument(**options)


async def test_it_is_called_once_and_before_the_start() -> None:
    server, late = RelayServer(Relay.in_memory().manager), RelayServer(Relay.in_memory().manager)
    server.instrument(auth=LOGIN)
    with pytest.raises(RuntimeError, match="called already"):
        server.instrument(auth=LOGIN)
    await late.start()
    with pytest.raises(RuntimeError, match=r"before server\.start"):
        late.instrument(auth=LOGIN)
    await late.stop()


def test_of_a_deep_argument_the_beginning_is_shown() -> None:
    """A client may nest lists deeper than Python's stack is."""
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert "(nested too deep)" in str(reports.shown(["say", deep]))


async def test_an_admin_of_a_worker_that_lost_redis_is_shown_its_own_clients(log: Log) -> None:
    worker = Served(Relay.on_redis("redis://127.0.0.1:1/0", event_of))
    worker.server.instrument(auth=LOGIN)
    async with worker:
        ana, admin = await worker.visitor(), await admin_of(worker)
        await soon(lambda: ana.sid() in seen(admin), what="the client to be shown")
        await admin.says("_disconnect", "/", False, ana.sid(), namespace="/admin")
        await soon(lambda: not ana.sio.connected, what="the client to be disconnected")
    assert log.tracebacks == []


async def test_reports_that_do_not_fit_are_left_out_and_said_to_be(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a busy worker keeps its memory, and its application does not wait."""
    monkeypatch.setattr(reports, "MOST", 5)
    worker = Served()
    worker.server.instrument(auth=LOGIN)
    async with worker:
        ana = await worker.visitor()
        for number in range(20):
            await worker.server.enter_room(ana.sid(), f"room {number}")
        await soon(lambda: any("Left out" in line for line in log.lines), what="what is left out to be said")
