"""The abuse budget: a client that goes on although it is refused is disconnected."""

import asyncio

import pytest

from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.limited import says
from tests.unit.wire import Chat, Log


@pytest.fixture(autouse=True)
def informed(caplog: pytest.LogCaptureFixture) -> None:
    """The log as it is by default."""
    caplog.set_level("INFO", logger="chat")


async def test_who_floods_is_told_and_disconnected(strict: Chat, log: Log) -> None:
    """After a last answer that says why; in a bounded number of lines."""
    ana = await strict.client("websocket")
    for number in range(1000):
        answer = await ana.say("again and again", {"id": f"id{number}"})
        if "closed" in answer.get("detail", ""):
            break
    assert (answer["error"], answer["retry_after"]) == ("rate_limited", 10)
    assert 100 < number < 400
    await soon(lambda: not ana.sio.connected, what="the flooding client is disconnected")
    await soon(lambda: not strict.relay.eio.sockets, what="its session is gone")
    said = [line for line in log.lines if "Rate-limited" in line or "Session closed" in line]
    assert len(said) == 2


async def test_who_repeats_one_message_for_ever_is_disconnected_too(strict: Chat) -> None:
    """Each repetition is looked up in the log, so it costs as much as a message."""
    ana = await strict.client("websocket")
    assert (await says(ana, 1))[0]["ok"]
    for _ in range(300):
        await ana.sio.emit("message", ("message 1", {"id": "id1"}))
    await soon(lambda: not ana.sio.connected, what="the repeating client is disconnected")


async def test_a_flood_over_polling_ends_the_session(strict: Chat, log: Log) -> None:
    """64 packets in each request, none of which waits for an answer."""
    session = await strict.polling()
    flood = "\x1e".join(['42["message",""]'] * 64)
    assert (await session.post(flood)).status_code == 200
    async with asyncio.timeout(PATIENCE):
        while (await session.post(flood)).status_code != 400:
            pass
    await soon(lambda: not session.open, what="its session is gone")


USELESS = {
    "an event that is not declared": '42["nobody",{}]',
    "one in another spelling": '42[ "nobody", {}]',
    "an ack that is not awaited": "437[]",
    "a second CONNECT": "40",
    "an event in another namespace": '42/elsewhere,["message","x"]',
}


@pytest.mark.parametrize("packet", USELESS.values(), ids=USELESS)
async def test_who_sends_what_nobody_asked_for_is_disconnected(strict: Chat, packet: str) -> None:
    """As whoever goes on being refused. A few are allowed: another release may have other events."""
    async with strict.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        [socket] = strict.relay.eio.sockets.values()
        for _ in range(50):
            await ws.send_str(packet)
        await ws.send_str('421["rooms"]')
        while not (await ws.receive_str(timeout=5)).startswith("431[{"):
            pass
        for _ in range(1000):
            await ws.send_str(packet)
        await soon(lambda: socket.closed, within=5, what="the session to end")
