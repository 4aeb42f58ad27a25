"""The frames are what a WebSocket client reads."""

import pytest
from engineio.packet import MESSAGE, NOOP, OPEN, PING, Packet
from relay.delivery.frames import Batch, Frame, text_frame
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 200_000)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_read_by_websockets(size: int) -> None:
    """As one whole text frame."""
    client = ClientProtocol(parse_uri("ws://chat/"), state=State.OPEN, max_size=None)
    text = "é" * (size // 2) + "x" * (size % 2)
    client.receive_data(text_frame(text.encode()))
    (frame,) = client.events_received()
    assert (frame.opcode, frame.fin, frame.data.decode()) == (Opcode.TEXT, True, text)  # type: ignore[union-attr]


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_any_size_is_read_by_wsproto(size: int) -> None:
    """So that no reader's leniency hides a fault."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(text_frame(b"x" * size))
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
