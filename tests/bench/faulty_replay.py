"""A server that gives those who come back what they missed, and one of them wrongly, to see whether the load
generator notices."""

import asyncio
import re
import sys
from typing import Any, ClassVar

from tests.bench.faulty import listen
from tests.peers.limit import server

JOIN = re.compile(rb'42(\d+)\["join",\{"room":"([^"]+)"(?:,"after":(\d+))?')
LATE = 0.5  # seconds


class Forgetful(server.Peer):
    """The first to come back to a message or more that it missed gets the first of them not at all, the last
    twice, and both late."""

    log: ClassVar[list[bytes]] = []
    wronged = False

    def _answer(self, payload: bytes) -> None:
        if message := server.MESSAGE.match(payload):
            about = b'{"room":"%b","seq":%d,"epoch":"e","text":"%b"}' % (
                message[3],
                len(self.log) + 1,
                message[2],
            )
            self.log.append(about)
            for member in server.rooms[message[3]]:
                member.write(server.frame(b'42["response","%b",%b]' % (message[2], about)))
            self.transport.write(server.frame(b'43%b[{"ok":true}]' % message[1]))
        elif join := JOIN.match(payload):
            missed = [] if "--nothing" in sys.argv else self.log[int(join[3] or len(self.log)) :]
            if len(missed) < 2 or Forgetful.wronged or "--well" in sys.argv:
                return self._let_in(join[1], join[2], missed)
            Forgetful.wronged = True
            server.rooms[join[2]].add(self.transport)
            wrong = [*missed[1:], missed[-1]]
            asyncio.get_running_loop().call_later(LATE, self._let_in, join[1], join[2], wrong)
        else:
            super()._answer(payload)

    def _let_in(self, number: bytes, room: bytes, missed: list[Any]) -> None:
        server.rooms.setdefault(room, set()).add(self.transport)
        answer = b'43%b[{"ok":true,"epoch":"e","head":%d,"messages":[%b]}]'
        self.transport.write(server.frame(answer % (number, len(self.log), b",".join(missed))))


if __name__ == "__main__":
    asyncio.run(listen(Forgetful, int(sys.argv[1])))
