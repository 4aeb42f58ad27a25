"""What a client may send: the text frames of Engine.IO 4 and Socket.IO 5, checked before anything parses
them.

Protocols: https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/
"""

import re
from typing import Any, NamedTuple

from engineio.exceptions import SocketIsClosedError
from socketio import packet
from socketio.packet import Packet

# Close, the probe of an upgrade, pong, upgrade, or a Socket.IO packet of a type that a client may send.
# Binary packets (types 5 and 6) announce attachments that the server would have to hold; we take none.
ENGINE_PACKET = re.compile(r"1|2probe|3(?:probe)?|5|4[0-3].*", re.DOTALL)

# The usual beginning of an event or an ack: type, namespace, id, and an event's name without escapes.
OPENING = re.compile(
    r'2(?P<of_event>/[^,?]*,)?[0-9]{0,15}\["(?P<name>[^"\\\x00-\x1f]*)"|3(?P<of_ack>/[^,?]*,)?(?P<id>[0-9]{1,15})\['
)


class Opening(NamedTuple):
    """What an event (`name`) or an ack (`id`) says first."""

    namespace: str
    name: str | None
    id: int | None


class BadInput(SocketIsClosedError):  # type: ignore[misc]
    """The client broke the protocol; it is closed, and told 400 where it still waits for an answer.

    It is a subclass of the one exception that ends both of engineio's read loops, POST and WebSocket, without
    a traceback.
    """


def check_frame(frame: str | bytes) -> str:
    """Return the frame, one Engine.IO packet; raise BadInput if no client of ours would send it."""
    if not isinstance(frame, str) or not ENGINE_PACKET.fullmatch(frame):
        raise BadInput("not an Engine.IO packet that a client may send")
    return frame


async def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """Return the body of a POST, `limit` bytes at most, or raise BadInput. Upstream trusts Content-Length,
    and reads nothing of a chunked body, which has none."""
    body: bytes = await environ["wsgi.input"].read(limit + 1)
    if len(body) > limit:
        raise BadInput(f"the body is larger than {limit} bytes")
    if environ.get("CONTENT_LENGTH", str(len(body))) != str(len(body)):
        raise BadInput("the body is shorter than announced")
    return body


def split_payload(body: bytes) -> list[str]:
    """Return the packets of a polling POST; raise BadInput if one is malformed or there is none. However many
    there are: official clients mind the size of a body, and never count."""
    try:
        frames = body.decode().split("\x1e")
    except UnicodeDecodeError:
        raise BadInput("the body is not UTF-8") from None
    for frame in frames:
        check_frame(frame)
    return frames


def opening_of(data: Any) -> Opening | None:
    """Return what an event or an ack says before its arguments, without looking at them: to decode 64 KiB
    takes 4 ms. None for what is written in another way than clients write it, and for other packets."""
    match = OPENING.match(data) if isinstance(data, str) else None
    if match is None:
        return None
    namespace = match["of_event"] or match["of_ack"] or "/,"
    return Opening(namespace[:-1], match["name"], None if match["id"] is None else int(match["id"]))


def parse(data: Any) -> Packet:
    """Return the Socket.IO packet in an Engine.IO message; raise BadInput if it is malformed."""
    if not isinstance(data, str):
        raise BadInput("not a Socket.IO packet")
    try:
        parsed = Packet(encoded_packet=data)
    except (ValueError, TypeError, IndexError, RecursionError):
        raise BadInput("not a Socket.IO packet") from None
    arguments = parsed.data
    if parsed.packet_type in (packet.EVENT, packet.ACK) and not isinstance(arguments, list):
        raise BadInput("the arguments of an event are not a list")
    if parsed.packet_type == packet.EVENT and not (arguments and isinstance(arguments[0], str)):
        raise BadInput("an event without a name")
    return parsed
