"""What a client may send: the packets of Engine.IO 4 and Socket.IO 5, checked before they are parsed.

Protocols: https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from typing import Any, NamedTuple

from engineio.exceptions import SocketIsClosedError
from socketio import packet

from relay.delivery.binary import RelayPacket
from relay.support import utf8_json

# Close, the probe of an upgrade, pong, upgrade, or a Socket.IO packet of a type that a client may send.
ENGINE_PACKET = re.compile(r"1|2probe|3(?:probe)?|5|4[0-356].*", re.DOTALL)

EVENT = "42"
"""How the packet of an event begins."""

# The usual beginning of an event or an ack: type, namespace, id, and an event's name without escapes.
OF_EVENT = re.compile(r'2(/[^,?]*,)?([0-9]{0,15})\["([^"\\\x00-\x1f]*)"')
OF_ACK = re.compile(r"3(/[^,?]*,)?([0-9]{1,15})\[")

# Where a packet's id is: behind its type and its namespace.
ID = re.compile(r"[0-6](?:/[^,]*,)?(\d*)")


class Opening(NamedTuple):
    """The beginning of an event, which has a `name`, or of an ack, which has none. `id`: None for an event
    that needs no answer. `arguments`: where the array with the name and the arguments begins."""

    namespace: str
    name: str | None
    id: int | None
    arguments: int


class BadInput(SocketIsClosedError):  # type: ignore[misc]
    """The client broke the protocol. Its session is closed, and a request that waits is answered 400.

    It is a subclass of the one exception that ends both of engineio's read loops, POST and WebSocket, without
    a traceback.
    """


def check_frame(frame: str | bytes) -> str | bytes:
    """Return the frame, one Engine.IO packet; a binary message as its bytes, also where it came as Base64.
    Raises BadInput if it is none that a client may send."""
    if isinstance(frame, bytes) or frame.startswith(EVENT) or ENGINE_PACKET.fullmatch(frame):
        return frame
    if frame.startswith("b"):
        try:
            return b64decode(frame[1:], validate=True)
        except ValueError:
            raise BadInput("a binary message that is not Base64") from None
    raise BadInput("not an Engine.IO packet that a client may send")


async def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """Return the body of a POST. Raises BadInput if it is longer than `limit` bytes. Upstream trusts
    Content-Length, and reads nothing of a chunked body, which has none."""
    body: bytes = await environ["wsgi.input"].read(limit + 1)
    if len(body) > limit:
        raise BadInput(f"the body is larger than {limit} bytes")
    if environ.get("CONTENT_LENGTH", str(len(body))) != str(len(body)):
        raise BadInput("the body is shorter than announced")
    return body


def split_payload(body: bytes) -> list[str | bytes]:
    """Return the packets of a polling POST, as check_frame does. Raises BadInput if one is malformed or there
    is none. Their number has no limit, because the official clients limit only the size of a body."""
    try:
        frames = body.decode().split("\x1e")
    except UnicodeDecodeError:
        raise BadInput("the body is not UTF-8") from None
    return [check_frame(frame) for frame in frames]


def opening_of(data: str) -> Opening | None:
    """Return the beginning of an event or an ack, without decoding its arguments: that takes 4 ms for 64 KiB.
    None for other packets, and for text that the official clients would not write."""
    if (event := OF_EVENT.match(data)) is not None:
        namespace, id, name = event.groups()
        at = event.start(3) - 2
        return Opening(namespace[:-1] if namespace else "/", name, int(id) if id else None, at)
    if (ack := OF_ACK.match(data)) is not None:
        namespace, id = ack.groups()
        return Opening(namespace[:-1] if namespace else "/", None, int(id), ack.end() - 1)
    return None


def arguments_of(data: str, opening: Opening) -> list[Any]:
    """Return the name and the arguments of an event without attachments. Raises BadInput if what follows its
    opening is malformed."""
    try:
        arguments: list[Any] = utf8_json.loads(data[opening.arguments :])
    except (ValueError, RecursionError):
        raise BadInput("not a Socket.IO packet") from None
    return arguments


def parse(data: str, attachments: Sequence[bytes] = ()) -> packet.Packet:
    """Return the Socket.IO packet in an Engine.IO message, with its attachments in their places. Raises
    BadInput if it is malformed, or if the attachments do not fit."""
    # Upstream takes the digits of all scripts for an id.
    if not data.isascii() and (found := ID.match(data)) and not found[1].isascii():
        raise BadInput("an id in other digits than 0 to 9")
    try:
        parsed = RelayPacket.decoded(data, attachments)
    except (ValueError, TypeError, IndexError, RecursionError):
        raise BadInput("not a Socket.IO packet") from None
    arguments = parsed.data
    if parsed.packet_type in (packet.EVENT, packet.ACK) and not isinstance(arguments, list):
        raise BadInput("the arguments of an event are not a list")
    if parsed.packet_type == packet.EVENT and not (arguments and isinstance(arguments[0], str)):
        raise BadInput("an event without a name")
    return parsed
