"""The cases of the suite for the Socket.IO protocol, version 5, that are not in the other suite already.

https://github.com/socketio/socket.io/tree/main/docs/socket.io-protocol/v5-test-suite
"""

import json

from tests.conformance.servers import PING_INTERVAL, Served, WebSocket

TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'


async def a_client_connects_to_the_main_namespace(server: Served) -> None:
    await _connects(server, "40", "40", "42", {})


async def a_client_connects_to_the_main_namespace_with_a_payload(server: Served) -> None:
    await _connects(server, '40{"token":"123"}', "40", "42", {"token": "123"})


async def a_client_connects_to_another_namespace(server: Served) -> None:
    await _connects(server, "40/custom,", "40/custom,", "42/custom,", {})


async def a_client_connects_to_another_namespace_with_a_payload(server: Served) -> None:
    await _connects(server, '40/custom,{"token":"abc"}', "40/custom,", "42/custom,", {"token": "abc"})


async def a_client_is_refused_an_unknown_namespace(server: Served) -> None:
    """The suite wants the very words "Invalid namespace"; here they are free."""
    async with server.websocket() as ws:
        await ws.next()
        await ws.send("40/random")
        refusal = await ws.text()
        assert isinstance(refusal, str)
        assert refusal.startswith("44/random,")
        assert json.loads(refusal[10:])["message"]


async def a_client_that_does_not_connect_in_form_is_closed(server: Served) -> None:
    async with server.websocket() as ws:
        await ws.next()
        await ws.send("4abc")
        assert await ws.ends()


async def a_client_that_connects_to_nothing_is_closed(server: Served) -> None:
    """It answers each ping, so that only the missing CONNECT can be the reason."""
    async with server.websocket() as ws:
        await ws.next()
        try:
            for _ in range(int(5 / PING_INTERVAL)):
                if await ws.next() == "2":
                    await ws.send("3")
        except AssertionError:
            return
        raise AssertionError("the session is open after 5 s")


async def a_client_leaves_the_main_namespace(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send("41")
        assert await ws.next() == "2"


async def a_client_leaves_another_namespace_and_stays_in_the_main_one(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send("40/custom")
        await ws.text()  # it has connected
        await ws.text()  # what was in its `auth`
        await ws.send("41/custom", '42["message","message to main namespace"]')
        assert await ws.text() == '42["message-back","message to main namespace"]'


async def an_event_carries_values(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send('42["message",1,"2",{"3":[true]}]')
        assert await ws.text() == '42["message-back",1,"2",{"3":[true]}]'


async def an_event_carries_bytes(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send(f'452-["message",{TWO}]', b"\1\2\3", b"\4\5\6")
        assert await _three(ws) == [f'452-["message-back",{TWO}]', b"\1\2\3", b"\4\5\6"]


async def an_event_is_answered(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send('42456["message-with-ack",1,"2",{"3":[false]}]')
        assert await ws.text() == '43456[1,"2",{"3":[false]}]'


async def an_event_with_bytes_is_answered(server: Served) -> None:
    async with server.connected() as ws:
        await ws.send(f'452-789["message-with-ack",{TWO}]', b"\1\2\3", b"\4\5\6")
        assert await _three(ws) == [f"462-789[{TWO}]", b"\1\2\3", b"\4\5\6"]


async def an_unknown_type_of_packet_closes(server: Served) -> None:
    await _closes(server, "4abc")


async def an_event_that_is_no_list_closes(server: Served) -> None:
    await _closes(server, "42{}")


async def an_id_that_is_no_number_closes(server: Served) -> None:
    await _closes(server, '42abc["message-with-ack",1,"2",{"3":[false]}]')


async def _connects(server: Served, packet: str, connected: str, event: str, auth: dict[str, str]) -> None:
    async with server.websocket() as ws:
        await ws.next()
        await ws.send(packet)
        answer = await ws.text()
        assert isinstance(answer, str)
        assert answer.startswith(connected)
        told = json.loads(answer[len(connected) :])
        assert told.keys() == {"sid"}
        assert isinstance(told["sid"], str)
        assert await ws.text() == event + json.dumps(["auth", auth], separators=(",", ":"))


async def _closes(server: Served, packet: str) -> None:
    async with server.connected() as ws:
        await ws.send(packet)
        assert await ws.ends()


async def _three(ws: WebSocket) -> list[str | bytes]:
    return [await ws.text() for _ in range(3)]


CASES = (
    a_client_connects_to_the_main_namespace,
    a_client_connects_to_the_main_namespace_with_a_payload,
    a_client_connects_to_another_namespace,
    a_client_connects_to_another_namespace_with_a_payload,
    a_client_is_refused_an_unknown_namespace,
    a_client_that_does_not_connect_in_form_is_closed,
    a_client_that_connects_to_nothing_is_closed,
    a_client_leaves_the_main_namespace,
    a_client_leaves_another_namespace_and_stays_in_the_main_one,
    an_event_carries_values,
    an_event_carries_bytes,
    an_event_is_answered,
    an_event_with_bytes_is_answered,
    an_unknown_type_of_packet_closes,
    an_event_that_is_no_list_closes,
    an_id_that_is_no_number_closes,
)
