"""A WebSocket goes to its worker over a Unix socket where there is one, and over TCP where there is none."""

import asyncio
import re

import aiohttp
import httpx
import pytest

from tests.support.people import ORDINARY, WEBSOCKET, Person, crowd, new_room, on_each_worker
from tests.support.stack import Stack

CONNECTED = "03"
"""How the kernel's table says that a Unix socket is connected."""


def over_sockets(stack: Stack) -> int:
    """How many connections nginx has over the workers' sockets. What a worker accepted is in the table of the
    network that the connection came from."""
    _, table = stack.container("nginx").exec_run(["/usr/bin/cat", "/proc/net/unix"])
    rows = [line.split() for line in table.decode().splitlines()]
    return sum(row[5] == CONNECTED for row in rows if re.fullmatch(r"/sockets/[0-9a-f]{32}", row[-1]))


def sockets(stack: Stack) -> set[str]:
    """The sockets that nginx sees."""
    _, names = stack.container("nginx").exec_run(["/usr/bin/ls", "/sockets"])
    return set(names.decode().split())


async def all_hear(people: list[Person], text: str) -> None:
    assert (await people[0].says(text))["ok"]
    for person in people:
        await person.hears(text)


@pytest.mark.parametrize("transports", [WEBSOCKET, ORDINARY])
async def test_websockets_go_over_sockets(stack: Stack, transports: tuple[str, ...]) -> None:
    """Also one that a session of polls is upgraded to: at the worker that has the session."""
    before = over_sockets(stack)
    async with crowd(stack.url, *[transports] * 12) as people:
        assert {person.route for person in people} == set(stack.workers())
        assert await asyncio.to_thread(over_sockets, stack) >= before + 12
        await all_hear(people, f"over sockets {transports}")


async def test_who_comes_when_the_sockets_are_gone_comes_over_tcp(stack: Stack) -> None:
    """And who is there stays."""
    worker, room = next(iter(stack.workers().values())), new_room()
    async with crowd(stack.url, *[WEBSOCKET] * 6, room=room) as before:
        led = await asyncio.to_thread(over_sockets, stack)
        worker.exec_run(["/bin/sh", "-c", "for each in /sockets/*; do mv $each $each.away; done"])
        try:
            async with crowd(stack.url, *[WEBSOCKET] * 6, room=room) as after:
                assert {person.route for person in after} == set(stack.workers())
                assert await asyncio.to_thread(over_sockets, stack) == led
                await all_hear([*before, *after], "with and without sockets")
        finally:
            worker.exec_run(["/bin/sh", "-c", "for each in /sockets/*; do mv $each ${each%.away}; done"])


async def test_a_handshake_with_a_long_query_comes_over_tcp(stack: Stack) -> None:
    """Where the worker leads, the query goes along, and nginx has 4 KiB for a worker's answer."""
    led = await asyncio.to_thread(over_sockets, stack)
    address = f"{stack.url}/sio/socket.io/?EIO=4&transport=websocket&more={'x' * 5000}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as websocket:
        assert (await websocket.receive_str()).startswith("0{")
        assert await asyncio.to_thread(over_sockets, stack) == led


async def test_who_says_that_they_follow_is_led_nowhere(stack: Stack) -> None:
    """Only what nginx says of itself counts. Nobody outside reaches the place of the sockets."""
    [route, *_] = stack.workers()
    address = f"{stack.url}/relay-sockets/{route}?EIO=4&transport=websocket"
    assert (await asyncio.to_thread(httpx.get, address)).status_code == 404
    async with (
        aiohttp.ClientSession(headers={"X-Relay-Sockets": "yes"}) as session,
        session.get(f"{stack.url}/sio/socket.io/?EIO=4&transport=polling") as polled,
        session.ws_connect(f"{stack.url}/sio/socket.io/?EIO=4&transport=websocket") as websocket,
    ):
        assert polled.status == 200
        assert "X-Accel-Redirect" not in polled.headers
        assert (await websocket.receive_str()).startswith("0{")


def test_nginx_can_make_no_sockets(stack: Stack) -> None:
    """A worker would be mistaken for another."""
    status, printed = stack.container("nginx").exec_run(["/usr/bin/touch", "/sockets/planted"])
    assert (status, "Read-only file system" in printed.decode()) == (1, True)


async def test_a_socket_goes_with_its_worker(stack: Stack) -> None:
    """So the folder holds no more than there are workers."""
    async with on_each_worker(stack.url, list(stack.workers())):
        pass
    assert sockets(stack) == set(stack.workers())
    route, worker = next(iter(stack.workers().items()))
    worker.stop()
    assert sockets(stack) == set(stack.workers()) - {route}
