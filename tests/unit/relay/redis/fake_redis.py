"""A Redis for tests, on this event loop: each connection's commands are answered as the test says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from ssl import SSLContext
from typing import Self

from hiredis import Reader

Command = Sequence[bytes]
Answer = Callable[["Visitor", list[Command]], Awaitable[None]]
"""Is given the commands that came in one piece."""


class Visitor:
    """One connection, as Redis has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._parser = Reader()
        self.seen: list[list[Command]] = []
        """The commands that came, each read a list."""
        self.gone = asyncio.Event()

    @property
    def commands(self) -> list[Command]:
        return [command for commands in self.seen for command in commands]

    def say(self, text: bytes) -> None:
        self._writer.write(text)

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        self._writer.transport.abort()

    async def serve(self, answer: Answer) -> None:
        try:
            while data := await self._reader.read(1 << 20):
                self._parser.feed(data)
                commands: list[Command] = []
                while (command := self._parser.gets()) is not False:
                    commands.append(command)
                if commands:
                    self.seen.append(commands)
                    await answer(self, commands)
        except ConnectionError:
            pass  # the other side broke it
        finally:
            self.gone.set()
            self.reset()


class FakeRedis:
    """An async context manager. Without `path` it listens on a port of its own."""

    def __init__(self, answer: Answer, *, path: Path | None = None, tls: SSLContext | None = None) -> None:
        self._answer, self._path, self._tls = answer, path, tls
        self.visitors: list[Visitor] = []
        self._serving: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if self._path is not None:
            self._server = await asyncio.start_unix_server(self._visit, self._path)
            self.url = f"unix://{self._path}"
        else:
            self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0, ssl=self._tls)
            port = self._server.sockets[0].getsockname()[1]
            self.url = f"redis{'s' if self._tls else ''}://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        # One that came last may not have begun: then nothing in it has ended its connection.
        for visitor in self.visitors:
            visitor.reset()

    @property
    def seen(self) -> list[list[Command]]:
        """The commands that came on all connections, each read a list."""
        return [commands for visitor in self.visitors for commands in visitor.seen]

    def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitor = Visitor(reader, writer)
        self.visitors.append(visitor)
        self._serving.append(asyncio.create_task(visitor.serve(self._answer)))


async def ok(visitor: Visitor, commands: list[Command]) -> None:
    """Answer each command with OK."""
    visitor.say(b"+OK\r\n" * len(commands))


async def echo(visitor: Visitor, commands: list[Command]) -> None:
    """Answer each command with its last word."""
    visitor.say(b"".join(bulk(command[-1]) for command in commands))


def bulk(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)


def array(*texts: bytes) -> bytes:
    return b"*%d\r\n%b" % (len(texts), b"".join(map(bulk, texts)))
