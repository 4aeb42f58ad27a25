"""A binary packet comes in parts: its text, and one message for each attachment. Whoever breaks that off, or
mixes it up, loses the session and costs the others nothing."""

import asyncio
import contextlib
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from relay.delivery.buffers import Buffers
from relay.transport.attachments import BinaryPacket
from relay.transport.incoming import Incoming
from relay.transport.packets import BadInput

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.transport.buffered import KIB, buffered
from tests.unit.relay.transport.said import on_websocket
from tests.unit.wire import Chat, Log

TWO = '452-["draw",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
PARTS = st.lists(
    st.binary(max_size=40) | st.sampled_from(["51-[]", "63-7[]", "50-", "511-[]", "5", '2["x"]'])
)


@pytest.fixture
def drawn(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    came: list[tuple[Any, ...]] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "draw", lambda sid, *arguments: came.append(arguments))
    return came


async def closed(ws: aiohttp.ClientWebSocketResponse) -> bool:
    """Whether the server closes it, whatever comes before."""
    async with asyncio.timeout(PATIENCE):
        while not ws.closed:
            await ws.receive()
    return True


@given(PARTS)
def test_any_parts_are_put_together_or_refused(parts: list[str | bytes]) -> None:
    """With BadInput and nothing else; what is counted is what is held, and in the end nothing."""
    buffers = Buffers(1 << 20, list)
    incoming = Incoming(buffers)
    with contextlib.suppress(BadInput):
        for part in parts:
            with incoming.assembling(part, 100) as packet:
                assert buffers.bytes == incoming.bytes
                assert (packet is None) == (incoming.half is not None)
                assert packet is None or len(packet.text) + sum(map(len, packet.attachments)) <= 100
            assert buffers.bytes == (0 if incoming.half is None else incoming.half.size)
    incoming.forget()
    assert buffers.bytes == 0


def test_a_packet_and_its_attachments_have_one_limit() -> None:
    """In bytes, whatever the parts."""
    text = "52-" + "é" * 20  # 41 bytes with its type
    packet = BinaryPacket(text, 100)
    packet.add(bytes(50))
    packet.add(bytes(9))
    assert packet.complete
    packet = BinaryPacket(text, 100)
    packet.add(bytes(50))
    with pytest.raises(BadInput, match="too large"):
        packet.add(bytes(10))


async def test_attachments_may_come_in_requests_of_their_own(
    chat: Chat, drawn: list[tuple[Any, ...]]
) -> None:
    """The official clients send what does not fit into one body in the next; a pong may come in between."""
    session = await chat.polling()
    for body in (TWO, "3", "bAAAA", "3\x1ebAQIDBA=="):
        assert drawn == []
        assert (await session.post(body)).status_code == 200
    assert drawn == [(bytes(3), b"\1\2\3\4")]


async def test_attachments_may_come_after_the_upgrade(chat: Chat, drawn: list[tuple[Any, ...]]) -> None:
    """Their text came by polling."""
    session = await chat.polling()
    assert (await session.post(TWO + "\x1ebAAAA")).status_code == 200
    async with chat.websocket(f"/sio/socket.io/?EIO=4&transport=websocket&sid={session.sid}") as ws:
        await ws.send_str("2probe")
        assert await ws.receive_str() == "3probe"
        await ws.send_str("5")
        await ws.send_bytes(b"rest")
        await soon(lambda: drawn == [(bytes(3), b"rest")], what="the event to be handled")


@pytest.mark.parametrize(
    "parts",
    [
        [b"of nothing"],
        [TWO, b"1", '42["draw"]'],
        [TWO, b"1", "41"],
        [TWO, TWO],
        [TWO, b"1", b"2", b"3"],
        [TWO, bytes(40_000), bytes(30_000)],
        ['451-["draw",7]', b"1"],
    ],
    ids=[
        "none announced",
        "an event amid",
        "a goodbye amid",
        "another amid",
        "one too many",
        "too large",
        "no place",
    ],
)
async def test_parts_in_the_wrong_order_close_the_session(
    chat: Chat, drawn: list[tuple[Any, ...]], log: Log, parts: list[str | bytes]
) -> None:
    """And no other; what came whole before was handled."""
    async with on_websocket(chat) as other, on_websocket(chat) as ws:
        for part in parts:
            await (ws.send_str(part) if isinstance(part, str) else ws.send_bytes(part))
        assert await closed(ws)
        assert len(drawn) == (b"3" in parts)
        await soon(lambda: buffered(chat) == 0, what="all to be forgotten")
        await other.send_str('427["rooms"]')
        async with asyncio.timeout(PATIENCE):
            while not (await other.receive_str()).startswith("437["):
                pass


@pytest.mark.parametrize("name", ["draw", "nobody"])
async def test_attachments_count_until_they_are_handled(
    chat: Chat, drawn: list[tuple[Any, ...]], name: str
) -> None:
    """Also those of an event that is not declared, which nobody decodes."""
    session = await chat.polling()
    incoming = chat.relay.eio.sockets[session.sid].incoming
    text = f'452-["{name}",{{"_placeholder":true,"num":0}},{{"_placeholder":true,"num":1}}]'
    assert (await session.post(text)).status_code == 200
    assert (await session.post(b"b" + b"AAAA" * 10_000)).status_code == 200
    assert 30_000 < incoming.bytes < 31_000
    assert chat.relay.eio.buffers.bytes >= incoming.bytes
    assert (await session.post(b"bAAAA")).status_code == 200
    assert incoming.bytes == 0
    assert len(drawn) == (name == "draw")
    assert session.open


async def test_half_packets_are_cut_when_all_take_too_much(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fullest first."""
    monkeypatch.setattr(chat.relay.eio.buffers, "most", 200 * KIB)
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(8):
            ws = await opened.enter_async_context(on_websocket(chat))
            await ws.send_str(TWO)
            await ws.send_bytes(bytes(40_000))
        await soon(lambda: len(chat.relay.eio.sockets) < 8, what="some to be cut")
        assert len(chat.relay.eio.sockets) >= 3
        assert 80_000 < buffered(chat) <= 200 * KIB


async def test_attachments_that_never_come_close_the_session(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for which a client may be silent, however often it answers pings."""
    reasons: list[str] = []
    monkeypatch.setitem(chat.relay.handlers["/"], "disconnect", lambda sid, reason: reasons.append(reason))
    monkeypatch.setattr(chat.relay.eio, "ping_interval", 0.5)
    monkeypatch.setattr(chat.relay.eio, "ping_timeout", 0.5)
    async with on_websocket(chat) as ws:
        await ws.send_str(TWO)
        pongs = asyncio.create_task(answer_pings(ws))
        await soon(lambda: reasons, within=10, what="the session to end")
        assert reasons == ["bad input: a binary packet whose attachments do not come"]
        pongs.cancel()
    await soon(lambda: buffered(chat) == 0, what="all to be forgotten")


async def answer_pings(ws: aiohttp.ClientWebSocketResponse) -> None:
    async for message in ws:
        if message.data == "2":
            await ws.send_str("3")


async def test_an_undeclared_event_with_attachments_is_useless(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for all of its parts, and nothing of it is parsed."""
    useless: list[str] = []

    async def count(sid: str) -> None:
        useless.append(sid)

    monkeypatch.setattr(chat.relay, "_on_useless", count)
    session = await chat.polling()
    assert (await session.post('452-["nobody",[[[\x1ebAAAA\x1ebAAAA')).status_code == 200
    assert len(useless) == 1
