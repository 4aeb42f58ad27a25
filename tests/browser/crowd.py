"""People who say or enter much, quicker than a browser could; and many who are only there."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import socketio

from tests.browser.files import picture
from tests.support.uploading import browser, upload
from tests.support.waiting import PATIENCE


def fill(url: str, room: str, count: int, text: str = "message {}") -> None:
    """Say `text` with the numbers 1 to `count`, in order."""
    # Playwright keeps this thread's own event loop busy.
    thread = Thread(target=lambda: asyncio.run(_fill(url, room, count, text)))
    thread.start()
    thread.join()


def fill_with_pictures(url: str, cookie: str, room: str, count: int) -> None:
    """Say so many messages as the person of a cookie. Every fourth has a picture, each of another size."""
    thread = Thread(target=lambda: asyncio.run(_fill_with_pictures(url, cookie, room, count)))
    thread.start()
    thread.join()


def enter(url: str, cookie: str, rooms: list[str]) -> None:
    """Enter rooms as the person of a cookie, as fast as that is allowed."""
    with socketio.SimpleClient() as client:
        client.connect(url, headers={"Cookie": cookie}, socketio_path="/sio/socket.io")
        for room in rooms:
            while not (answer := client.call("join", {"room": room}))["ok"]:
                time.sleep(answer.get("retry_after", 1))


@contextmanager
def present(url: str, room: str, names: list[str]) -> Iterator[None]:
    """People of these names are in a room."""
    there, over = Event(), Event()
    thread = Thread(target=lambda: asyncio.run(_stay(url, room, names, there, over)))
    thread.start()
    try:
        assert there.wait(PATIENCE)
        yield
    finally:
        over.set()
        thread.join()


async def _stay(url: str, room: str, names: list[str], there: Event, over: Event) -> None:
    clients = [socketio.AsyncClient(handle_sigint=False) for _ in names]
    for client, name in zip(clients, names, strict=True):
        await client.connect(
            url,
            transports=["websocket"],
            socketio_path="/sio/socket.io",
            auth={"name": name},
            wait_timeout=PATIENCE,
        )
        while not (answer := await client.call("join", {"room": room}))["ok"]:
            await asyncio.sleep(answer.get("retry_after", 0.1))
    there.set()
    await asyncio.to_thread(over.wait)
    await asyncio.gather(*(client.disconnect() for client in clients))


async def _fill_with_pictures(url: str, cookie: str, room: str, count: int) -> None:
    client = socketio.AsyncClient(handle_sigint=False)
    options = {"transports": ["websocket"], "socketio_path": "/sio/socket.io", "wait_timeout": PATIENCE}
    await client.connect(url, headers={"Cookie": cookie}, **options)
    await client.call("join", {"room": room})
    async with browser(url, cookie.partition("=")[2]) as http:
        for number in range(1, count + 1):
            files = []
            if number % 4 == 0:
                size = 200 + number % 700, 150 + number % 500
                shown = picture(f"{number}.png", *size, grey=number % 256)
                files = [await upload(http, room, shown["buffer"], shown["name"])]
            about = {"room": room, "id": f"{room}-{number}", "files": files}
            said = await client.call("message", (f"message {number}", about), timeout=PATIENCE)
            assert said["ok"], said
    await client.disconnect()


async def _fill(url: str, room: str, count: int, text: str) -> None:
    client = socketio.AsyncClient(handle_sigint=False)
    await client.connect(
        url,
        transports=["websocket"],
        socketio_path="/sio/socket.io",
        auth={"name": "Crier"},
        wait_timeout=PATIENCE,
    )
    await client.call("join", {"room": room})
    word = secrets.token_hex(4)
    for number in range(1, count + 1):
        said = (text.format(number), {"room": room, "id": f"{word}-{number}"})
        async with asyncio.timeout(PATIENCE):
            # As every client does: a disk that others keep busy makes Redis late now and then.
            while (ack := await client.call("message", said)).get("error") == "unavailable":
                await asyncio.sleep(0.1)
        assert ack["ok"], f"{ack}; set MESSAGES_PER_SECOND and MESSAGES_AT_ONCE high where rooms are filled"
    await client.disconnect()
    # Over TLS the connection ends a round trip after its client did; only the loop's own descriptor stays.
    watched: Any = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE):
        while len(watched._selector.get_map()) > 1:
            await asyncio.sleep(0.01)
