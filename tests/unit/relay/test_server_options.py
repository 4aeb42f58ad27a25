"""Each option of python-socketio's server has its meaning in RelayServer, or is refused with what to use."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import engineio
import pytest
import socketio
from relay import Options, Relay, RelayServer
from relay.server_options import INSTEAD
from socketio.exceptions import ConnectionError as NotConnected

from tests.support.served import Served, event_of
from tests.support.waiting import soon
from tests.unit.wire import Log

TAKEN = {"namespaces", "always_connect", "transports", "allow_upgrades", "cors_credentials"}
OF_THE_RELAY = {"ping_interval", "ping_timeout"}


def of_upstream() -> set[str]:
    """The names of upstream's options, of both layers."""
    found: set[str] = set()
    for of in (
        socketio.AsyncServer.__init__,
        socketio.base_server.BaseServer.__init__,
        engineio.base_server.BaseServer.__init__,
    ):
        parameters = inspect.signature(of).parameters.values()
        found |= {each.name for each in parameters if each.kind is not each.VAR_KEYWORD}
    return found - {"self"} | {"engineio_logger"}


def test_every_option_of_upstream_is_taken_or_refused_by_name() -> None:
    assert of_upstream() == TAKEN | OF_THE_RELAY | INSTEAD.keys()


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_an_option_that_there_is_not_is_refused_with_what_to_use(name: str) -> None:
    """Also one with upstream's default value: it would be ignored."""
    with pytest.raises(TypeError, match=name) as refused:
        RelayServer(Relay.in_memory().manager, **{name: None})  # type: ignore[arg-type]
    assert INSTEAD[name] in str(refused.value)


@pytest.mark.parametrize("name", [*sorted(OF_THE_RELAY), "max_sessions", "allowed_origins"])
def test_an_option_of_the_relay_is_said_to_be_one(name: str) -> None:
    with pytest.raises(TypeError, match=rf"Options\({name}="):
        RelayServer(Relay.in_memory().manager, **{name: 1})  # type: ignore[arg-type]


def test_upstream_logs_no_more_than_warnings_or_what_the_application_wants() -> None:
    upstream = logging.getLogger("socketio")
    before = upstream.level
    try:
        for wanted, logged in (
            (logging.NOTSET, logging.WARNING),
            (logging.INFO, logging.WARNING),
            (logging.ERROR, logging.ERROR),
        ):
            upstream.setLevel(wanted)
            RelayServer(Relay.in_memory().manager)
            assert upstream.level == logged
    finally:
        upstream.setLevel(before)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(TypeError, match="'ping_intervall'"):
        RelayServer(Relay.in_memory().manager, ping_intervall=1)


def test_all_options_that_there_are_not_are_named_at_once() -> None:
    options: dict[str, Any] = {"logger": True, "ping_interval": 5, "cookie": "io", "ping_intervall": 1}
    with pytest.raises(TypeError) as refused:
        RelayServer(Relay.in_memory().manager, **options)
    logger, interval, cookie, unknown = str(refused.value).splitlines()
    assert INSTEAD["logger"] in logger
    assert "Options(ping_interval=" in interval
    assert INSTEAD["cookie"] in cookie
    assert "'ping_intervall'" in unknown


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"transports": ["webtransport"]}, "'webtransport' is none of the transports polling, websocket"),
        ({"transports": []}, "transports is empty"),
        ({"namespaces": ["desk"]}, "name it '/desk'"),
        ({"namespaces": "desk"}, "name it '/desk'"),
        ({"namespaces": ["*"]}, r'namespaces="\*"'),
    ],
)
def test_a_value_that_means_nothing_is_refused(option: dict[str, Any], said: str) -> None:
    """Upstream leaves it out, or takes a text for a list."""
    with pytest.raises(ValueError, match=said):
        RelayServer(Relay.in_memory().manager, **option)


@pytest.fixture
async def strict(log: Log) -> AsyncIterator[None]:
    yield
    assert log.tracebacks == []


@pytest.mark.parametrize("other", ["polling", "websocket"])
async def test_a_transport_that_is_left_out_is_refused(strict: None, other: str) -> None:
    """And not offered as an upgrade."""
    allowed = "websocket" if other == "polling" else "polling"
    async with Served(transports=allowed) as served:
        visitor = await served.visitor(transport=allowed)
        assert visitor.sio.transport() == allowed
        with pytest.raises(NotConnected):
            await served.visitor(transport=other)
        if allowed == "polling":
            async with aiohttp.ClientSession() as http:
                opened = await http.get(f"{served.url}/socket.io/?EIO=4&transport=polling")
                assert '"upgrades":[]' in await opened.text()


async def test_upgrades_may_be_left_out(strict: None) -> None:
    async with Served(allow_upgrades=False) as served, aiohttp.ClientSession() as http:
        opened = await http.get(f"{served.url}/socket.io/?EIO=4&transport=polling")
        assert '"upgrades":[]' in await opened.text()
        await served.visitor(transport="websocket")


@pytest.mark.parametrize("allowed", [True, False])
async def test_pages_of_other_origins_may_send_credentials_or_not(strict: None, allowed: bool) -> None:
    origin = "https://example.org"
    relay = Relay.in_memory(event_of, Options(allowed_origins=(origin,)))
    async with Served(relay, cors_credentials=allowed) as served, aiohttp.ClientSession() as http:
        url = f"{served.url}/socket.io/?EIO=4&transport=polling"
        opened = await http.get(url, headers={"Origin": origin})
        assert opened.headers["Access-Control-Allow-Origin"] == origin
        assert ("Access-Control-Allow-Credentials" in opened.headers) is allowed


async def test_namespaces_are_served_without_handlers(strict: None) -> None:
    """One, several or any, and the main one where none is named, as applications pass it; and no other."""
    for namespaces in ("/desk", ("/", "/desk"), "*", None):
        async with Served(namespaces=namespaces) as served:
            await served.visitor("/desk" if namespaces else "/")
            if namespaces != "*":
                with pytest.raises(NotConnected):
                    await served.visitor("/nowhere")


async def test_with_always_connect_the_handler_may_emit_to_its_client(strict: None) -> None:
    """The client is told that it is connected first; if it is refused, it is disconnected."""
    async with Served(always_connect=True) as served:

        async def connect(sid: str, environ: dict[str, Any], auth: Any) -> bool:
            await served.server.emit("welcome", to=sid)
            return "refuse" not in (auth or ())

        served.server.on("connect", connect)
        ana = await served.visitor()
        await ana.hears(("/", "welcome"))
        assert len(served.server.eio.pending) == 0
        ben = await served.visitor(auth={"refuse": True})
        await soon(lambda: "/" not in ben.sio.namespaces, what="ben is disconnected")
        assert {*served.server.manager.rooms["/"][None]} == {ana.sid()}


async def test_with_always_connect_whoever_a_handler_failed_for_is_disconnected(log: Log) -> None:
    async with Served(always_connect=True) as served:
        connected = asyncio.Event()  # the client loses a packet that comes together with its CONNECT

        async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
            await connected.wait()
            raise KeyError("a fault of the application")

        served.server.on("connect", connect)
        ana = await served.visitor()
        connected.set()
        await soon(lambda: "/" not in ana.sio.namespaces, what="ana is disconnected", within=10)
        assert not served.server.manager.rooms
    assert len(log.tracebacks) == 1


def test_a_second_server_of_a_relay_is_refused() -> None:
    """The relay's clients are those of one server: what is emitted by the other one would reach nobody."""
    relay = Relay.in_memory()
    RelayServer(relay.manager)
    with pytest.raises(ValueError, match="Make a Relay for each server"):
        RelayServer(relay.manager)
