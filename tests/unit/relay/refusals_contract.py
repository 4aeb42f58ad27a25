"""The rows of docs/relay-features.md that say what is refused: how each is asked for.

`one` and `two` are workers of one application. In memory they are the same one.
"""

import re
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import pytest
import socketio
from relay import Options, Relay, RelayServer

from tests.support.served import Served
from tests.unit.relay.features_contract import rows


def fresh(**options: Any) -> RelayServer:
    return RelayServer(Relay.in_memory().manager, **options)


def option(**options: Any) -> Callable[..., Awaitable[None]]:
    async def refuse(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        fresh(**options)

    return refuse


async def other_manager(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    RelayServer(socketio.AsyncManager())


async def any_origin(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    Options(allowed_origins=("*",))


async def attach(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    one.server.attach(object())


async def gunicorn(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gunicorn.arbiter", ModuleType("gunicorn.arbiter"))
    await fresh().start()


async def other_server(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request as another ASGI server hands it on."""
    await one.server({"type": "http", "path": "/", "headers": [], "query_string": b""}, None, None)  # type: ignore[arg-type]


async def own_call(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, problems = await one.visitor(), []

    async def ask(sid: str) -> None:
        try:
            await one.server.call("question", to=sid, timeout=5)
        except RuntimeError as problem:
            problems.append(problem)

    one.server.on("ask", ask)
    await ana.asks("ask")
    raise problems[0]


async def own_room(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await one.server.enter_room((await one.visitor()).sid(), "room:tea")


async def many_attachments(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await one.server.emit("bytes", [b"x"] * 11, to=(await one.visitor()).sid())


async def late_instrument(one: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    one.server.instrument(auth=False)


REFUSED: dict[str, Callable[..., Awaitable[None]]] = {
    "`client_manager` of another message queue": other_manager,
    "`async_handlers`": option(async_handlers=True),
    "`cors_allowed_origins`": option(cors_allowed_origins=[]),
    "any origin, as `*`": any_origin,
    "`logger` and `engineio_logger`": option(logger=True),
    "`json`": option(json=None),
    "`serializer`, such as msgpack": option(serializer="msgpack"),
    "`async_mode`: aiohttp, tornado, sanic": option(async_mode="aiohttp"),
    "`attach`": attach,
    "`cookie`": option(cookie="io"),
    "`http_compression` and `compression_threshold`": option(http_compression=True),
    "`max_http_buffer_size`": option(max_http_buffer_size=1),
    "`monitor_clients`": option(monitor_clients=False),
    "`ping_interval` and `ping_timeout` of the server": option(ping_interval=5),
    "gunicorn, and uvicorn's `--workers`": gunicorn,
    "Hypercorn, Daphne and other servers": other_server,
    "`call` in a handler of the same client, or to a group that has it": own_call,
    "rooms named `room:…` and `group:…`": own_room,
    "more than ten `bytes` in a packet": many_attachments,
    "`instrument` after the start": late_instrument,
}
"""How each feature that is refused is asked for."""


class RefusalsContract:
    @pytest.mark.parametrize("feature", REFUSED)
    async def test_what_is_refused_says_what_to_use(
        self, feature: str, one: Served, two: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The error has what the page's row has as code."""
        with pytest.raises((TypeError, ValueError, RuntimeError)) as refused:
            await REFUSED[feature](two, monkeypatch)
        named = re.findall(r"`([^`]+)`", rows("What is refused")[feature])
        assert named != []
        assert [each for each in named if each not in str(refused.value)] == []
