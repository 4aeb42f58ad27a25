"""docs/examples/nginx.conf in a real nginx."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import md5

import httpx
import pytest

from tests.stack.relay.real_nginx import EXAMPLE, POLLING, container, nginx
from tests.stack.relay.two_workers import two_workers
from tests.stack.relay.worker import RedisUnderTest
from tests.support.application import Visitor
from tests.support.waiting import PATIENCE, soon

TRIED = 3.0
"""Seconds after which a client that knows several addresses tries another one."""


class Mortal:
    """Answers each request with its address, over connections that are kept, until it dies with its host."""

    def __init__(self) -> None:
        self.connections = 0
        self.address = ""
        self._server: asyncio.Server
        self._dead = False

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator["Mortal"]:
        mortal = cls()
        mortal._server = await asyncio.start_server(mortal._serve, "127.0.0.1", 0)
        mortal.address = "127.0.0.1:{1}".format(*mortal._server.sockets[0].getsockname())
        yield mortal
        mortal.die()

    def die(self) -> None:
        self._dead = True
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while line := await reader.readline():
            if line == b"\r\n" and not self._dead:
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(self.address)}\r\n\r\n"
                writer.write(f"{head}{self.address}".encode())
        self.connections -= 1
        writer.close()


def test_nginx_takes_the_example_as_it_stands() -> None:
    """Also while DNS names no worker yet."""
    with container(EXAMPLE.read_text(), "-t") as checking:
        checking.start()
        assert checking.wait(timeout=PATIENCE)["StatusCode"] == 0, checking.logs().decode()


async def test_a_session_stays_at_its_worker_and_new_ones_are_dealt_out(redis: RedisUnderTest) -> None:
    """Over long polling each request goes through a connection of its own."""
    async with two_workers(redis) as urls:
        addresses = [url.removeprefix("http://") for url in urls]
        routes = {md5(address.encode()).hexdigest() for address in addresses}
        async with nginx(addresses) as url:
            sids = []
            for _ in range(10):
                async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
                    sids.append(json.loads((await client.get(POLLING)).text[1:])["sid"])
            assert {sid[:32] for sid in sids} == routes
            for sid in sids:
                for _ in range(3):
                    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
                        posted = await client.post(f"{POLLING}&sid={sid}", content="40")
                        polled = await client.get(f"{POLLING}&sid={sid}")
                        assert (posted.status_code, polled.status_code) == (200, 200)


async def test_a_worker_whose_host_died_is_not_waited_for() -> None:
    """Its host closes no connection, and answers nothing any more: nginx keeps none for long."""
    async with (
        Mortal.listening() as dies,
        Mortal.listening() as lives,
        nginx([dies.address, lives.address]) as url,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client,
    ):
        answered = {(await client.get(POLLING)).text for _ in range(2)}
        assert answered == {dies.address, lives.address}, "nginx takes one after the other"
        dies.die()
        await soon(lambda: not dies.connections, within=TRIED, what="nginx keeps no connection to it")
        for _ in range(4):
            assert (await client.get(POLLING, timeout=TRIED)).text == lives.address


async def test_pages_are_dealt_out_beside_sessions(redis: RedisUnderTest) -> None:
    """Whoever comes loads a page and begins a session. All sessions of them are not at one worker."""
    async with two_workers(redis) as urls:
        addresses = [each.removeprefix("http://") for each in urls]
        async with nginx(addresses) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            sids = []
            for _ in range(10):
                assert (await client.get("/")).status_code == 404
                sids.append(json.loads((await client.get(POLLING)).text[1:])["sid"][:32])
            assert len({*sids}) == 2


@pytest.mark.parametrize("transports", [("polling",), ("websocket",), ("polling", "websocket")])
async def test_clients_of_both_workers_hear_each_other(
    redis: RedisUnderTest, transports: tuple[str, ...]
) -> None:
    async with two_workers(redis) as urls, nginx([each.removeprefix("http://") for each in urls]) as url:
        visitors = [await Visitor.at(url, *transports) for _ in range(6)]
        for visitor in visitors:
            assert (await visitor.asks("join", room="tea"))["ok"]
        answers = await asyncio.gather(
            *(visitor.append("tea", f"id{n}", n) for n, visitor in enumerate(visitors))
        )
        assert all(answer["ok"] for answer in answers)
        for visitor in visitors:
            await soon(lambda v=visitor: len(v.heard) >= 6, what="all six are heard")  # type: ignore[misc]
            assert [entry["seq"] for entry in visitor.heard] == [1, 2, 3, 4, 5, 6]
        for visitor in visitors:
            await visitor.leaves()
