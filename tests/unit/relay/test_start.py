"""What is wrong is said when the application starts, with what to do."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest
import socketio
import uvicorn
from relay import Options, Post, Relay, RelayHttp, RelayServer

from tests.support import bytecode
from tests.support.application import serving
from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Log

WEB = Path(__file__).parents[3] / "web"
APPLICATION = """
import socketio
from relay import Relay, RelayServer
server = RelayServer(Relay.in_memory().manager)
app = socketio.ASGIApp(server, on_startup=server.start, on_shutdown=server.stop)
"""


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        (Relay.in_memory(), r"RelayServer\(relay\.manager\)"),
        (socketio.AsyncManager(), "and no AsyncManager: make"),
        (None, "and no NoneType: make"),
    ],
)
def test_a_wrong_manager_is_refused(manager: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        RelayServer(manager)


def test_options_in_the_place_of_event_of_are_refused() -> None:
    """They would be lost, the prefix too, and nobody would be told of any entry."""
    options: Any = Options(prefix="mine:")
    with pytest.raises(TypeError, match=r"no Options\. Name the options"):
        Relay.in_memory(options)
    with pytest.raises(TypeError, match=r"Relay\.on_redis\(url, options=Options"):
        Relay.on_redis("redis://localhost", options)


def test_a_url_in_the_place_of_a_manager_is_refused() -> None:
    url: Any = "redis://localhost"
    with pytest.raises(TypeError, match=r"Relay\.on_redis\(url\)"):
        Relay(url)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"allowed_origins": "https://example.org"}, TypeError, r"write \('https://example.org',\)"),
        ({"allowed_origins": ("*",)}, ValueError, "name each site"),
        ({"allowed_origins": "*"}, ValueError, "name each site"),
        ({"allowed_origins": ("example.org",)}, ValueError, "'example.org' is not an origin"),
        ({"allowed_origins": ("https://example.org/",)}, ValueError, "without a slash at its end"),
        ({"ping_interval": (25, 5)}, TypeError, "one number of seconds"),
    ],
)
def test_a_wrong_option_of_the_relay_is_refused(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        Options(**options)


RELAY = ("--http", "relay:RelayHttp")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "run uvicorn with --http relay:RelayHttp"),
        ((*RELAY, "--workers", "2"), "Run one uvicorn, without --workers"),
        ((*RELAY, "--ws-max-size", "65535"), "less than max_message_bytes of the Relay's options, 65536"),
    ],
)
async def test_uvicorn_does_not_start_where_it_could_not_serve(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in await told(tmp_path, "Application startup failed", *arguments)


@pytest.mark.parametrize("arguments", [(), ("--reload",), ("--ws-max-size", "65536")])
async def test_uvicorn_starts_where_it_can(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """In a process of its own, or in one that is made anew when a file changes: then it ignores `workers`.
    And with the limit of the relay."""
    environment = {"WEB_CONCURRENCY": "2"} if "--reload" in arguments else {}
    said = await told(tmp_path, "Application startup complete", *RELAY, *arguments, **environment)
    assert "RuntimeError" not in said


async def told(folder: Path, until: str, *arguments: str, **environment: str) -> str:
    """Run the application by uvicorn's command in a folder; return what it tells up to there."""
    (folder / "application.py").write_text(APPLICATION)
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", "0", *arguments]
    variables = bytecode.environment(PYTHONPATH=str(WEB), **environment)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=variables, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while until not in said:
                line = await process.stderr.readline()
                assert line, f"it ended: {said}"
                said += line.decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    return said


async def test_gunicorn_does_not_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives its workers one address, also while it replaces the only one."""
    monkeypatch.setitem(sys.modules, "gunicorn.arbiter", ModuleType("gunicorn.arbiter"))
    with pytest.raises(RuntimeError, match="gunicorn gives one address to several processes"):
        await RelayServer(Relay.in_memory().manager).start()


async def test_a_server_that_was_not_started_says_so_to_whoever_asks(log: Log) -> None:
    """In the log. The client is answered 500."""
    assert await status_of(RelayServer(Relay.in_memory().manager), http=RelayHttp) == 500
    assert "Await server.start()" in log.tracebacks[0]


async def test_a_server_that_was_not_started_does_not_wait_for_answers() -> None:
    """Such as one that a process without clients imports: nothing would tell it."""
    with pytest.raises(RuntimeError, match="one that does, over HTTP"):
        await RelayServer(Relay.in_memory().manager).call("ask", to="a client")


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_request_by_another_protocol_is_not_served(log: Log, transport: str) -> None:
    """Where `start` could not see how uvicorn runs, the first request says so."""
    server = RelayServer(Relay.in_memory().manager)
    await server.start()
    assert await status_of(server, transport=transport) == 500
    assert "--http relay:RelayHttp" in log.tracebacks[0]


def test_a_server_is_mounted() -> None:
    """Upstream attaches to applications that are not of ASGI."""
    with pytest.raises(TypeError, match=r"ASGIApp\(server, app\)"):
        RelayServer(Relay.in_memory().manager).attach(object())


async def test_a_server_is_started_once() -> None:
    server = RelayServer(Relay.in_memory().manager)
    await server.start()
    with pytest.raises(RuntimeError, match="Await it once"):
        await server.start()


async def status_of(app: Any, transport: str = "polling", **config: Any) -> int:
    """The status of the answer to a handshake."""
    worker = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", **config))
    running = asyncio.create_task(worker.serve())
    await soon(lambda: worker.started, what="it listens")
    url = f"http://127.0.0.1:{worker.servers[0].sockets[0].getsockname()[1]}/?EIO=4&transport={transport}"
    async with aiohttp.ClientSession() as http:
        try:
            status = (await http.get(url)).status if transport == "polling" else 0
            if transport == "websocket":
                await http.ws_connect(url)
        except aiohttp.WSServerHandshakeError as refused:
            status = refused.status
    worker.should_exit = True
    await running
    return status


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_a_server_in_memory_starts_again_after_it_stopped(transport: str) -> None:
    """As with FastAPI's TestClient, which runs the lifespan of an application for each test, in an event loop
    of its own. What was kept is still there."""
    relay = Relay.in_memory()
    server = RelayServer(relay.manager, drain_seconds=0)
    server.instrument(auth=False)
    heard: list[object] = []

    async def say(sid: str, text: str) -> None:
        await relay.log.append("tea", Post(text, text.encode()))

    async def visit(text: str) -> None:
        async with serving(server) as url, socketio.AsyncSimpleClient() as client:
            await client.connect(url, transports=[transport], wait_timeout=PATIENCE)
            await client.call("say", text, timeout=PATIENCE)
            await server.drain(0)
        heard.append([entry.id for entry in (await relay.log.read("tea")).entries])

    server.on("say", say)
    for text in ("one", "two", "three"):
        asyncio.run(visit(text))
    assert heard == [["one"], ["one", "two"], ["one", "two", "three"]]


async def test_a_server_on_redis_that_was_stopped_says_what_to_do() -> None:
    server = RelayServer(Relay.on_redis("redis://127.0.0.1:1").manager)
    await server.start()
    await server.stop()
    with pytest.raises(RuntimeError, match="Make another Relay"):
        await server.start()
