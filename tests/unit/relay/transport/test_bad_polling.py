"""Posts as no client of ours makes them: refused, ignored or taken whole, never a traceback in the log.

The `chat` fixture fails each of these tests if there is one.
"""

import asyncio

import pytest
from relay.transport import session as session_module

from tests.unit.wire import POLLING, Chat


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"x",
        b"9",
        b"4",
        b"40\x1e",
        b"2",
        b"0{}",
        b"bAAAA",
        b"b=",
        b"4" + b"[" * 60000,
        b"42" + b"[" * 60000,
        b"42",
        b"42{}",
        b"42[]",
        b"42[7]",
        b"42[null]",
        b'42"message"',
        b"42[",
        b'421e999["message","x"]',
        b"42" + b"1" * 200 + b'["message","x"]',
        "42²[]".encode(),
        b'44{"message":"forged"}',
        b'451-["message",{"_placeholder":true,"num":0}]\x1e42["message","amid"]',
        b'451-["message",{"_placeholder":true,"num":1}]\x1ebAAAA',
        b'451-["message","no placeholder"]\x1ebAAAA',
        b'451-["message",{"_placeholder":true,"num":0}]\x1ebAAAA\x1ebAAAA',
        b'452-["message",{"_placeholder":true,"num":0}]\x1ebAAAA\x1eb=',
        b'451-["connect",{"_placeholder":true,"num":0}]\x1ebAAAA',
        b"451-[\x1ebAAAA",
        b'450-["message"]',
        b'4511-["message"]',
        b'459999999999-["message"]',
        b'45-["message"]',
        b'421-["message"]',
        b"47",
        b"43[",
        b'43{"a":1}',
        b'42["connect",{}]',
        b'42["disconnect"]',
        b'42/,["message","x"]\x1e42["disconnect","forged"]',
        b"d=40",
        b'42["message","' + b"x" * 65536 + b'"]',
    ],
    ids=repr,
)
async def test_a_malformed_post_is_answered_with_400_and_closes_its_session(chat: Chat, body: bytes) -> None:
    """Stock engineio answers 200, drops what came with it and logs a traceback for most of these."""
    session = await chat.polling()
    assert (await session.post(body)).status_code == 400
    assert not session.open
    await chat.still_works()


async def test_a_client_cannot_run_the_handlers_of_connect_and_disconnect(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock python-socketio calls them with the client's own arguments when it emits events of that name."""
    calls: list[object] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: calls.append(reason))
    session = await chat.polling()
    assert (await session.post('42["disconnect","forged"]')).status_code == 400
    assert calls == ["bad input: the event name 'disconnect' is reserved"]


async def test_an_event_that_nobody_declared_is_ignored(chat: Chat) -> None:
    """The session lives on."""
    session = await chat.polling()
    answer = await session.post(
        '42["typing",{}]\x1e421["*"]\x1e43[1]\x1e4399["x"]\x1e451-["draw",{"_placeholder":true,"num":0}]\x1ebAAAA'
        '\x1e461-1["never parsed\x1ebAAAA'
    )
    assert answer.status_code == 200
    assert session.open


async def test_a_body_without_a_length_is_read_all_the_same(chat: Chat) -> None:
    """A proxy may pass it on in chunks; stock engineio then reads nothing and answers 200."""
    session = await chat.polling()
    listener = await chat.client("websocket")
    head = f"POST {POLLING}&sid={session.sid} HTTP/1.1\r\nHost: chat\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await chat.raw(head.encode() + b'5\r\n42["m\r\nc\r\nessage","x"]\r\n0\r\n\r\n')
    assert answer.startswith(b"HTTP/1.1 200 ")
    await listener.hears("x")
    await listener.disconnect()


async def test_many_packets_in_one_post_are_all_taken(chat: Chat) -> None:
    """Who was offline sends what they queued at once; stock engineio drops all of 17."""
    session = await chat.polling()
    listener = await chat.client("websocket")
    body = "\x1e".join(f'42["message","{n}"]' for n in range(200))
    assert (await session.post(body)).status_code == 200
    await listener.hears(*map(str, range(200)))
    await listener.disconnect()


async def test_as_many_packets_as_a_body_holds_keep_nobody_waiting(chat: Chat) -> None:
    """Others have their turn between them."""
    session = await chat.polling()
    body = "3\x1e" * 32_767 + "3"
    posting = asyncio.create_task(session.post(body))
    turns = 0
    while not posting.done():
        await asyncio.sleep(0)
        turns += 1
    assert posting.result().status_code == 200
    assert session.open
    assert turns > 32_768 / session_module.YIELD_EVERY


@pytest.mark.parametrize("packet", ["5", "2probe", "3probe"])
async def test_words_of_an_upgrade_in_a_body_are_not_answered(chat: Chat, packet: str) -> None:
    """Stock engineio queues an answer of its own for each. What others do may be queued at any time."""
    session = await chat.polling()
    assert (await session.post("\x1e".join([packet] * 100))).status_code == 200
    queued = chat.relay.eio.sockets[session.sid].queue._queue
    assert not [frame.packet for frame in queued if frame.packet.startswith((b"3", b"6"))]
