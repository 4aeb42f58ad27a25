"""What replication writes, counted; and answers that are older than what it received."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import pytest
from relay.delivery.people import Member
from relay.delivery.presence import Presence
from relay.redis.link import Command, Link
from relay.redis.names import Names
from relay.redis.presence import RedisPresence

from tests.support.waiting import soon

NAMES = Names("relay:")
US, OTHER = "u" * 32, "o" * 32
ROOMS = [f"room-{number}" for number in range(100)]
WRITING = {"HSET", "HDEL", "DEL", "EXPIRE", "PUBLISH"}


class Keeper:
    """Redis, as far as replication uses it. While `open` is not set, answers are on the way."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[str, str]] = {}
        self.seen: list[Command] = []
        self.written: list[Sequence[Command]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, *commands: Command) -> list[Any]:
        if commands[0][0] == "EVALSHA":  # what goes through the reserve
            return [await self.send(*commands_in(*commands[0][4:]))]
        self.seen += commands
        if any(command[0] in WRITING for command in commands):
            self.written.append(commands)
        replies = [self._run(str(name), [str(argument) for argument in rest]) for name, *rest in commands]
        await asyncio.sleep(0)
        await self.open.wait()
        return replies

    transaction = send

    def compared(self, room: str) -> int:
        """How often the versions of a room were asked for."""
        return self.seen.count(("HGETALL", NAMES.reports(room)))

    def _run(self, name: str, arguments: list[str]) -> Any:
        key, *rest = arguments
        fields = self.hashes.setdefault(key, {})
        match name:
            case "HGETALL":
                return [text.encode() for pair in fields.items() for text in pair]
            case "HGET":
                return fields[rest[0]].encode() if rest[0] in fields else None
            case "HSET":
                fields.update(zip(rest[::2], rest[1::2], strict=True))
            case "HDEL":
                for field in rest:
                    fields.pop(field, None)
            case "DEL":
                fields.clear()
        return 1


def commands_in(*words: str | bytes | int) -> list[Command]:
    """The commands that commands.lua is given."""
    commands: list[Command] = []
    while words:
        last = 1 + int(words[0])
        commands.append(words[1:last])
        words = words[last:]
    return commands


class Worker:
    """A worker's presence and its replication, whose clients are told nothing."""

    def __init__(self) -> None:
        self.keeper = Keeper()
        self.presence = Presence(
            lambda *_: None, lambda room: self.replication.changed(room), window=0.5, grace=0
        )
        self.replication = RedisPresence(
            cast(Link, self.keeper), NAMES, US, self.presence, flush_interval=0.001, sync_interval=0.01
        )

    def arrives(self, who: str, *rooms: str) -> None:
        for room in rooms:
            self.presence.arrive(f"{who} in {room}", room, Member(who, who))

    def leaves(self, who: str, *rooms: str) -> None:
        for room in rooms:
            self.presence.depart(f"{who} in {room}", room, at_once=True)

    def other_reports(self, room: str, before: int, version: int, *names: str, kept: bool = True) -> None:
        """Another worker's report of all its members: broadcast, and kept."""
        if kept:
            self.keeper.hashes[NAMES.reports(room)] = {OTHER: str(version)}
            self.keeper.hashes[NAMES.report(room, OTHER)] = dict(zip(names, names, strict=True))
        report = json.dumps([before, version, dict(zip(names, names, strict=True)), []])
        self.replication.receive(room, OTHER, report.encode())

    def names(self, room: str) -> list[str]:
        return [member.name for member in self.presence.people(room).first]

    async def compares(self, times: int, room: str) -> None:
        """So many more syncs begin."""
        least = self.keeper.compared(room) + times
        await soon(lambda: self.keeper.compared(room) >= least, what="all rooms are compared")


@pytest.fixture
def worker() -> Worker:
    return Worker()


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.replication.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_rooms_that_changed_at_once_are_each_written_once(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And while nothing happens in them, nothing, until a quarter of their lifetime is over: since they were
    written, and not since the machine was started."""
    monkeypatch.setattr("relay.redis.presence.LIFETIME", 240)
    async with running(worker):
        worker.arrives("ana", *ROOMS)
        await soon(lambda: len(worker.keeper.written) >= len(ROOMS), what="all are written")
        await worker.compares(5, ROOMS[-1])
        assert len(worker.keeper.written) == len(ROOMS)
        worker.arrives("ben", *ROOMS[:2])
        worker.leaves("ana", *ROOMS[2:])
        await soon(lambda: len(worker.keeper.written) >= 2 * len(ROOMS), what="all are written again")
        await worker.compares(5, ROOMS[0])
        assert len(worker.keeper.written) == 2 * len(ROOMS)
    assert {room for room in ROOMS if worker.keeper.hashes[NAMES.reports(room)]} == set(ROOMS[:2])
    for room in ROOMS[:2]:
        assert worker.keeper.hashes[NAMES.report(room, US)].keys() == {"ana", "ben"}


async def test_members_are_withdrawn_only_when_that_is_kept(worker: Worker) -> None:
    """A worker that drains waits for that."""
    async with running(worker):
        worker.arrives("ana", "tea")
        await soon(lambda: worker.keeper.hashes.get(NAMES.reports("tea")), what="ana is reported")
        worker.keeper.open.clear()
        writes = len(worker.keeper.written)
        worker.leaves("ana", "tea")
        await soon(lambda: not worker.presence.rooms, what="ana is gone")
        for _ in range(100):
            assert not worker.replication.withdrawn
            await asyncio.sleep(0)
        worker.keeper.open.set()
        await soon(lambda: worker.replication.withdrawn, what="it is kept")
        assert len(worker.keeper.written) == writes + 1


async def test_what_was_received_is_newer_than_what_is_still_being_read(worker: Worker) -> None:
    worker.arrives("ana", "tea")
    worker.keeper.hashes[NAMES.reports("tea")] = {OTHER: "4"}
    worker.keeper.hashes[NAMES.report("tea", OTHER)] = {"ben": "ben"}
    reading = asyncio.create_task(worker.replication._read("tea", OTHER))
    worker.keeper.open.clear()
    await soon(lambda: worker.keeper.seen, what="it is asked for")
    worker.presence.change_report("tea", OTHER, 4, {"ben": "ben"}, [])
    worker.other_reports("tea", 4, 5, "ben", "cleo")
    worker.keeper.open.set()
    await reading
    assert worker.names("tea") == ["ana", "ben", "cleo"]


async def test_who_came_while_the_versions_were_asked_for_stays(worker: Worker) -> None:
    """The answer knows nothing of that worker yet, or any more."""
    worker.arrives("ana", "tea")
    worker.presence.change_report("tea", OTHER, 4, {"ben": "ben"}, [])
    comparing = asyncio.create_task(worker.replication._compare(["tea"]))
    worker.keeper.open.clear()
    await soon(partial(worker.keeper.compared, "tea"), what="the versions are asked for")
    worker.other_reports("tea", 4, 5, "cleo")
    worker.keeper.open.set()
    await comparing
    assert worker.names("tea") == ["ana", "ben", "cleo"]
