"""Which rooms changed: those that did, and all where nobody can know."""

from collections.abc import Collection
from importlib.resources import files
from typing import Any, cast

import pytest
import relay.redis
from hiredis import Reader
from relay.log.log import LogFull, LogUnavailable
from relay.redis.changes import FORGET, FORGET_EVERY, KEPT, OVERLAP, Changes
from relay.redis.commands import Command
from relay.redis.link import Link
from relay.redis.names import Names
from relay.redis.shards import Shard

NAMES = Names("test:")
ROOMS = [f"room {number}" for number in range(2000)]


class Keeper:
    """Redis, as far as it is asked what changed."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000
        self.incarnation: bytes | None = None
        self.changed: dict[str, dict[str, int]] = {}
        self.asked: list[Command] = []
        self.kept: set[str] = set()
        self.away = self.full = self.read_only = False
        self.id, self.first = "one", 0

    def change(self, *rooms: str) -> None:
        for room in rooms:
            self.changed.setdefault(NAMES.of(room).partition.changed_logs, {})[room] = self.now

    def shards(self, partitions: Collection[int]) -> list[tuple[Shard, list[int]]]:
        return [(Shard(self.id, self.first, cast(Link, self)), list(partitions))] if partitions else []

    async def send_packed(self, packed: bytes, count: int, *, writes: bool) -> list[Any]:
        reader = Reader(encoding="utf-8")
        reader.feed(packed)
        commands = [tuple(reader.gets()) for _ in range(count)]
        assert reader.gets() is False
        return await self.send(*commands)

    async def send(self, *commands: Command) -> list[Any]:
        if self.away:
            raise LogUnavailable("away")
        self.asked += commands
        return [self._run(*command) for command in commands]

    def _run(self, name: Any, key: Any = "", *rest: Any) -> Any:
        rooms = self.changed.get(key, {})
        match name:
            case "TIME":
                return [b"%d" % (self.now // 1000), b"%d" % (self.now % 1000 * 1000)]
            case "GET":
                assert key == NAMES.partition(self.first).incarnation, "another shard has it"
                return self.incarnation
            case "EXPIRE" if self.read_only:
                raise LogUnavailable("read-only")
            case "SET" if self.full:
                raise LogFull("full")
            case "SET":
                self.incarnation = rest[0].encode()
            case "ZRANGE":
                return [room.encode() for room, at in rooms.items() if at >= int(rest[0])]
            case "ZREMRANGEBYSCORE":
                last = int(rest[1].removeprefix("("))
                self.changed[key] = {room: at for room, at in rooms.items() if at >= last}
            case "EXPIRE":
                assert int(rest[0]) == KEPT
                self.kept.add(key)
        return 0


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def changes(keeper: Keeper) -> Changes:
    changes = Changes(cast(Link, keeper), NAMES, lambda partition: partition.changed_logs)
    for room in ROOMS:
        changes.watch(room)
    return changes


async def settled(changes: Changes, keeper: Keeper) -> None:
    """It has asked before, and a while has passed."""
    for _ in range(2):
        await changes.ask()
        keeper.now += 2 * OVERLAP
    assert await changes.ask() == set()


async def test_only_rooms_that_changed_are_told(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.change(ROOMS[3], ROOMS[700], "of nobody here")
    assert await changes.ask() == {ROOMS[3], ROOMS[700]}
    keeper.now += 2 * OVERLAP
    await changes.ask()
    keeper.now += 2 * OVERLAP
    assert await changes.ask() == set()


async def test_each_partition_is_asked_about_once(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.asked.clear()
    await changes.ask()
    assert len(keeper.asked) == 2 + len({NAMES.of(room).partition.number for room in ROOMS}) < len(ROOMS) / 5


async def test_without_rooms_nothing_is_asked(changes: Changes, keeper: Keeper) -> None:
    for room in ROOMS:
        changes.unwatch(room)
    assert await changes.ask() == set()
    assert keeper.asked == []


async def test_all_rooms_are_told_at_first(changes: Changes) -> None:
    assert await changes.ask() == set(ROOMS)


async def test_all_of_a_partition_are_told_that_was_not_asked_about_before(keeper: Keeper) -> None:
    changes = Changes(cast(Link, keeper), NAMES, lambda partition: partition.changed_logs)
    changes.watch(ROOMS[0])
    await settled(changes, keeper)
    keeper.change(ROOMS[1])
    keeper.now += 5 * OVERLAP
    changes.watch(ROOMS[1])
    assert await changes.ask() == {ROOMS[1]}
    assert await changes.ask() == set()


async def test_all_rooms_are_told_after_redis_lost_what_it_had(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.changed.clear()
    keeper.incarnation = None
    assert await changes.ask() == set(ROOMS), "it was made up again meanwhile"
    assert await changes.ask() == set(ROOMS), "by whom nobody knows"
    assert await changes.ask() == set()


async def test_all_rooms_are_told_after_another_redis_took_over(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.id = "two"
    assert await changes.ask() == set(ROOMS)
    assert await changes.ask() == set()


async def test_a_shard_that_gives_its_first_partition_away_is_asked_for_its_own_keys_only(
    changes: Changes, keeper: Keeper
) -> None:
    await settled(changes, keeper)
    keeper.first = 7
    keeper.change(ROOMS[3])
    assert ROOMS[3] in await changes.ask()


async def test_all_rooms_are_told_after_the_clock_went_back(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.now -= 3_600_000
    keeper.change(ROOMS[5])
    assert await changes.ask() == set(ROOMS)
    keeper.now += 2 * OVERLAP
    assert await changes.ask() == {ROOMS[5]}
    keeper.now += 2 * OVERLAP
    assert await changes.ask() == set()


async def test_a_clock_that_goes_back_a_little_hides_nothing(changes: Changes, keeper: Keeper) -> None:
    """As far as a question that comes a second later can't tell."""
    await settled(changes, keeper)
    keeper.now -= OVERLAP - 1
    keeper.change(ROOMS[5])
    keeper.now += OVERLAP
    assert ROOMS[5] in await changes.ask()


async def test_what_changed_before_a_question_that_failed_is_told_by_the_next(
    changes: Changes, keeper: Keeper
) -> None:
    await settled(changes, keeper)
    keeper.change(ROOMS[9])
    keeper.away = True
    for _ in range(3):
        keeper.now += 5 * OVERLAP
        with pytest.raises(LogUnavailable):
            await changes.ask()
    keeper.away = False
    assert await changes.ask() == {ROOMS[9]}


async def test_all_rooms_are_told_where_a_change_may_be_forgotten_already(
    changes: Changes, keeper: Keeper
) -> None:
    """Others asked meanwhile, and removed what was old to them."""
    await settled(changes, keeper)
    keeper.now += FORGET
    assert await changes.ask() == set(ROOMS)


async def test_a_redis_that_takes_no_writes_tells_all_rooms(changes: Changes, keeper: Keeper) -> None:
    keeper.full = True
    for _ in range(3):
        assert await changes.ask() == set(ROOMS)


async def test_changes_that_nobody_asks_for_any_more_are_forgotten(changes: Changes, keeper: Keeper) -> None:
    keeper.change(*ROOMS[:1000])
    keeper.now += 2 * FORGET
    keeper.change(*ROOMS[1000:])
    for _ in range(FORGET_EVERY):
        await changes.ask()
    assert {room for rooms in keeper.changed.values() for room in rooms} == set(ROOMS[1000:])


async def test_the_sets_of_what_is_watched_are_kept(changes: Changes, keeper: Keeper) -> None:
    sets = {NAMES.of(room).partition.changed_logs for room in ROOMS}
    await changes.ask()
    assert keeper.kept == sets
    tidied = [asked[0] for asked in keeper.asked].index("EXPIRE")
    assert tidied < [asked[0] for asked in keeper.asked].index("TIME"), (
        "before it is asked for the first time"
    )
    keeper.kept.clear()
    for _ in range(FORGET_EVERY):
        await changes.ask()
    assert keeper.kept == sets


async def test_changes_are_told_while_nothing_can_be_written(changes: Changes, keeper: Keeper) -> None:
    await settled(changes, keeper)
    keeper.read_only = True
    for _ in range(FORGET_EVERY):
        keeper.change(ROOMS[7])
        assert ROOMS[7] in await changes.ask()


def test_scripts_and_workers_forget_alike() -> None:
    source = files(relay.redis).joinpath("changed.lua").read_text()
    assert f"FORGET = {FORGET}\n" in source
    assert f"LIFETIME = {KEPT}\n" in source
