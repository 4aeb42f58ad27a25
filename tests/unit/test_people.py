"""The people of the tests come back like official clients, also where a library does not."""

import asyncio
import json
import re

from tests.support.people import POLLING, Person
from tests.support.waiting import soon

OPENING = json.dumps({"sid": "s", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000})
BROKEN = "42"
CONNECTED = '40{"sid":"t"}'


class BreakingOff:
    """A server that lets a client in and into its room, and whose next answer to its polling breaks off, as
    where the worker dies that was about to send the rest."""

    def __init__(self) -> None:
        self.opened = 0
        self._answers: asyncio.Queue[str] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"Content-Length: (\d+)", head)
        sent = (await reader.readexactly(int(length[1]))).decode() if length else ""
        answer = await self._answer(head, sent)
        missing = 100 if answer is BROKEN else 0
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer) + missing}\r\n\r\n{answer}".encode())
        await writer.drain()
        writer.close()

    async def _answer(self, head: str, sent: str) -> str:
        if head.startswith("POST"):
            if join := re.search(r'42(\d+)\["join"', sent):
                self._answers.put_nowait(f'43{join[1]}[{{"ok":true,"people":{{}}}}]')
                self._answers.put_nowait(BROKEN)
            return "ok"
        if "sid=" not in head:
            self.opened += 1
            self._answers.put_nowait(CONNECTED)
            return f"0{OPENING}"
        return await self._answers.get()


async def test_who_polls_comes_back_when_an_answer_breaks_off() -> None:
    there = BreakingOff()
    async with await asyncio.start_server(there.serve, "127.0.0.1", 0) as server:
        person = Person(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", POLLING, "Ana")
        await person.arrive()
        await soon(lambda: there.opened > 1, what="Ana connects again")
        person.gives_up()
        await person.leave()
