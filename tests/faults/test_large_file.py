"""A large file over a slow line that breaks: it arrives whole, and nobody who talks meanwhile notices."""

import asyncio
import json
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from tests.faults.stack import FaultStack
from tests.support.line import Line
from tests.support.memory import watched
from tests.support.people import WEBSOCKET, Person, crowd
from tests.support.uploading import PIECE, announce, arrived, bring, browser, upload
from tests.support.waiting import soon

SIZE = 100_000_000
RATE = 8_000_000
"""Bytes a second, both ways."""
BREAKS = 33_000_000, 66_000_000
"""Bytes of the file, more or less, each in the middle of a piece."""
SPILT = PIECE + 100_000
"""Bytes that are sent twice for a break, at most, with the headers of some requests."""
ANSWER = 2.0
"""Seconds within which a message is acked, whatever happens."""
PAUSE = 0.1
"""Seconds between two messages of a person."""
GROWTH_OF_A_WORKER, GROWTH_OF_NGINX = 16 << 20, 4 << 20
"""Bytes. Most of it is the health check, which is a process in the same container: 8 and 2 MiB at times."""


async def test_a_large_file_over_a_line_that_breaks_arrives_whole_while_messages_go_on(
    stack: FaultStack,
) -> None:
    """A break costs a piece at most, and neither a worker nor nginx has the file in memory."""
    data, at = random.Random(18).randbytes(SIZE), urlsplit(stack.url)
    assert at.hostname
    assert at.port
    cookies = await asyncio.to_thread(stack.sign_in, *(f"large file {number}" for number in range(4)))
    async with (
        crowd(stack.url, *[WEBSOCKET] * len(cookies), cookies=cookies) as (ana, *others),
        Line(at.hostname, at.port, RATE, BREAKS) as line,
        browser(stack.url, cookies[0]) as directly,
        browser(line.url, cookies[0]) as slowly,
    ):
        ben = next(each for each in others if each.route != ana.route)
        # What a worker loads once is no growth.
        await upload(directly, ana.room, data[: 4 * PIECE])
        nginx = stack.container("nginx")
        async with watched([*stack.containers("web"), nginx]) as growth, talking(ana, ben) as waited:
            id, broken = await brought(slowly, ana.room, data)
            sent = line.sent
            message = {"room": ana.room, "id": secrets.token_hex(8)}
            said = await ana.asks("message", "", message | {"files": [id]})
            assert said["ok"], said
            assert await digest(slowly, f"/files/{ana.room}/{id}") == sha256(data).hexdigest()
        assert (await ana.asks("delete", message | {"seq": said["seq"]}))["ok"]
    assert broken == len(BREAKS)
    assert sent <= SIZE + len(BREAKS) * SPILT
    assert len(waited) > SIZE / RATE / PAUSE
    assert max(waited) < ANSWER
    assert growth.pop(str(nginx.name)) < GROWTH_OF_NGINX
    assert max(growth.values()) < GROWTH_OF_A_WORKER
    address = f"/uploads/{ana.room}/{id}"
    await soon(lambda: len(takers(stack, address)) == 2, what="nginx' log says that both workers took pieces")


async def brought(http: httpx.AsyncClient, room: str, data: bytes) -> tuple[str, int]:
    """Upload a file, and go on where HEAD says. Its id, and how many requests broke."""
    address = (await announce(http, room, "film.bin", len(data))).headers["location"]
    offset = broken = 0
    while offset < len(data):
        try:
            answer = await bring(http, address, offset, data[offset : offset + PIECE])
        except httpx.TransportError:
            broken += 1
            offset = await arrived(http, address)
            continue
        if answer.status_code == 409:  # what came before the break was not yet kept when HEAD was asked
            offset = await arrived(http, address)
        else:
            assert answer.status_code == 204, answer.text
            offset = int(answer.headers["upload-offset"])
    return address.rpartition("/")[2], broken


async def digest(http: httpx.AsyncClient, path: str) -> str:
    """The SHA-256 of what is there."""
    found = sha256()
    async with http.stream("GET", path) as answer:
        assert answer.status_code == 200
        async for chunk in answer.aiter_bytes():
            found.update(chunk)
    return found.hexdigest()


@asynccontextmanager
async def talking(*people: Person) -> AsyncIterator[list[float]]:
    """They write to each other. How many seconds each ack took; at the exit all have heard each message
    once."""
    waited: list[float] = []
    said: list[str] = []
    over = asyncio.Event()

    async def talk(person: Person) -> None:
        while not over.is_set():
            text, began = f"meanwhile {secrets.token_hex(8)}", time.monotonic()
            answer = await person.says(text)
            assert answer["ok"], answer
            waited.append(time.monotonic() - began)
            said.append(text)
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as talks:
        for person in people:
            talks.create_task(talk(person))
        try:
            yield waited
        finally:
            over.set()
    for person in people:
        await person.hears(said[-1])
        assert [person.heard[text] for text in said] == [1] * len(said)


def takers(stack: FaultStack, address: str) -> set[str]:
    """The workers that took pieces of a file."""
    lines = [json.loads(line.text) for line in stack.logs.of("nginx") if f'"{address}"' in line.text]
    return {line["upstream"] for line in lines if (line["method"], line["status"]) == ("PATCH", 204)}
