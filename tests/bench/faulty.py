"""A server that treats one member of a room badly, to see whether the load generator notices."""

import asyncio
import itertools
import sys
from typing import Any

from tests.peers.limit import server


class Faulty(server.Peer):
    """One member doesn't get message 10, gets 20 twice, and 30 after 31."""

    numbers = itertools.count()
    kept = b""
    victim: Any = None

    def _broadcast(self, room: bytes, text: bytes, id: bytes) -> None:
        whole = server.response(room, text, id)
        Faulty.victim = self.victim or next(iter(server.rooms[room]))
        for member in server.rooms[room]:
            member.write(self._worsen(next(self.numbers), whole) if member is self.victim else whole)

    def _worsen(self, number: int, whole: bytes) -> bytes:
        Faulty.kept, before = (whole if number == 30 else b""), self.kept
        return {10: b"", 20: whole + whole, 30: b""}.get(number, whole + before)


class Tardy(server.Peer):
    """Whoever joins gets what was said last once more, as of a server that is behind."""

    last = b""

    def _broadcast(self, room: bytes, text: bytes, id: bytes) -> None:
        Tardy.last = server.response(room, text, id)
        super()._broadcast(room, text, id)

    def _answer(self, payload: bytes) -> None:
        super()._answer(payload)
        if server.JOIN.match(payload):
            self.transport.write(self.last)


async def listen(protocol: type[server.Peer], port: int) -> None:
    """Serve until it is ended; says when it is ready."""
    await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(listen(Tardy if "--tardy" in sys.argv else Faulty, int(sys.argv[1])))
