"""With Redis' memory full, messages are refused and nothing else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.stack.conftest import CODE
from tests.stack.test_moderation import Client, cookie_at, forget, here
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

BALLAST = 64_000_000
"""Bytes that Redis holds besides: its reserve is a share of all, and wider by it than what it uses varies."""
MARGIN = 1_000_000


@pytest.fixture
def url(stack: Stack) -> Iterator[str]:
    """Of a worker."""
    yield stack.addresses_of_workers()[0]
    forget(stack)


@contextmanager
def full(stack: Stack) -> Iterator[None]:
    """Redis may have less than it has."""
    redis = stack.redis_cli
    most = redis("CONFIG", "GET", "maxmemory").split()[1]
    try:
        redis("SETRANGE", "tertulia:ballast", str(BALLAST), "x")
        used = dict(line.split(":") for line in redis("INFO", "memory").split() if ":" in line)["used_memory"]
        redis("CONFIG", "SET", "maxmemory", str(int(used) - MARGIN))
        yield
    finally:
        redis("CONFIG", "SET", "maxmemory", most)
        redis("UNLINK", "tertulia:ballast")


async def test_all_but_messages_goes_on_with_redis_full(stack: Stack, url: str) -> None:
    """Moderation, signing in and out, history, presence and health. Messages are kept again afterwards."""
    mia, ann, eve = Client(url, admin=CODE), Client(url, name="Ann"), Client(url, name="Eve")
    async with here(mia, ann, eve) as room:
        came: list[str] = []
        mia.sio.on("presence", lambda about: came.extend(each["name"] for each in about.get("joined", ())))
        for number in range(3):
            said = await eve.asks("message", f"spam {number}", {"room": room, "id": f"spam-{number}"})
        with full(stack):
            assert (await ann.asks("message", "hello", {"room": room}))["error"] == "full"
            assert stack.health().status_code == 200

            cookie = await asyncio.to_thread(cookie_at, url, "Ben")
            ben = Client(url, cookie=cookie)
            await ben.arrive()
            page = await ben.asks("join", {"room": room})
            assert [message["text"] for message in page["messages"]] == ["spam 0", "spam 1", "spam 2"]
            assert "Ben" in [one["name"] for one in page["people"]["people"]]
            await soon(lambda: "Ben" in came, what="Mia sees Ben come")
            assert len((await ben.asks("history", {"room": room}))["messages"]) == 3
            left = await asyncio.to_thread(signs_out, url, cookie)
            assert left.headers["location"] == "/sign-in"
            await soon(lambda: not ben.sio.connected, what="Ben is signed out")

            which = {"room": room, "seq": said["seq"], "id": "spam-2"}
            troll = {"person": await eve.id(), "seconds": 600}
            assert (await mia.asks("delete", which))["ok"]
            assert (await mia.asks("purge", troll))["purged"] == 2
            assert (await mia.asks("mute", troll))["ok"]
            assert (await eve.asks("message", "hello", {"room": room}))["error"] in ("muted", "full")
            assert (await mia.asks("ban", troll))["ok"]
            await soon(lambda: not eve.sio.connected, what="Eve is put out")
            assert (await mia.asks("lock", {"room": room, "locked": True}))["ok"]
            assert (await ann.asks("join", {"room": room}))["rules"]["locked"]
            assert (await mia.asks("lock", {"room": room, "locked": False}))["ok"]
            texts = [message.get("text") for message in (await ann.asks("join", {"room": room}))["messages"]]
            assert not any(texts)
            assert (await ann.asks("message", "hello", {"room": room}))["error"] == "full"
        assert (await ann.asks("message", "hello", {"room": room}))["ok"]


def signs_out(url: str, cookie: str) -> httpx.Response:
    cookies = {"Cookie": f"{cookie_name(url)}={cookie}", "Origin": url}
    return httpx.post(f"{url}/sign-out", headers=cookies, timeout=PATIENCE)
