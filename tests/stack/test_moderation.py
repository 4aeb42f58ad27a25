"""What a moderator does on one worker holds on the other at once, and after everything was restarted."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as Turned

from tests.stack.conftest import CODE
from tests.support.people import Person, new_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

AT_ONCE = 3.0
"""Seconds in which a worker acts on word of it: before its next look at all bans, which is every five."""


class Two(NamedTuple):
    """The stack's workers, by their own addresses."""

    here: str
    there: str


@pytest.fixture
def two(stack: Stack) -> Iterator[Two]:
    yield Two(*stack.addresses_of_workers())
    forget(stack)


def forget(stack: Stack) -> None:
    rules = "tertulia:{rules}:rules"
    for command in (["DEL", rules], ["PUBLISH", rules, ""]):
        stack.redis_cli(*command)


class Client:
    """Somebody at one worker, from any address."""

    def __init__(self, url: str, address: str = "192.0.2.1", cookie: str = "", **auth: str) -> None:
        self.url, self.auth = url, auth
        self.headers = {"X-Forwarded-For": address, "Cookie": f"{cookie_name(url)}={cookie}"}
        self.sio = socketio.AsyncClient(reconnection=False)
        self.told: list[dict[str, Any]] = []
        self.sio.on("deleted", self.told.append)

    async def arrive(self) -> None:
        # Who was put out says so before all is closed, and a connect in between would lose what is left.
        await self.sio.eio.wait()
        await soon(lambda: (http := self.sio.eio.http) is None or http.closed, what="the last session to end")
        await self.sio.connect(
            self.url,
            {**self.headers},  # from which the client takes the cookie away
            self.auth,
            transports=["websocket"],
            socketio_path="/sio/socket.io",
            wait_timeout=PATIENCE,
        )

    async def asks(self, event: str, *arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.sio.call(event, arguments, timeout=PATIENCE)
        return answer

    async def id(self) -> str:
        return str((await self.asks("rooms"))["you"]["id"])


@asynccontextmanager
async def here(*clients: Client) -> AsyncIterator[str]:
    """These clients are here, in a room of their own; gives its name."""
    room = new_room()
    async with AsyncExitStack() as all_of_them:
        for client in clients:
            await client.arrive()
            all_of_them.push_async_callback(client.sio.disconnect)
            assert (await client.asks("join", {"room": room}))["ok"]
        yield room


def cookie_at(url: str, name: str) -> str:
    return str(httpx.post(f"{url}/sign-in", data={"name": name}).cookies[cookie_name(url)])


async def test_a_deletion_is_seen_on_the_other_worker_at_once(two: Two) -> None:
    """Also by who was away: it is an entry of the log."""
    mia, ann = Client(two.here, admin=CODE), Client(two.there, name="Ann")
    async with here(mia, ann) as room:
        said = await ann.asks("message", "a secret", {"room": room, "id": "a-secret"})
        which = {"room": room, "seq": said["seq"], "id": "a-secret"}
        assert (await mia.asks("delete", which))["ok"]
        deletes = [said["seq"]]  # besides, whoever has only just come may be told of the empty place
        await soon(
            lambda: [about["deletes"] for about in ann.told if "deletes" in about] == deletes,
            within=AT_ONCE,
            what="Ann is told",
        )
        seen = await ann.asks("join", {"room": room, "after": said["seq"] - 1, "epoch": said["epoch"]})
        assert [message.get("text") for message in seen["messages"]] == [None, None]
        assert (await ann.asks("message", "a secret", {"room": room, "id": "a-secret"}))["seq"] == said["seq"]


async def test_a_mute_holds_on_the_other_worker_at_once(two: Two) -> None:
    mia, ann = Client(two.here, admin=CODE), Client(two.there, name="Ann")
    async with here(mia, ann) as room:
        assert (await ann.asks("message", "hello", {"room": room}))["ok"]
        assert (await mia.asks("mute", {"person": await ann.id(), "seconds": 600}))["ok"]
        assert (await ann.asks("message", "hello", {"room": room}))["error"] == "muted"


async def test_a_ban_ends_the_tabs_on_the_other_worker_at_once(two: Two) -> None:
    cookie = await asyncio.to_thread(cookie_at, two.there, "Ann")
    mia, tabs = Client(two.here, admin=CODE), [Client(url, cookie=cookie) for url in two]
    async with here(mia, *tabs):
        assert (await mia.asks("ban", {"person": await tabs[0].id(), "seconds": 600}))["ok"]
        await soon(lambda: not any(tab.sio.connected for tab in tabs), within=AT_ONCE, what="both are ended")
        for url in two:
            with pytest.raises(Turned):
                await Client(url, cookie=cookie).arrive()


async def test_a_banned_address_is_banned_on_both_workers(two: Two) -> None:
    """Others are not; and the addresses a person came from need not be known to ban them."""
    mia, eve = Client(two.here, admin=CODE), Client(two.there, "198.51.100.7", name="Eve")
    ann = Client(two.there, "198.51.100.8", name="Ann")
    async with here(mia, eve, ann) as room:
        answer = await mia.asks("ban", {"person": await eve.id(), "addresses": True, "seconds": 600})
        assert answer["addresses"] == ["198.51.100.7"]
        await soon(lambda: not eve.sio.connected, within=AT_ONCE, what="Eve is put out")
        for url in two:
            with pytest.raises(Turned):
                await Client(url, "198.51.100.7", name="Somebody else").arrive()
        assert (await ann.asks("message", "hello", {"room": room}))["ok"]


async def test_a_lock_and_a_pace_hold_on_the_other_worker_at_once(two: Two) -> None:
    mia, ann = Client(two.here, admin=CODE), Client(two.there, name="Ann")
    async with here(mia, ann) as room:
        await mia.asks("lock", {"room": room, "locked": True})
        assert (await ann.asks("message", "hello", {"room": room}))["error"] == "locked"
        await mia.asks("lock", {"room": room, "locked": False})
        await mia.asks("slow", {"room": room, "seconds": 600})
        answers = [await ann.asks("message", "hello", {"room": room}) for _ in range(2)]
        assert [answer.get("error") for answer in answers] == [None, "slow"]


async def test_all_of_it_holds_after_a_restart_of_everything(stack: Stack) -> None:
    """Each container of the stack; then asked of the ordinary workers, through nginx."""
    cookies = await asyncio.to_thread(stack.sign_in, "Ann", "Ben")
    two = Two(*stack.addresses_of_workers())
    mia, ann, ben = Client(two.here, admin=CODE), *[Client(two.there, cookie=cookie) for cookie in cookies]
    async with here(mia, ann, ben) as room:
        said = await ann.asks("message", "a secret", {"room": room, "id": "another-secret"})
        await mia.asks("delete", {"room": room, "seq": said["seq"], "id": "another-secret"})
        await mia.asks("mute", {"person": await ann.id()})
        await mia.asks("ban", {"person": await ben.id(), "seconds": 600})
        await mia.asks("lock", {"room": "tea", "locked": True})
    await asyncio.to_thread(stack.compose, "restart")
    await asyncio.to_thread(stack.wait_until_routed)
    tabs = [Person(stack.url, ["websocket"], "Ann", cookies[0], room) for _ in range(4)]
    for tab in tabs:
        await tab.arrive()
    assert {tab.route for tab in tabs} == set(stack.workers())
    for tab in tabs:
        page = await tab.asks("join", {"room": room, "after": said["seq"] - 1, "epoch": said["epoch"]})
        assert page["messages"][0]["deleted"] is True
        assert page["messages"][1]["deletes"] == said["seq"]
        assert (await tab.says("hello"))["error"] == "muted"
        locked = await tab.asks("join", {"room": "tea"})
        assert locked["rules"]["locked"] is True
        banned = Client(stack.url, cookie=cookies[1])
        with pytest.raises(Turned):
            await banned.arrive()
    for tab in tabs:
        await tab.leave()
    await asyncio.to_thread(forget, stack)
