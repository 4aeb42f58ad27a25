"""Redis, as far as presence uses it: with the meaning of report.lua and remove_report.lua."""

import asyncio
import json
from collections.abc import Collection
from typing import Any, cast

from hiredis import Reader
from relay.delivery.people import FIRST, LISTED
from relay.log.log import LogFull
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.shards import Shard

NAMES = Names("relay:")


def text(argument: object) -> str:
    return argument.decode() if isinstance(argument, bytes) else str(argument)


class Keeper:
    """Redis, as far as replication uses it. While `open` is not set, answers are on the way."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[str, str]] = {}
        self.changed: dict[str, dict[str, int]] = {}
        self.seen: list[Command] = []
        self.written: list[str] = []
        """The rooms of which a report was written or removed."""
        self.broadcasts: list[str] = []
        self.digest = ""
        """The script that writes reports."""
        self.most_running = 0
        """Scripts that were sent before others were answered, at most."""
        self._running = 0
        self.full = False
        self.incarnation = b"first"
        self.open = asyncio.Event()
        self.open.set()
        self._now = 10_000

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        return [(Shard("", 0, cast(Link, self)), list(partitions))] if partitions else []

    async def send(self, *commands: Command) -> list[Any]:
        self._now += 1
        self.seen += commands
        replies = [self._run(str(name), [text(argument) for argument in rest]) for name, *rest in commands]
        scripts = sum(command[0] == "EVALSHA" for command in commands)
        self._running += scripts
        self.most_running = max(self.most_running, self._running)
        await asyncio.sleep(0)
        await self.open.wait()
        self._running -= scripts
        return replies

    transaction = send

    async def send_packed(self, packed: bytes, count: int, *, writes: bool) -> list[Any]:
        reader = Reader(encoding="utf-8")
        reader.feed(packed)
        return await self.send(*(tuple(reader.gets()) for _ in range(count)))

    def compared(self, room: str) -> int:
        """How often the versions of a room were asked for."""
        return self.seen.count(("HGETALL", NAMES.of(room).reports))

    @property
    def syncs(self) -> int:
        """How often it was asked what changed."""
        return self.seen.count(("TIME",))

    def report(self, room: str, worker: str, version: int, *names: str, names_first: bool = True) -> None:
        """What another worker writes. `names_first`: whether it lists its first members, if they are many."""
        names_of_room = NAMES.of(room)
        report = names_of_room.report(worker)
        for id in list(self.hashes.get(report, {})):
            self._leave(report, names_of_room.people, id)
        for name in names:
            self._join(report, names_of_room.people, name, name)
        large = names_first and len(names) > LISTED
        first = json.dumps([[name, name] for name in sorted(names)[:FIRST]]) if large else ""
        self.hashes.setdefault(names_of_room.reports, {})[worker] = f"{version}{first}"
        self.changed.setdefault(names_of_room.partition.changed_reports, {})[room] = self._now

    def count(self, room: str) -> int:
        """How many members it counts in a room."""
        return len(self.hashes.get(NAMES.of(room).people, {}))

    def lose(self) -> None:
        """Lose all it has, without an end of connections."""
        self.hashes.clear()
        self.changed.clear()
        self.incarnation = b"second"

    def _run(self, name: str, arguments: list[str]) -> Any:
        key, *rest = arguments or [""]
        fields = self.hashes.get(key, {})
        match name:
            case "EVALSHA":
                digest, _, *call = arguments
                return self._report(*call) if digest == self.digest else self._remove(*call)
            case "TIME":
                return [b"%d" % (self._now // 1000), b"%d" % (self._now % 1000 * 1000)]
            case "GET":
                return self.incarnation
            case "ZRANGE":
                changed = self.changed.get(key, {}).items()
                return [room.encode() for room, at in changed if at >= int(rest[0])]
            case "HGETALL":
                return [text.encode() for pair in fields.items() for text in pair]
            case "HLEN":
                return len(fields)
            case "HGET":
                return fields[rest[0]].encode() if rest[0] in fields else None
        return 1

    def _report(self, reports: str, report: str, people: str, changed: str, *arguments: str) -> int:
        """As report.lua."""
        if self.full:
            raise LogFull
        _, worker, before, version, first, _, room, _, broadcast, most, left, *rest = arguments
        listed = self.hashes.setdefault(reports, {})
        if listed.get(worker, "0").partition("[")[0] != before:
            return -1
        self.written.append(room)
        self.changed.setdefault(changed, {})[room] = self._now
        for id in rest[: int(left)]:
            self._leave(report, people, id)
        joined = rest[int(left) :]
        for id, name in zip(joined[::2], joined[1::2], strict=True):
            self._join(report, people, id, name)
        listed[worker] = version + first
        if version == "0":
            del listed[worker]
        count = len(self.hashes.get(people, {}))
        if broadcast and count <= int(most):
            self.broadcasts.append(broadcast)
        return count

    def _remove(self, reports: str, report: str, people: str, changed: str, *arguments: str) -> int:
        """As remove_report.lua."""
        worker, room, most = arguments
        for id in list(self.hashes.get(report, {}))[: int(most)]:
            self._leave(report, people, id)
        if self.hashes.get(report):
            self.hashes[reports][worker] = "-1"
            return 1
        self.hashes.get(reports, {}).pop(worker, None)
        self.changed.setdefault(changed, {})[room] = self._now
        return 0

    def _join(self, report: str, people: str, id: str, name: str) -> None:
        if id not in self.hashes.setdefault(report, {}):
            counted = self.hashes.setdefault(people, {})
            counted[id] = str(int(counted.get(id, "0")) + 1)
        self.hashes[report][id] = name

    def _leave(self, report: str, people: str, id: str) -> None:
        del self.hashes[report][id]
        counted = self.hashes[people]
        counted[id] = str(int(counted[id]) - 1)
        if counted[id] == "0":
            del counted[id]
