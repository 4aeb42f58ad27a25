"""Limits over the wire: what is too much waits, what repeats is answered, what floods is disconnected."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from chat.domain.address import address_of
from chat.domain.messages import Draft
from chat.domain.people import Person
from chat.settings import Settings
from relay import Post
from relay.transport.packets import opening_of

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Chat, Client, Log


@pytest.fixture(autouse=True)
def informed(caplog: pytest.LogCaptureFixture) -> None:
    """The log as it is by default."""
    caplog.set_level("INFO", logger="chat")


@pytest.fixture
async def strict(bundle: Path, log: Log) -> AsyncIterator[Chat]:
    """A chat in which a person may send three messages at once, and an address as many as two people."""
    settings = Settings(
        port=0,
        client_bundle=bundle,
        message_max_chars=8000,
        messages_per_second=1,
        messages_at_once=3,
        people_per_address=2,
        trusted_proxies=("127.0.0.1",),
    )
    async with Chat(settings) as chat:
        yield chat
    assert log.tracebacks == []


async def named(chat: Chat, name: str) -> str:
    """A cookie for somebody of this name."""
    answer = await chat.http.post("/sign-in", data={"name": name})
    chat.http.cookies.clear()
    return str(answer.cookies["tertulia"])


async def says(client: Client, *numbers: int) -> list[dict[str, Any]]:
    """Say messages with these numbers for ids."""
    return [await client.say(f"message {number}", {"id": f"id{number}"}) for number in numbers]


async def test_whoever_is_too_fast_is_told_how_long_to_wait(strict: Chat) -> None:
    """What was refused is not in the log, nobody hears it, and after the wait it is taken."""
    ana = await strict.client("websocket", cookie=await named(strict, "Ana"))
    *taken, refused = await says(ana, 1, 2, 3, 4)
    assert [ack["seq"] for ack in taken] == [1, 2, 3]
    assert refused == {"ok": False, "error": "rate_limited", "retry_after": 1, "detail": refused["detail"]}
    history = await ana.asks("history", {"room": "lobby"})
    assert [message["id"] for message in history["messages"]] == ["id1", "id2", "id3"]
    await ana.hears("message 1", "message 2", "message 3")
    await asyncio.sleep(refused["retry_after"])
    assert (await says(ana, 4))[0]["seq"] == 4
    await ana.disconnect()


async def test_what_was_acked_before_is_acked_again_however_limited_its_sender_is(strict: Chat) -> None:
    ana = await strict.client("websocket", cookie=await named(strict, "Ana"))
    first = await says(ana, 1, 2, 3)
    assert (await says(ana, 4))[0]["error"] == "rate_limited"
    assert await says(ana, 1, 2, 3) == first
    await ana.disconnect()


async def test_all_tabs_and_all_rooms_of_a_person_count_together(strict: Chat) -> None:
    cookie = await named(strict, "Ana")
    tabs = [await strict.client("websocket", cookie=cookie) for _ in range(2)]
    await tabs[0].asks("join", {"room": "tea"})
    answers = [await tabs[number % 2].say("hello") for number in range(2)]
    answers += [await tabs[0].say("hello", {"room": "tea"}), await tabs[1].say("hello")]
    assert [ack["ok"] for ack in answers] == [True, True, True, False]
    ben = await strict.client("websocket", cookie=await named(strict, "Ben"))
    assert (await ben.say("and I"))["ok"]
    for client in (*tabs, ben):
        await client.disconnect()


async def test_coming_again_as_somebody_else_brings_little(strict: Chat) -> None:
    """An address may send as much as two people, whether they reconnect or sign in anew."""
    granted, begun = 0, time.monotonic()
    for number in range(6):
        as_whom: dict[str, Any] = {"cookie": await named(strict, "Ana")} if number % 2 else {}
        client = await strict.client("websocket", **as_whom)
        granted += sum(ack["ok"] for ack in await says(client, *range(10 * number, 10 * number + 3)))
        await client.disconnect()
    assert 6 <= granted <= 6 + 2 * (time.monotonic() - begun)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("testclient", "", False),
    ],
)
def test_an_ipv6_customer_is_one_whatever_of_its_addresses_is_used(one: str, other: str, same: bool) -> None:
    assert (address_of((one, 1)) == address_of((other, 1))) is same


async def test_joins_and_history_are_limited_by_person(strict: Chat, log: Log) -> None:
    """Far beyond what a page asks for when it comes back to a hundred rooms."""
    ana = await strict.client("websocket")
    answers = [await ana.asks("history", {"room": "lobby", "limit": 1}) for _ in range(250)]
    assert all(ack["ok"] for ack in answers)
    for _ in range(150):
        answer = await ana.asks("join", {"room": "lobby"})
        if not answer["ok"]:
            break
    assert (answer["error"], answer["retry_after"]) == ("rate_limited", 1)
    assert (await ana.say("talking goes on"))["ok"]
    other = await strict.client("websocket")
    assert (await other.asks("history", {"room": "lobby"}))["ok"]
    await ana.disconnect()
    await other.disconnect()
    assert sum("Rate-limited" in line for line in log.lines) == 1


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


async def test_an_event_before_the_answer_to_connect_is_refused(strict: Chat) -> None:
    """Over polling it can overtake it; it is no error of ours."""
    session = await strict.polling()
    strict.connections._open.clear()
    assert (await session.post('421["message","early"]')).status_code == 200
    assert '"invalid"' in (await session.poll()).text


async def test_who_was_refused_begins_a_new_session(bundle: Path, log: Log) -> None:
    """So that one session costs one line, however often it asks."""
    async with Chat(Settings(port=0, client_bundle=bundle, access_code="sesame")) as chat:
        opened = await chat.http.get("/sio/socket.io/?EIO=4&transport=polling")
        sid = json.loads(opened.text[1:])["sid"]
        address = f"/sio/socket.io/?EIO=4&transport=polling&sid={sid}"
        for _ in range(5):
            assert (await chat.http.post(address, content='40{"code":"wrong"}')).status_code == 200
    assert sum("Connect refused" in line for line in log.lines) == 1


async def test_an_answer_holds_no_more_of_a_history_than_a_client_can_take(strict: Chat) -> None:
    """Whatever is left comes with the next question, in both directions, without a hole."""
    worker: Any = strict.relay
    append = worker.manager.log.append
    data = Draft("any", Person("a", "Ana"), "é" * 8000).data()
    for number in range(1, 101):
        await append("lobby", Post(f"id{number}", data))
    ana = await strict.client("polling")
    newest = await ana.asks("join", {"room": "lobby"})
    assert newest["more"]
    assert newest["messages"][-1]["seq"] == 100
    assert len(newest["messages"]) < 30
    seen = [message["seq"] for message in newest["messages"]]
    while seen[0] > 1:
        page = await ana.asks("history", {"room": "lobby", "before": seen[0]})
        seen = [message["seq"] for message in page["messages"]] + seen
    assert seen == list(range(1, 101))
    assert not page["more"]
    resumed = await ana.asks("join", {"room": "lobby", "after": 10, "epoch": newest["epoch"]})
    seen = [message["seq"] for message in resumed["messages"]]
    while seen[-1] < 100:
        page = await ana.asks("history", {"room": "lobby", "after": seen[-1]})
        seen += [message["seq"] for message in page["messages"]]
    assert seen == list(range(11, 101))
    await ana.disconnect()


async def test_long_texts_wait_for_their_bytes(bundle: Path) -> None:
    """So many at once, and then as many bytes a second as a person has."""
    settings = Settings(
        port=0, client_bundle=bundle, messages_at_once=100, bytes_per_second=2000, bytes_at_once=40_000
    )
    async with Chat(settings) as chat:
        ana = await chat.client("websocket", cookie=await named(chat, "Ana"))
        answers = [await ana.say(f"{number}" + "x" * 3900) for number in range(12)]
        assert [ack["ok"] for ack in answers[:9]] == [True] * 9
        assert not answers[-1]["ok"]
        assert answers[-1]["error"] == "rate_limited"
        assert "2000 bytes" in answers[-1]["detail"]
        assert 1 <= answers[-1]["retry_after"] <= 3
        await ana.disconnect()


USELESS = {
    "an event that is not declared": '42["nobody",{}]',
    "one in another spelling": '42[ "nobody", {}]',
    "an ack that is not awaited": "437[]",
    "a second CONNECT": "40",
    "an event in another namespace": '42/elsewhere,["message","x"]',
}


@pytest.mark.parametrize("packet", USELESS.values(), ids=USELESS)
async def test_who_sends_what_nobody_asked_for_is_disconnected(strict: Chat, packet: str) -> None:
    """As whoever goes on being refused. A few are borne: another release may have other events."""
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


@pytest.mark.parametrize("kind", ["2", "3"])
def test_what_nobody_asked_for_is_not_decoded(kind: str) -> None:
    """Its beginning says enough; to decode the rest costs 4 ms."""
    opening = opening_of(f'{kind}{"7" if kind == "3" else ""}["nobody",{{' if kind == "2" else "37[{")
    assert opening is not None
    assert (opening.name, opening.id) == (("nobody", None) if kind == "2" else (None, 7))


async def test_requests_of_one_person_count_together(strict: Chat) -> None:
    """Whatever sessions they have, and however often they come again."""
    cookie = await named(strict, "Ana")
    granted, began = 0, monotonic()
    for _ in range(4):
        ana = await strict.client("websocket", cookie=cookie)
        for _ in range(110):
            granted += (await ana.asks("leave", {"room": "tea"}))["ok"]
        await ana.disconnect()
    assert 300 <= granted <= 301 + 20 * (monotonic() - began)
    ben = await strict.client("websocket", cookie=await named(strict, "Ben"))
    assert (await ben.asks("rooms"))["ok"]
    await ben.disconnect()


async def test_requests_of_one_address_count_together(strict: Chat) -> None:
    """As those of the people whose messages it may send, whoever they say they are."""
    granted, began = 0, monotonic()
    for _ in range(8):
        guest = await strict.client("websocket")
        for _ in range(110):
            granted += (await guest.asks("leave", {"room": "tea"}))["ok"]
        await guest.disconnect()
    assert 600 <= granted <= 601 + 10 * (monotonic() - began)


async def test_typing_of_one_person_counts_together(strict: Chat) -> None:
    cookie = await named(strict, "Ana")
    tabs = [await strict.client("websocket", cookie=cookie) for _ in range(4)]
    began = monotonic()
    answers = [await tab.asks("typing", {"room": "lobby", "typing": True}) for tab in tabs for _ in range(5)]
    assert 8 <= sum(answer["ok"] for answer in answers) <= 9 + 2 * (monotonic() - began)
    for tab in tabs:
        await tab.disconnect()
