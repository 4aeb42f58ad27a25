"""A member of a room, who asks for one thing after the other over a WebSocket of its own."""

import json
from time import perf_counter
from typing import Any, NamedTuple

from websocket import create_connection

from tests.support.waiting import PATIENCE

PATH = "/sio/socket.io/?EIO=4&transport=websocket"


class Answer(NamedTuple):
    """What the server answered, the bytes of it, and after how many milliseconds it was there."""

    said: dict[str, Any]
    size: int
    milliseconds: float


class MemberError(Exception):
    """The server refused what a member asked for; the text has both."""


class Member:
    """A guest in one room. What is delivered meanwhile is read when the member asks next."""

    def __init__(self, address: str, room: str) -> None:
        """`address`: the server's, as host:port."""
        # To look for broken UTF-8 takes this library longer than the server takes for all else.
        self._socket = create_connection(
            f"ws://{address}{PATH}", timeout=PATIENCE, suppress_origin=True, skip_utf8_validation=True
        )
        self._asked = 0
        self._socket.send("40")
        self._next(b"40{")
        self.ask("join", {"room": room})

    def ask(self, event: str, *arguments: Any) -> Answer:
        """Raises MemberError for a refusal."""
        self._asked += 1
        packet = f"42{self._asked}{json.dumps([event, *arguments])}"
        begun = perf_counter()
        self._socket.send(packet)
        answer = self._next(b"43%d[" % self._asked)
        milliseconds = (perf_counter() - begun) * 1000
        (said,) = json.loads(answer[answer.index(b"[") :])
        if not said["ok"]:
            raise MemberError(f"{packet}: {said}")
        return Answer(said, len(answer), milliseconds)

    def close(self) -> None:
        self._socket.close()

    def _next(self, beginning: bytes) -> bytes:
        """Return the next packet that begins so; what comes before it is dropped, and pings are answered."""
        while True:
            _, packet = self._socket.recv_data()
            if packet.startswith(beginning):
                return bytes(packet)
            if packet == b"2":
                self._socket.send("3")
