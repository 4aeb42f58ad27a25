"""The layout of a cluster is asked for before anything is sent, and again after a node was away."""

from collections.abc import Generator
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from relay.log.log import LogUnavailable
from relay.redis.cluster.layout import AskedLayout
from relay.redis.commands import Command

from tests.support.waiting import soon


class Keeper:
    """Has this layout, or is away."""

    def __init__(self, layout: bytes) -> None:
        self.layout, self.away, self.asked = layout, False, 0
        self.of_cluster = AskedLayout(self.check, self.ask)

    def check(self) -> Generator[tuple[str, ...], Any, None]:
        if (yield ("GET", "layout")) != b"2":
            raise RedisConnectionError("another layout")

    async def ask(self, command: Command) -> bytes:
        self.asked += 1
        if self.away:
            raise LogUnavailable("away")
        return self.layout


async def asked(keeper: Keeper, times: int) -> None:
    keeper.of_cluster.learned()
    await soon(lambda: keeper.asked >= times and not keeper.of_cluster.awaited, what="it was asked for")


async def test_nothing_is_sent_before_it_is_known() -> None:
    keeper = Keeper(b"2")
    assert keeper.of_cluster.awaited
    await asked(keeper, 1)
    assert keeper.of_cluster.wrong is None
    keeper.of_cluster.learned()
    assert keeper.asked == 1, "it is known"


async def test_another_layout_is_the_wrong_one_until_it_is_migrated() -> None:
    keeper = Keeper(b"1")
    await asked(keeper, 1)
    assert keeper.of_cluster.wrong == "another layout"
    keeper.layout = b"2"
    keeper.of_cluster.learned()
    await soon(lambda: keeper.of_cluster.wrong is None, what="it is the right one")


async def test_while_it_is_away_others_are_served_and_it_is_asked_for_again() -> None:
    keeper = Keeper(b"1")
    keeper.away = True
    await asked(keeper, 1)
    assert keeper.of_cluster.wrong is None
    keeper.away = False
    keeper.of_cluster.learned()
    await soon(lambda: keeper.of_cluster.wrong is not None, what="it is the wrong one")


async def test_it_is_asked_for_again_after_a_node_was_away() -> None:
    keeper = Keeper(b"2")
    await asked(keeper, 1)
    keeper.layout = b"3"
    keeper.of_cluster.doubt()
    keeper.of_cluster.learned()
    await soon(lambda: keeper.of_cluster.wrong is not None, what="it is the wrong one")


async def test_where_nothing_is_asked_nothing_is_awaited() -> None:
    keeper = Keeper(b"1")
    none = AskedLayout(None, keeper.ask)
    none.learned()
    assert not none.awaited
    assert keeper.asked == 0
