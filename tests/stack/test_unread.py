"""Who asks for much and never reads costs a worker a bounded sum, and nobody else; here in hundreds."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress

import httpx
import pytest

from tests.stack.test_settings import worker
from tests.support.metrics import scrape
from tests.support.people import WEBSOCKET, Person, crowd
from tests.support.session import POLLING
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually, soon

KIB = 1024
COUNT = 400
ASK = '42{number}["join",{{"room":"{room}"}}]'
UPGRADE = (
    f"GET {POLLING.replace('polling', 'websocket')} HTTP/1.1\r\nHost: chat.test\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@pytest.fixture
async def long_room(stack: Stack) -> str:
    """A room whose newest page is as large as an answer may be, 256 KiB."""
    async with crowd(stack.url, WEBSOCKET) as [author]:
        for _ in range(17):
            assert (await author.says("\N{TURTLE}" * 4000))["ok"]
        return author.room


def frame(text: str) -> bytes:
    """A short text frame of a client, masked with zeros."""
    assert len(text) < 126
    return b"\x81" + bytes([0x80 + len(text)]) + bytes(4) + text.encode()


def deaf_websocket(url: str, room: str) -> socket.socket:
    """It asks to join three times and never reads; its own kernel takes next to nothing."""
    at = httpx.URL(url)
    deaf = socket.socket()
    deaf.settimeout(PATIENCE)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    deaf.connect((at.host, at.port))
    deaf.sendall(UPGRADE)
    assert deaf.recv(16).startswith(b"HTTP/1.1 101")
    deaf.sendall(b"".join(map(frame, ["40", *(ASK.format(number=number, room=room) for number in range(3))])))
    return deaf


async def polling_sessions(url: str, room: str) -> None:
    """Each asks to join, and never polls."""
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:

        async def some() -> None:
            for _ in range(COUNT // 20):
                sid = json.loads((await http.get(POLLING)).text[1:])["sid"]
                for packet in ("40", ASK.format(number=0, room=room)):
                    await http.post(f"{POLLING}&sid={sid}", content=packet)

        await asyncio.gather(*(some() for _ in range(20)))


@asynccontextmanager
async def people_who_talk(url: str) -> AsyncIterator[list[Person]]:
    """Five, until the end; each message is acknowledged."""
    async with crowd(url, *[WEBSOCKET] * 5) as people:

        async def talk(person: Person) -> None:
            while True:
                assert (await person.says("hello"))["ok"]
                await asyncio.sleep(0.1)

        talking = [asyncio.create_task(talk(person)) for person in people]
        try:
            yield people
        finally:
            for each in talking:
                each.cancel()
            for each in talking:
                with suppress(asyncio.CancelledError):
                    await each


async def test_hundreds_who_never_read_are_cut_and_nobody_else(stack: Stack, long_room: str) -> None:
    """They ask for 200 MB, of a worker that has 160 for all: it goes on, and so do those who talk."""
    with worker(stack, memory="160m") as http, ExitStack() as held:
        url = str(http.base_url)

        def deaf_websockets() -> None:
            for _ in range(COUNT):
                held.enter_context(deaf_websocket(url, long_room))

        async with people_who_talk(url) as people:
            await asyncio.gather(asyncio.to_thread(deaf_websockets), polling_sessions(url, long_room))
            assert evictions(http) > 0
            before = [person.heard["hello"] for person in people]
            await soon(
                lambda: all(
                    person.heard["hello"] > count + 10 for person, count in zip(people, before, strict=True)
                ),
                what="those who talk hear each other",
            )
            assert [person.departures for person in people] == [[]] * 5


def test_of_what_is_not_read_the_kernel_holds_little(stack: Stack, long_room: str) -> None:
    """It is memory of the worker's as well, and nobody counts it."""
    container = next(iter(stack.workers().values()))
    url = f"http://{stack.address(container, 'front')}:8000"
    with ExitStack() as held:
        for _ in range(10):
            held.enter_context(deaf_websocket(url, long_room))
        eventually(
            lambda: scrape(stack, container)["tertulia_unsent_bytes",] > 10 * 64 * KIB,
            what="the kernel takes no more",
        )
        _, said = container.exec_run(["/bin/cat", "/proc/net/tcp"])
        queues = [int(line.split()[4].split(":")[0], 16) for line in said.decode().splitlines()[1:]]
        assert 0 < max(queues) <= 32 * KIB


def evictions(http: httpx.Client) -> float:
    found = re.search(r"^tertulia_evictions_total (\S+)$", http.get("/metrics").text, re.MULTILINE)
    assert found
    return float(found[1])
