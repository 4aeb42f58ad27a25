"""A server that is mounted in an application, inside of its middleware."""

import json
import re
from textwrap import dedent

import httpx
import pytest
import socketio

from tests.support import relay_document
from tests.support.moved import served
from tests.support.waiting import PATIENCE, soon

INSIDE = """
from contextlib import asynccontextmanager

from relay import Options, Relay, RelayServer
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

relay = Relay.in_memory(options=Options(allowed_origins=("https://example.org",)))
server = RelayServer(relay.manager)


@server.event
async def connect(sid, environ, auth):
    await server.emit("long", "x" * 5000, to=sid)


@asynccontextmanager
async def lifespan(app):
    await server.start()
    yield
    await server.stop()


paths = ["/socket.io", "/ws/socket.io"]
inner = Starlette(routes=[Mount("/socket.io", server)])
routes = [*(Mount(path, server) for path in paths), Mount("/inner", inner)]
app = Starlette(routes=routes, lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
"""


@pytest.mark.parametrize("answer", ["short", "long"])
async def test_cors_middleware_leaves_one_origin_in_an_answer(answer: str) -> None:
    """Browsers refuse an answer that names two."""
    async with served(INSIDE, redis=None) as url, httpx.AsyncClient(verify=False) as http:
        polling = f"{url}/ws/socket.io/?EIO=4&transport=polling"
        got = await http.get(polling, headers={"Origin": "https://example.org"})
        if answer == "long":
            polling += f"&sid={json.loads(got.text[1:])['sid']}"
            await http.post(polling, content="40")
            got = await http.get(polling, headers={"Origin": "https://example.org"})
            assert len(got.content) > 5000
        assert got.status_code == 200
        assert len(got.headers.get_list("access-control-allow-origin")) == 1


async def test_a_server_is_mounted_at_several_paths() -> None:
    """One of them is in an application that is mounted itself."""
    async with served(INSIDE, redis=None) as url, httpx.AsyncClient(verify=False) as http:
        for path in ("socket.io", "ws/socket.io", "inner/socket.io"):
            assert (await http.get(f"{url}/{path}/?EIO=4&transport=polling")).status_code == 200


WITH_DISPATCH = (
    INSIDE
    + """
from starlette.middleware.base import BaseHTTPMiddleware


async def dispatch(request, call_next):
    response = await call_next(request)
    response.headers["x-passed"] = "yes"
    return response


app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
"""
)


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_middleware_that_awaits_whole_responses_is_passed(transports: list[str]) -> None:
    """Starlette's `BaseHTTPMiddleware` runs what is in it in a task of its own."""
    async with served(WITH_DISPATCH, redis=None) as url:
        async with httpx.AsyncClient(verify=False) as http:
            assert (await http.get(f"{url}/socket.io/?EIO=4&transport=polling")).headers["x-passed"] == "yes"
        client, long = socketio.AsyncClient(reconnection=False, handle_sigint=False), list[str]()
        client.on("long", long.append)
        await client.connect(url, transports=transports, wait_timeout=PATIENCE)
        await soon(lambda: long == ["x" * 5000], what="the event has come")
        await client.disconnect()


SOMEBODY_ELSES = """
from contextlib import asynccontextmanager

from relay import Relay, RelayServer
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route


@asynccontextmanager
async def their_own(api):
    yield {"greeting": "hello"}


async def hello(request):
    return PlainTextResponse(request.state.greeting)


relay = Relay.in_memory()
sio = RelayServer(relay.manager)
app = api = Starlette(routes=[Mount("/socket.io", sio), Route("/hello", hello)], lifespan=their_own)
"""


async def test_a_lifespan_is_put_around_somebody_elses() -> None:
    """As the document says it."""
    shown = relay_document.text()
    [code] = re.findall(r"^  ```python\n(  inner = .*?)^  ```$", shown, re.MULTILINE | re.DOTALL)
    async with served(SOMEBODY_ELSES + dedent(code), redis=None) as url, httpx.AsyncClient() as http:
        assert (await http.get(f"{url}/hello")).text == "hello"
        assert (await http.get(f"{url}/socket.io/?EIO=4&transport=polling")).status_code == 200
