"""The frames are what a WebSocket client reads."""

from typing import Any

import pytest
from engineio.packet import MESSAGE, NOOP, OPEN, PING, Packet
from engineio.payload import Payload
from relay.delivery.binary import encode_event
from relay.delivery.frames import BINARY, Batch, Frame, websocket_frame
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 200_000)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_read_by_websockets(size: int) -> None:
    """As one whole text frame."""
    client = ClientProtocol(parse_uri("ws://chat/"), state=State.OPEN, max_size=None)
    text = "é" * (size // 2) + "x" * (size % 2)
    client.receive_data(websocket_frame(text.encode()))
    (frame,) = client.events_received()
    assert (frame.opcode, frame.fin, frame.data.decode()) == (Opcode.TEXT, True, text)  # type: ignore[union-attr]


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_read_by_wsproto(size: int) -> None:
    """So that no reader's leniency hides a fault."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(websocket_frame(b"x" * size))
    read = [event for event in client.events() if isinstance(event, TextMessage)]
    assert "".join(event.data for event in read) == "x" * size
    assert read[-1].message_finished


def test_a_batch_is_its_frames_one_after_the_other() -> None:
    """And knows what is left of it without the volatile ones."""
    frames = [Frame.event(b"%d" % n, volatile=n % 2 == 1) for n in range(4)]
    batch = Batch(frames)
    assert batch.data == b"\x81\x03420\x81\x03421\x81\x03422\x81\x03423"
    assert batch.required.data == b"\x81\x03420\x81\x03422"
    assert batch.required.required is batch.required


def test_a_poll_gets_the_packet_that_a_websocket_gets() -> None:
    """Whether it was encoded here or before."""
    for packet in (Packet(OPEN, {"sid": "x"}), Packet(NOOP), Packet(PING, "probe"), Packet(MESSAGE, "0{}")):
        assert Frame.of(packet).packet.decode() == packet.encode()
    assert Frame.event(b'["said","\xc3\xa9"]').packet.decode() == '42["said","é"]'


def event(event: Any, **options: Any) -> Frame:
    encoded, attachments = encode_event(event)
    return Frame.event(encoded, attachments=attachments, **options)


@pytest.mark.parametrize("size", SIZES)
def test_attachments_follow_their_packet_in_one_piece(size: int) -> None:
    """As whole binary frames to a WebSocket, and as Base64 to a poll, as often as it is asked for."""
    attachments = [bytes(size), b"", b"\x1e" * 3]
    frame = event(["draw", *attachments, {"by": "Ana"}], volatile=True, skip=frozenset("x"))
    text = (
        '453-["draw",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2},'
        '{"by":"Ana"}]'
    )
    assert (frame.volatile, frame.skip, frame.packets) == (True, frozenset("x"), 4)

    client = ClientProtocol(parse_uri("ws://chat/"), state=State.OPEN, max_size=None)
    client.receive_data(frame.data)
    read = client.events_received()
    assert [each.data for each in read] == [text.encode(), *attachments]  # type: ignore[union-attr]
    assert [each.opcode for each in read] == [Opcode.TEXT, *[Opcode.BINARY] * 3]  # type: ignore[union-attr]

    for _ in range(2):
        polled = Payload(encoded_payload=frame.packet.decode()).packets
        assert [each.data for each in polled[1:]] == attachments
        assert polled[0].encode() == text


def test_a_binary_frame_is_read_by_wsproto() -> None:
    """So that no reader's leniency hides a fault."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(websocket_frame(b"\xff" * 70_000, BINARY))
    read = [event for event in client.events() if isinstance(event, BytesMessage)]
    assert b"".join(event.data for event in read) == b"\xff" * 70_000
    assert read[-1].message_finished


def test_attachments_follow_a_packet_of_another_namespace_too() -> None:
    encoded, attachments = encode_event(["draw", b"x"])
    frame = Frame.event(encoded, "/board", attachments)
    assert frame.packet == b'451-/board,["draw",{"_placeholder":true,"num":0}]\x1ebeA=='


def test_a_binary_message_of_engine_io_is_a_frame_by_itself() -> None:
    """Without a Socket.IO packet around it."""
    frame = Frame.of(Packet(MESSAGE, b"\1\2\3\4"))
    assert (frame.data, frame.packet, frame.packets) == (b"\x82\4\1\2\3\4", b"bAQIDBA==", 1)


def test_only_the_attachments_are_skipped_with_their_packet() -> None:
    """A batch without its volatile frames has no attachment left of them."""
    frames = [event(["draw", b"1"], volatile=True), event(["draw", b"2"]), event(b"3")]
    assert Batch(frames).data == b"".join(frame.data for frame in frames)
    assert Batch(frames).required.data == frames[1].data + frames[2].data
