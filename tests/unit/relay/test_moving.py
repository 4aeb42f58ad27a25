"""The applications before and after, as docs/reusing-relay.md shows them, do the same in one process."""

import asyncio
import logging
import re
from hashlib import md5
from textwrap import dedent
from typing import Any

import httpx
import pytest
from relay import LogUnavailable

from tests.support import relay_document
from tests.support.moved import REDIS, chats, comes_back, differences, served
from tests.support.served import Served
from tests.support.waiting import PATIENCE, soon

README = relay_document.DOCS.parent / "web/relay/README.md"
PLAIN, WITH_FASTAPI, DURABLE = differences()


@pytest.mark.parametrize("difference", [PLAIN, WITH_FASTAPI], ids=["ASGIApp", "FastAPI"])
@pytest.mark.parametrize("version", ["before", "after"])
async def test_an_application_does_the_same_before_and_after(difference: object, version: str) -> None:
    if difference is WITH_FASTAPI:
        pytest.importorskip("fastapi", reason="starlette is older than FastAPI's", exc_type=ImportError)
    async with served(getattr(difference, version), redis=None) as url:
        await chats(url, url)
        if difference is WITH_FASTAPI:
            async with httpx.AsyncClient(verify=False) as http:
                assert (await http.get(f"{url}/hello")).json() == "hello"


async def test_a_test_as_the_document_has_it_passes() -> None:
    code = relay_document.block("python", "import asyncio\nfrom contextlib import asynccontextmanager\n")
    names: dict[str, Any] = {}
    exec(PLAIN.after.replace(f'on_redis("{REDIS}")', "in_memory()"), names)
    exec(code, names)
    await names["test_who_is_in_a_room_hears_what_is_said"]()


async def test_a_handler_answers_while_redis_does_not() -> None:
    """Wrapped as the document says."""
    [code] = re.findall(
        r"^  (def answered\(.*?)^\n\n  sio\.on", relay_document.text(), re.MULTILINE | re.DOTALL
    )

    async def who(sid: str) -> None:
        raise LogUnavailable

    names: dict[str, Any] = {"LogUnavailable": LogUnavailable}
    exec(dedent("  " + code), names)
    async with Served() as served:
        served.server.on("who", names["answered"](who))
        visitor = await served.visitor()
        assert await visitor.sio.call("who", timeout=PATIENCE) == {"error": "unavailable"}


async def test_a_room_that_loses_nothing_says_what_was_missed() -> None:
    assert DURABLE.before == PLAIN.after
    async with served(DURABLE.after, redis=None) as url:
        await chats(url, url, "id-1")
        await comes_back(url)


def test_ten_lines_change() -> None:
    assert [difference.added <= 10 for difference in (PLAIN, WITH_FASTAPI)] == [True, True]


def test_the_packages_own_description_shows_the_same_application() -> None:
    [code] = re.findall(r"^```python\n(.*?)\n```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert code == PLAIN.after


def test_the_routes_of_listed_addresses_are_those_that_relay_makes() -> None:
    listed = re.findall(r"server ([\d.]+:\d+) route=([0-9a-f]{32}) max_fails=0;", relay_document.text())
    assert len(listed) == 2
    assert [route for _, route in listed] == [md5(address.encode()).hexdigest() for address, _ in listed]


async def test_a_clients_next_events_do_not_wait_for_a_handler_that_is_apart(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is written as the document says. What the handler raises is in the log at once, with its name."""
    code = relay_document.block("python", "def apart(")
    stopped = asyncio.Event()

    async def ask(sid: str) -> None:
        await stopped.wait()
        raise LookupError("nobody answers")

    async with Served() as served:
        names: dict[str, Any] = {"sio": served.server, "ask": ask, "logger": logging.getLogger("app")}
        exec(code, names)
        served.server.on("stop", lambda sid: stopped.set())
        ana = await served.visitor()
        assert await ana.asks("ask") is None
        await ana.asks("stop")
        await soon(lambda: "ask failed" in caplog.text, what="the failure to be logged")
