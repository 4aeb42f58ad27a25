"""The cases of the suite for the Engine.IO protocol, version 4.

https://github.com/socketio/socket.io/tree/main/docs/engine.io-protocol/v4-test-suite

That suite talks to a bare Engine.IO server which sends back what it gets. Here an event of Socket.IO is sent
and comes back.
"""

import asyncio
import json

from tests.conformance.servers import MAX_PAYLOAD, PING_INTERVAL, PING_TIMEOUT, Served

POLLING, WEBSOCKET = "EIO=4&transport=polling", "EIO=4&transport=websocket"
OPENED = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}


def _is_opened(packet: str, upgrades: list[str]) -> None:
    opened = json.loads(packet[1:])
    assert (packet[0], opened.keys(), opened["upgrades"]) == ("0", OPENED, upgrades)
    assert isinstance(opened["sid"], str)
    times = opened["pingInterval"], opened["pingTimeout"]
    assert times == (PING_INTERVAL * 1000, PING_TIMEOUT * 1000)
    assert opened["maxPayload"] == MAX_PAYLOAD


def said(*data: object) -> str:
    return "42" + json.dumps(["message", *data], separators=(",", ":"))


def answer(*data: object) -> str:
    return "42" + json.dumps(["message-back", *data], separators=(",", ":"))


async def polling_opens_a_session(server: Served) -> None:
    status, text = await server.get(POLLING)
    assert status == 200
    _is_opened(text, ["websocket"])


async def polling_without_a_known_version_is_refused(server: Served) -> None:
    for query in ("transport=polling", "EIO=abc&transport=polling"):
        assert (await server.get(query))[0] == 400


async def polling_without_a_known_transport_is_refused(server: Served) -> None:
    for query in ("EIO=4", "EIO=4&transport=abc"):
        assert (await server.get(query))[0] == 400


async def another_method_opens_no_session(server: Served) -> None:
    for method in ("POST", "PUT"):
        assert (await server.request(method, POLLING))[0] == 400


async def a_websocket_opens_a_session(server: Served) -> None:
    async with server.websocket() as ws:
        opened = await ws.next()
        assert isinstance(opened, str)
        _is_opened(opened, [])


async def a_websocket_without_a_known_version_is_refused(server: Served) -> None:
    for query in ("transport=websocket", "EIO=abc&transport=websocket"):
        assert await server.refuses(query)


async def a_websocket_without_a_known_transport_is_refused(server: Served) -> None:
    for query in ("EIO=4", "EIO=4&transport=abc"):
        assert await server.refuses(query)


async def polling_carries_a_text(server: Served) -> None:
    polling = await server.joins()
    assert await server.post(polling, said("hello")) == (200, "ok")
    assert await server.polls(polling, 1) == [answer("hello")]


async def polling_carries_several_texts(server: Served) -> None:
    polling = await server.joins()
    texts = "test1", "test2", "test3"
    assert await server.post(polling, "\x1e".join(map(said, texts))) == (200, "ok")
    assert await server.polls(polling, 3) == [answer(text) for text in texts]


async def polling_carries_texts_and_bytes(server: Served) -> None:
    polling = await server.joins()
    event = '51-["message",{"_placeholder":true,"num":0}]'
    assert await server.post(polling, f"4{event}\x1ebAQIDBA==") == (200, "ok")
    back = event.replace("message", "message-back")
    assert await server.polls(polling, 2) == [f"4{back}", "bAQIDBA=="]


async def polling_that_breaks_the_format_ends_the_session(server: Served) -> None:
    polling = await server.joins()
    assert (await server.post(polling, "abc"))[0] == 400
    assert (await server.get(polling))[0] == 400


async def a_second_poll_at_the_same_time_ends_the_session(server: Served) -> None:
    polling = await server.joins()
    first = asyncio.create_task(server.get(polling))
    await asyncio.sleep(0.005)
    second, _ = await server.get(f"{polling}&t=burst")
    assert await first == (200, "1")
    assert second in (400, 500)
    assert (await server.get(polling))[0] == 400


async def a_poll_that_is_given_up_ends_the_session(server: Served) -> None:
    polling = await server.joins()
    first = asyncio.create_task(server.get(polling))
    await asyncio.sleep(0.005)
    first.cancel()
    assert (await server.get(polling))[0] == 400


async def a_websocket_carries_a_text(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send(said("hello"))
        assert await ws.text() == answer("hello")


async def a_websocket_carries_bytes(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send('451-["message",{"_placeholder":true,"num":0}]', b"\1\2\3\4")
        assert await ws.text() == '451-["message-back",{"_placeholder":true,"num":0}]'
        assert await ws.text() == b"\1\2\3\4"


async def a_websocket_that_breaks_the_format_is_closed(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send("abc")
        assert await ws.ends()


async def polling_is_asked_whether_it_lives(server: Served) -> None:
    polling = await server.joins()
    for _ in range(3):
        assert await server.get(polling) == (200, "2")
        assert (await server.post(polling, "3"))[0] == 200


async def polling_that_does_not_answer_ends(server: Served) -> None:
    polling = f"{POLLING}&sid={await server.opens()}"
    await asyncio.sleep(PING_INTERVAL + PING_TIMEOUT)
    assert (await server.get(polling))[0] == 400


async def a_websocket_is_asked_whether_it_lives(server: Served) -> None:
    async with server.connected() as ws:
        for _ in range(3):
            assert await ws.next() == "2"
            await ws.send("3")


async def a_websocket_that_does_not_answer_is_closed(server: Served) -> None:
    async with server.connected() as ws:
        assert await ws.ends()


async def polling_may_close_its_session(server: Served) -> None:
    polling = await server.joins()
    poll = asyncio.create_task(server.get(polling))
    await asyncio.sleep(0.005)
    await server.post(polling, "1")
    assert await poll == (200, "6")
    assert (await server.get(polling))[0] == 400


async def a_websocket_may_close_its_session(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send("1")
        assert await ws.ends()


async def polling_becomes_a_websocket(server: Served) -> None:
    polling = await server.joins()
    async with server.websocket(polling.replace("polling", "websocket")) as ws:
        await ws.send("2probe")
        assert await ws.next() == "3probe"
        assert await server.get(polling) == (200, "6")
        await ws.send("5", said("hello"))
        assert await ws.text() == answer("hello")


async def polls_after_the_upgrade_are_refused(server: Served) -> None:
    polling = await server.joins()
    async with server.websocket(polling.replace("polling", "websocket")) as ws:
        await ws.send("2probe")
        assert await ws.next() == "3probe"
        await ws.send("5")
        assert (await server.get(polling))[0] == 400
        await ws.send(said("hello"))
        assert await ws.text() == answer("hello")


async def a_second_websocket_after_the_upgrade_is_refused(server: Served) -> None:
    polling = await server.joins()
    upgrade = polling.replace("polling", "websocket")
    async with server.websocket(upgrade) as ws:
        await ws.send("2probe")
        assert await ws.next() == "3probe"
        await ws.send("5")
        assert await server.refuses(upgrade)
        await ws.send(said("hello"))
        assert await ws.text() == answer("hello")


CASES = (
    polling_opens_a_session,
    polling_without_a_known_version_is_refused,
    polling_without_a_known_transport_is_refused,
    another_method_opens_no_session,
    a_websocket_opens_a_session,
    a_websocket_without_a_known_version_is_refused,
    a_websocket_without_a_known_transport_is_refused,
    polling_carries_a_text,
    polling_carries_several_texts,
    polling_carries_texts_and_bytes,
    polling_that_breaks_the_format_ends_the_session,
    a_second_poll_at_the_same_time_ends_the_session,
    a_poll_that_is_given_up_ends_the_session,
    a_websocket_carries_a_text,
    a_websocket_carries_bytes,
    a_websocket_that_breaks_the_format_is_closed,
    polling_is_asked_whether_it_lives,
    polling_that_does_not_answer_ends,
    a_websocket_is_asked_whether_it_lives,
    a_websocket_that_does_not_answer_is_closed,
    polling_may_close_its_session,
    a_websocket_may_close_its_session,
    polling_becomes_a_websocket,
    polls_after_the_upgrade_are_refused,
    a_second_websocket_after_the_upgrade_is_refused,
)
