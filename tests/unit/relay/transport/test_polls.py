"""HTTP clients and proxies repeat polls whose connection broke: who stays connected misses nothing."""

import asyncio
import re
import threading
from functools import partial
from typing import Any

import httpx
import pytest
import requests
import socketio
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.support.balancer import Balancer
from tests.support.waiting import soon
from tests.unit.wire import POLLING, Chat, Polling


def tell(chat: Chat, text: str) -> None:
    """Send the event `said` to everybody in the lobby, past the log."""
    chat.relay.manager.fanout.send("lobby", "said", (text,))


def texts(answer: httpx.Response) -> list[str]:
    return list(re.findall(r'42\["said","([^"]*)"\]', answer.text))


async def in_no_room(chat: Chat, query: str = "") -> Polling:
    """A session that is told nothing but what a test sends to it; its handshake is read."""
    opened = await chat.http.get(POLLING + query)
    return Polling(chat, re.findall('"sid":"([^"]*)"', opened.text)[0])


async def say(session: Polling, text: str) -> None:
    """Send it the event `said`."""
    await session.chat.relay.eio.send(session.sid, f'2["said","{text}"]')


async def poll(session: Polling, mark: str) -> httpx.Response:
    return await session.chat.http.get(f"{POLLING}&sid={session.sid}&t={mark}")


async def waits(chat: Chat, session: Polling) -> None:
    """Return once a poll of this session waits for something."""
    polls = chat.relay.eio.sockets[session.sid].polls
    await soon(lambda: polls._waiting is not None, within=5, what="a poll to wait")


async def test_a_poll_whose_client_has_gone_takes_nothing(chat: Chat) -> None:
    session = await in_no_room(chat)
    before = len(chat.worker.server_state.connections)
    _, writer = await asyncio.open_connection("127.0.0.1", chat.port)
    writer.write(f"GET {POLLING}&sid={session.sid} HTTP/1.1\r\nHost: chat\r\n\r\n".encode())
    await waits(chat, session)
    writer.transport.abort()
    connections = chat.worker.server_state.connections
    await soon(lambda: len(connections) <= before, within=5, what="the worker to notice")
    await say(session, "for who is there")
    assert texts(await session.poll()) == ["for who is there"]


async def test_a_newer_poll_ends_the_older_which_takes_nothing(chat: Chat) -> None:
    session = await in_no_room(chat)
    polls = []
    for mark in ("first", "second", "third"):
        polls.append(asyncio.create_task(poll(session, mark)))
        await waits(chat, session)
        if len(polls) > 1:
            assert (await polls[-2]).text == "6"
    await say(session, "once")
    assert texts(await polls[-1]) == ["once"]


async def test_a_repeated_poll_gets_the_same_answer_again(chat: Chat) -> None:
    """Until the next poll shows that it arrived; it counts as unread for so long."""
    session = await in_no_room(chat)
    held = chat.relay.eio.sockets[session.sid]
    await say(session, "one")
    assert texts(await poll(session, "a")) == ["one"]
    await say(session, "two")
    assert texts(await poll(session, "a")) == ["one"]
    assert held.unsent > 0
    assert texts(await poll(session, "b")) == ["two"]
    late = await poll(session, "b")
    assert texts(late) == ["two"]
    await say(session, "three")
    assert texts(await poll(session, "c")) == ["three"]


async def test_an_answer_is_not_given_without_end(chat: Chat) -> None:
    """The session ends instead, and its client opens another."""
    session = await in_no_room(chat)
    await say(session, "again")
    answers = []
    async with asyncio.timeout(10):
        while (answer := await poll(session, "a")).status_code == 200:
            answers.append(texts(answer))
    assert answers == [["again"]] * 11
    assert not session.open


@pytest.mark.parametrize("mark", ["", "&t=always"])
async def test_a_client_that_marks_no_poll_of_its_own_gets_what_comes_next(chat: Chat, mark: str) -> None:
    """Scripts send none, or the same from the handshake on."""
    session = await in_no_room(chat, mark)
    for number in map(str, range(15)):
        await say(session, number)
        assert texts(await chat.http.get(f"{POLLING}&sid={session.sid}{mark}")) == [number]


class Retrying:
    """The official synchronous client, on an HTTP stack that repeats a GET whose connection broke."""

    def __init__(self) -> None:
        http = self._http = requests.Session()
        http.mount("http://", HTTPAdapter(max_retries=Retry(10, backoff_factor=0, raise_on_status=False)))
        self.sio = socketio.Client(http_session=http, reconnection=False)
        self.heard: list[str] = []
        self.ended = threading.Event()
        self.sio.on("said", self.heard.append)
        self.sio.on("disconnect", lambda *_: self.ended.set())

    def connect(self, url: str) -> None:
        self.sio.connect(url, transports=["polling"], socketio_path="sio/socket.io", wait_timeout=5)

    def disconnect(self) -> None:
        self.sio.disconnect()
        self._http.close()

    def heard_or_ended(self, number: int) -> bool:
        return self.ended.is_set() or str(number) in self.heard


@pytest.mark.parametrize("breaks", [{"idle": 0.3}, {"swallowed": 3}], ids=["idle", "answers"])
async def test_a_stack_that_repeats_polls_loses_nothing_behind_a_balancer_that_resets(
    chat: Chat, breaks: dict[str, Any]
) -> None:
    async with Balancer("127.0.0.1", chat.port, **breaks) as balancer:
        client = Retrying()
        await asyncio.to_thread(client.connect, balancer.url)
        for number in range(12):
            tell(chat, str(number))
            await soon(partial(client.heard_or_ended, number), what=f"the client to hear {number}")
            if "idle" in breaks:
                await soon(partial(balancer.has_reset, number), what="the balancer to reset")
        assert client.heard == [str(number) for number in range(12)]
        assert balancer.resets >= 3
        assert not client.ended.is_set()
        await asyncio.to_thread(client.disconnect)
