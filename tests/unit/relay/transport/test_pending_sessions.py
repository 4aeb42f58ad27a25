"""Who opens sessions and leaves them is soon rid of them, keeps nobody out, and is not remembered."""

import asyncio
import gc
import json
import weakref
from collections.abc import Iterator

import aiohttp
import pytest
from relay.transport import engine, pending_sessions, upgrade
from relay.transport.pending_sessions import PendingSessions

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import POLLING, WEBSOCKET, Chat


@pytest.fixture(scope="module", autouse=True)
def looked_after_often() -> Iterator[None]:
    """The worker looks after its sessions more than once a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "SERVICE", 0.05)
        yield


@pytest.fixture
def soon_over(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session's time to connect is short."""
    monkeypatch.setattr(chat.relay.eio.pending, "seconds", 0.2)


@pytest.fixture
def few(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> int:
    """As many sessions may be in no namespace."""
    monkeypatch.setattr(chat.relay.eio, "pending", PendingSessions(5, 45))
    return 5


async def opened(chat: Chat) -> str:
    return str(json.loads((await chat.http.get(POLLING)).text[1:])["sid"])


async def gone(chat: Chat, *sids: str) -> None:
    await soon(lambda: not chat.relay.eio.sockets.keys() & set(sids), what="the sessions to be ended")


async def test_a_session_that_does_not_connect_is_ended(chat: Chat, soon_over: None) -> None:
    """On both transports, with its connection; and who has connected stays."""
    ana = await chat.client("websocket")
    async with chat.websocket() as ws:
        await ws.receive_str()
        sids = {await opened(chat), *chat.relay.eio.sockets.keys() - {ana.sio.eio.sid}}
        await gone(chat, *sids)
        assert (await ws.receive(timeout=PATIENCE)).type in (
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        )
    assert (await ana.say("still here"))["ok"]
    await ana.disconnect()


async def test_its_open_poll_is_answered(chat: Chat, soon_over: None) -> None:
    """And the next one is refused, so that its client begins anew."""
    sid = await opened(chat)
    assert (await chat.http.get(f"{POLLING}&sid={sid}")).text == "6"
    assert (await chat.http.get(f"{POLLING}&sid={sid}")).status_code == 400


async def test_pongs_do_not_keep_it(chat: Chat, soon_over: None) -> None:
    """Nor does being refused again and again, nor another namespace."""
    sid = await opened(chat)
    packets = '3\x1e40["no object"]\x1e40/elsewhere,\x1e42["message","x"]'
    async with asyncio.timeout(PATIENCE):
        while (await chat.http.post(f"{POLLING}&sid={sid}", content=packets)).status_code == 200:
            await asyncio.sleep(0.02)
    await gone(chat, sid)


async def test_who_posts_to_a_session_that_has_ended_is_refused(chat: Chat) -> None:
    """Stock engineio answers 500, with a traceback, until it next looks after its sessions."""
    sid = await opened(chat)
    assert (await chat.http.post(f"{POLLING}&sid={sid}", content="1")).status_code == 200
    assert (await chat.http.post(f"{POLLING}&sid={sid}", content="40")).status_code == 400


@pytest.mark.parametrize("by", ["client", "server"])
async def test_a_session_that_left_the_namespace_is_ended(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Whoever disconnected it."""
    left = await chat.polling()
    monkeypatch.setattr(
        chat.relay.eio.pending, "seconds", 0.2
    )  # from here on: to connect it has the usual time
    if by == "client":
        await left.post("41")
    else:
        await chat.relay.disconnect(chat.relay.manager.sid_from_eio_sid(left.sid, "/"))
    await gone(chat, left.sid)


async def test_nothing_is_kept_of_a_session_that_was_ended(chat: Chat, soon_over: None) -> None:
    """Neither itself nor the headers of its handshake."""
    sid = await opened(chat)
    session = weakref.ref(chat.relay.eio.sockets[sid])
    await gone(chat, sid)
    await soon(lambda: gc.collect() >= 0 and session() is None, what="the session to be forgotten")
    assert sid not in chat.relay.environ
    assert len(chat.relay.eio.pending) == 0


async def test_a_connected_session_is_no_arrival(chat: Chat) -> None:
    """Nor is one that ended."""
    ana = await chat.client("websocket")
    assert len(chat.relay.eio.pending) == 0
    sid = await opened(chat)
    assert len(chat.relay.eio.pending) == 1
    await chat.http.post(f"{POLLING}&sid={sid}", content="1")
    assert len(chat.relay.eio.pending) == 0
    await ana.disconnect()


async def test_more_pending_sessions_than_there_may_be_evict_the_oldest(
    chat: Chat, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes last gets in all the same."""
    monkeypatch.setattr(pending_sessions, "AT_LEAST", 0)
    sids = [await opened(chat) for _ in range(few + 3)]
    assert [sid in chat.relay.eio.sockets for sid in sids] == [False] * 3 + [True] * few
    await chat.still_works()


async def test_but_not_before_it_had_its_time(chat: Chat, few: int) -> None:
    """The next one is told to go elsewhere, on both transports, in words that programs understand."""
    for _ in range(few):
        await opened(chat)
    refusal = await chat.http.get(POLLING)
    assert (refusal.status_code, refusal.json()["error"]) == (503, "full")
    assert refusal.headers["Retry-After"] == "5"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with chat.websocket():
            pass
    assert refused.value.status == 503


async def test_a_worker_takes_so_many_sessions_and_no_more(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are here go on, and there is room again when one leaves."""
    ana = await chat.client("websocket")
    monkeypatch.setattr(chat.relay.eio, "max_sessions", 1)
    assert (await chat.http.get(POLLING)).status_code == 503
    assert (await ana.say("still here"))["ok"]
    await ana.disconnect()
    await soon(lambda: not chat.relay.eio.sockets, what="ana's session to end")
    await chat.still_works()


async def test_a_session_that_ends_while_it_connects_leaves_nobody_behind(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock python-socketio makes a member of it that never leaves."""
    admit, came, go = chat.relay.handlers["/"]["connect"], asyncio.Event(), asyncio.Event()

    async def slow(*arguments: object) -> object:
        came.set()
        await go.wait()
        return await admit(*arguments)

    monkeypatch.setitem(chat.relay.handlers["/"], "connect", slow)
    sid = await opened(chat)
    connecting = asyncio.create_task(chat.http.post(f"{POLLING}&sid={sid}", content="40"))
    await came.wait()
    await chat.http.post(f"{POLLING}&sid={sid}", content="1")
    go.set()
    await connecting
    assert chat.relay.manager.rooms == {}
    assert chat.relay.environ == {}


async def test_an_upgrade_that_is_not_finished_is_ended(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session goes on by polling."""
    monkeypatch.setattr(upgrade, "SECONDS", 0.1)
    polling = await chat.polling()
    async with chat.websocket(f"{WEBSOCKET}&sid={polling.sid}") as ws:
        assert (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
    assert (await polling.post('420["message","hello"]')).status_code == 200


async def test_an_upgrade_does_not_outlive_its_session(chat: Chat) -> None:
    """Stock engineio leaves its WebSocket open for as long as the client likes."""
    polling = await chat.polling()
    async with chat.websocket(f"{WEBSOCKET}&sid={polling.sid}") as ws:
        await polling.post("1")
        assert (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
