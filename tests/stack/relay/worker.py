"""A worker without its front door: a real Socket.IO server and manager; its clients are their queues."""

import asyncio
import json
import secrets
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from redis.asyncio import Redis
from relay import Entry, LogUnavailable, Options, Post, Relay, RelayServer
from relay import Member as Person
from relay.redis.connector import Password, connector
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names
from relay.transport.session import EngineSocket

from tests.support.waiting import PATIENCE


class RedisUnderTest:
    """The Redis container, by what can happen to it."""

    def __init__(self, url: str, container: str, prefix: str) -> None:
        self.url, self.container, self.prefix = url, container, prefix

    async def docker(self, *arguments: str) -> None:
        await asyncio.to_thread(
            subprocess.run, ["docker", *arguments, self.container], check=True, capture_output=True
        )

    async def command(self, *arguments: str) -> Any:
        async with Redis.from_url(self.url) as client:
            return await client.execute_command(*arguments)  # type: ignore[no-untyped-call]

    async def ready(self) -> None:
        await until(lambda: self.answers(), "Redis answers")

    async def answers(self) -> bool:
        try:
            async with asyncio.timeout(0.5):
                return bool(await self.command("PING"))
        except Exception:
            return False

    async def wipe(self) -> None:
        await self.command("FLUSHALL")

    async def limit(self, size: int) -> None:
        """Let it use so many bytes; 0: as many as it likes."""
        await self.command("CONFIG", "SET", "maxmemory", str(size))

    async def used(self) -> int:
        async with Redis.from_url(self.url) as client:
            return int((await client.info("memory"))["used_memory"])

    async def restore(self) -> None:
        """Whatever a test left behind: paused, killed, full."""
        if not await self.answers():
            for undo in ("unpause", "start"):
                await asyncio.to_thread(subprocess.run, ["docker", undo, self.container], capture_output=True)
            await self.ready()
        await self.limit(0)
        await self.wipe()

    def log(self, link: Link, names: type[Names] = Names) -> RedisLog:
        return RedisLog(link, names(self.prefix), keep=0, dedup_ttl=86_400)

    def link(self) -> Link:
        return Link(connector(self.url))


@asynccontextmanager
async def under_test(url: str, container: str) -> AsyncIterator[RedisUnderTest]:
    """One with a prefix of its own, and as it was afterwards."""
    redis = RedisUnderTest(url, container, f"test-{secrets.token_hex(4)}:")
    await redis.ready()
    yield redis
    await redis.restore()


class Proxy:
    """A way to Redis on which connections can die without a word, as when a network is cut."""

    def __init__(self, redis: RedisUnderTest) -> None:
        self._redis = redis
        self._generation = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.StreamWriter] = set()  # to those who ask
        self._unanswered: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    @property
    def redis(self) -> RedisUnderTest:
        """The same Redis, as reached through the proxy."""
        port = self._server.sockets[0].getsockname()[1]
        return RedisUnderTest(f"redis://127.0.0.1:{port}/0", self._redis.container, self._redis.prefix)

    def cut(self) -> None:
        """Carry nothing more on the connections there are; new ones work."""
        self._generation += 1

    def withhold_answers(self) -> None:
        """Carry questions on the connections there are, and no answers."""
        self._unanswered |= self._connections

    def break_all(self) -> None:
        """Close the connections there are; new ones work."""
        for writer in self._connections:
            writer.close()
        self._connections.clear()

    async def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(self._redis.url)
        there = await asyncio.open_connection(target.hostname, target.port)
        self._connections.add(writer)
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._carry(source, sink, self._generation))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, born: int) -> None:
        try:
            while data := await source.read(65536):
                if born == self._generation and sink not in self._unanswered:
                    sink.write(data)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


class Told(NamedTuple):
    epoch: str
    seq: int
    text: str


class Workers(Protocol):
    def __call__(self, through: RedisUnderTest = ...) -> "Worker": ...


class Member:
    """A client of a worker, in one room."""

    def __init__(self, sid: str, socket: EngineSocket) -> None:
        self.sid, self.socket = sid, socket
        self.events: list[list[Any]] = []

    @property
    def told(self) -> list[Told]:
        """The entries in its queue, in the order of the wire."""
        while not self.socket.queue.empty():
            packet = self.socket.queue.get_nowait().packet
            if packet.startswith(b"42"):
                self.events.append(json.loads(packet[2:]))
        return [Told(*event[1:]) for event in self.events if event[0] == "entry"]

    @property
    def numbers(self) -> list[int]:
        return [told.seq for told in self.told]

    def others(self) -> list[list[Any]]:
        """The events that are no entries."""
        _ = self.told
        return [event for event in self.events if event[0] != "entry"]


class Worker:
    def __init__(
        self, redis: RedisUnderTest, password: Password | None = None, options: Options | None = None
    ) -> None:
        options = options or Options(prefix=redis.prefix)
        self.relay = Relay.on_redis(redis.url, event_of, options, password)
        self.server = RelayServer(self.relay.manager)
        self.server.manager_initialized = True
        self.relay.manager.initialize()

    async def stop(self) -> None:
        await self.relay.manager.stop()

    async def connect(self) -> Member:
        """A client that is in no room."""
        eio_sid = secrets.token_hex(8)
        socket = EngineSocket(self.server.eio, eio_sid)
        self.server.eio.sockets[eio_sid] = socket
        sid = await self.relay.manager.connect(eio_sid, "/")
        return Member(sid, socket)

    async def member(self, room: str = "tea") -> Member:
        member = await self.connect()
        await self.relay.join(member.sid, room)
        return member

    async def person(self, name: str, room: str = "tea", mark: str = "") -> Member:
        """A member of a room whom the others are told of; the name is the id too."""
        member = await self.connect()
        await self.relay.join(member.sid, room, Person(name, name, mark))
        return member

    async def leaves(self, member: Member) -> None:
        """The client breaks off."""
        await self.relay.manager.disconnect(member.sid, "/", ignore_queue=True)

    def here(self, room: str = "tea") -> set[str]:
        return {person.name for person in self.relay.people(room).first}

    async def hears(self) -> None:
        await until(lambda: self.relay.problem() is None, "the worker hears itself")

    async def say(self, text: str, room: str = "tea", id: str | None = None) -> int:
        return (await self.relay.log.append(room, Post(id or secrets.token_hex(8), text.encode()))).seq

    async def say_until_kept(self, text: str, room: str = "tea", id: str | None = None) -> int:
        """What a client does: retry with the same id until there is an answer."""
        id = id or secrets.token_hex(8)
        while True:
            try:
                return await self.say(text, room, id)
            except LogUnavailable:
                await asyncio.sleep(0.05)


def event_of(entry: Entry) -> bytes:
    return json.dumps(["entry", entry.epoch, entry.seq, entry.data.decode()]).encode()


async def until(
    condition: Callable[[], bool | Awaitable[bool]], what: str, within: float = PATIENCE
) -> float:
    """Wait for a condition; return the seconds it took, fail when they are more than `within`."""
    begun = time.monotonic()
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return time.monotonic() - begun
        if time.monotonic() - begun > within:
            raise AssertionError(f"not within {within:g} s: {what}")
        await asyncio.sleep(0.01)
