"""Frames and upgrades that no client of ours would send: closed or refused, never a traceback in the log.

The `chat` fixture fails each of these tests if there is one.
"""

from http import HTTPStatus

import aiohttp
import pytest

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import WEBSOCKET, Chat


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "x",
        "0",
        "2",
        "6",
        "9",
        "4",
        b"\x00",
        b"4",
        "4" + "[" * 60000,
        "42[",
        "42{}",
        "42[7]",
        '42["connect",{}]',
        '42["disconnect"]',
        '450-["message"]',
        '4511-["message"]',
        "44{}",
        "x" * 65537,
    ],
    ids=lambda frame: repr(frame[:40]),
)
async def test_a_malformed_frame_closes_its_websocket(chat: Chat, frame: str | bytes) -> None:
    """And leaves no session behind."""
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        assert (await ws.receive_str()).startswith("40{")
        await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        closed = await ws.receive(timeout=PATIENCE)
        while closed.type is aiohttp.WSMsgType.TEXT:
            closed = await ws.receive(timeout=PATIENCE)
        assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    await chat.still_works()


async def test_text_that_is_not_utf8_closes_its_websocket(chat: Chat) -> None:
    """Stock uvicorn logs a traceback."""
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws._writer.send_frame(b'42["\xff"]', aiohttp.WSMsgType.TEXT)
        assert (await ws.receive(timeout=PATIENCE)).data == 1007
    await chat.still_works()


async def test_an_upgrade_that_breaks_off_leaves_the_session_polling(chat: Chat) -> None:
    """Stock engineio then answers each poll at once with nothing, for ever."""
    session = await chat.polling()
    async with chat.websocket(f"{WEBSOCKET}&sid={session.sid}"):
        pass
    await soon(lambda: not chat.relay.eio.sockets[session.sid].upgrading, what="the upgrade to end")
    await session.post('42["message","hello"]')
    assert "hello" in (await session.poll()).text


async def test_a_second_upgrade_at_the_same_time_is_refused(chat: Chat) -> None:
    """With a reason, while the first one goes on."""
    session = await chat.polling()
    path = f"{WEBSOCKET}&sid={session.sid}"
    async with chat.websocket(path) as ws:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with chat.websocket(path):
                pass
        assert refusal.value.status == HTTPStatus.BAD_REQUEST
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
