"""Bytes in events and answers, as Socket.IO 5 has them: JSON with a placeholder for each, and the bytes
behind it as attachments.

Protocol: https://socket.io/docs/v4/socket-io-protocol/
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from socketio import packet

from relay.support import utf8_json

MAX_ATTACHMENTS = 10
"""Attachments of a packet at most, either way. The official JavaScript client closes its connection when it
is sent more. And a packet fits into one answer to a poll with them."""

PLACEHOLDER = "_placeholder"
_BINARY = {packet.EVENT: packet.BINARY_EVENT, packet.ACK: packet.BINARY_ACK}


class Attached(str):
    """The text of a packet, and the attachments that follow it. It is a text, so that upstream passes both on
    as one."""

    __slots__ = ("attachments",)
    attachments: list[bytes]

    @classmethod
    def of(cls, text: str, attachments: list[bytes]) -> "Attached":
        """Return them as one."""
        attached = cls(text)
        attached.attachments = attachments
        return attached


class RelayPacket(packet.Packet):  # type: ignore[misc]
    """A packet whose attachments stay with it on its way out."""

    json: Any = utf8_json
    # Upstream looks through every packet for bytes. Here the JSON encoder says so when it meets some.
    uses_binary_events = False

    def encode(self) -> str:
        """Extends Packet.encode, which returns the attachments beside the text, and upstream then sends each
        by itself: others would get in between. Raises TypeError for what is no JSON, and ValueError as
        `take_out` does, or if the packet can't have attachments."""
        try:
            return str(super().encode())
        except TypeError:
            pass  # It may hold bytes. Errors of take_out, if it were called here, would show this one first.
        text, attachments = take_out(self.data)
        if self.packet_type not in _BINARY:
            raise ValueError("only an event and its answer can hold bytes")
        namespace = "" if self.namespace in (None, "/") else f"{self.namespace},"
        id = "" if self.id is None else self.id
        kind = _BINARY[self.packet_type]
        return Attached.of(f"{kind}{len(attachments)}-{namespace}{id}{text.decode()}", attachments)

    @classmethod
    def decoded(cls, text: str, attachments: Sequence[bytes]) -> "RelayPacket":
        """Return the packet in a text, whose type is that of a packet without attachments, with the
        attachments in their places. Raises ValueError if they do not fit the placeholders, and whatever
        Packet.decode raises."""
        decoded, reader = cls(), _PuttingBack(attachments)
        if attachments:
            decoded.json = reader
        if decoded.decode(text):
            raise ValueError("a number of attachments where there are none to be announced")
        if reader.left:
            raise ValueError("an attachment without a placeholder")
        return decoded


class _PuttingBack:
    """A reader of JSON that puts each attachment in the place of its placeholder."""

    def __init__(self, attachments: Sequence[bytes]) -> None:
        self.left = dict(enumerate(attachments))

    def loads(self, text: str) -> Any:
        return utf8_json.loads(text, object_hook=self._put_back)

    def _put_back(self, read: dict[str, Any]) -> Any:
        if PLACEHOLDER not in read:
            return read
        number = read.get("num")
        # True is an int to isinstance.
        if read[PLACEHOLDER] is not True or type(number) is not int or number not in self.left:
            raise ValueError("a placeholder without an attachment")
        return self.left.pop(number)


def encode_event(event: bytes | Sequence[Any]) -> tuple[bytes, Sequence[bytes]]:
    """Return an event, its name and its arguments, as JSON with its attachments. If it is bytes, it is JSON
    already. Raises as `take_out` does."""
    if isinstance(event, bytes):
        return event, ()
    try:
        return utf8_json.encode(event), ()
    except TypeError:
        pass  # as in RelayPacket.encode
    return take_out([*event])


def take_out(value: list[Any]) -> tuple[bytes, list[bytes]]:
    """Return a list as JSON, with a placeholder for each bytes and bytearray in it, in its lists and in its
    dictionaries, and these in their order. Raises TypeError for what is no JSON, and ValueError if there are
    more than MAX_ATTACHMENTS, or a dictionary beside them that a client would take for a placeholder."""
    found, attachments = packet.Packet.deconstruct_binary(value)
    check_number(attachments)
    encoded = utf8_json.encode(found)
    # A quote inside a text is escaped, so this finds keys only.
    if encoded.count(b'"%b":' % PLACEHOLDER.encode()) > len(attachments):
        raise ValueError(f"a dictionary with the key {PLACEHOLDER} beside bytes")
    return encoded, [bytes(each) for each in attachments]


def check_number(attachments: Sequence[Any]) -> None:
    """Raise ValueError if a packet can't have so many attachments."""
    if len(attachments) > MAX_ATTACHMENTS:
        raise ValueError(
            f"{len(attachments)} bytes objects in one packet; clients take {MAX_ATTACHMENTS}. Send many "
            'small ones as one, with their lengths: [len(b) for b in parts], b"".join(parts).'
        )


def answer_with_base64(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message between workers that brings a client's answer, with the bytes in it as Base64: in the
    form that python-socketio gives to emits."""
    answer, attachments = packet.Packet.deconstruct_binary(list(message["args"]))
    if not attachments:
        return message
    return {**message, "args": [answer, *(b64encode(each).decode() for each in attachments)], "binary": True}


def answer_with_bytes(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it was before `answer_with_base64`, if that made it."""
    if not message.get("binary"):
        return message
    answer, *attachments = message["args"]
    return {
        **message,
        "args": packet.Packet.reconstruct_binary(answer, [b64decode(each) for each in attachments]),
    }
