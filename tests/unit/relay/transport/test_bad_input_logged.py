"""What the log says of clients whose sessions end because of what they sent."""

import logging

import aiohttp
import pytest
from relay.transport import bad_input
from relay.transport.bad_input import BadInputLog

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Chat, Log


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("4" * 65537, "a WebSocket message that is too large"),
        ("x", "not an Engine.IO packet that a client may send"),
        (b"4", "an attachment of no packet"),
    ],
    ids=["above the limit", "no packet", "an attachment"],
)
async def test_a_session_that_ends_for_bad_input_is_logged_once(
    chat: Chat, log: Log, frame: str | bytes, said: str
) -> None:
    """With the reason, in a line of its own."""
    chat.relay.eio.bad_input = BadInputLog()
    async with chat.websocket() as ws:
        await ws.receive_str()
        await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
        while (await ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.TEXT:
            pass
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    lines = [line for line in log.lines if "Ended a session for bad input" in line]
    assert lines == [f"Ended a session for bad input: {said}"]


async def test_a_post_that_is_no_packet_is_logged(chat: Chat, log: Log) -> None:
    chat.relay.eio.bad_input = BadInputLog()
    session = await chat.polling()
    assert (await session.post("x")).status_code == 400
    assert "Ended a session for bad input: not an Engine.IO packet that a client may send" in log.lines


async def test_a_client_that_leaves_is_not_logged(chat: Chat, log: Log) -> None:
    chat.relay.eio.bad_input = BadInputLog()
    async with chat.websocket() as ws:
        await ws.receive_str()
    await soon(lambda: not chat.relay.eio.sockets, what="the session to end")
    assert not [line for line in log.lines if "bad input" in line]


def test_a_flood_fills_no_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The next line says how many were not logged."""
    now = 1000.0
    monkeypatch.setattr(bad_input, "monotonic", lambda: now)
    lines = BadInputLog()
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            lines.note("sid", "not a packet")
        assert len(caplog.records) == bad_input.MOST
        now += bad_input.WITHIN
        lines.note("sid", "not a packet")
        lines.note("sid", "not a packet")
    assert [getattr(each, "about", {}).get("unsaid") for each in caplog.records[-3:]] == [None, 90, None]
