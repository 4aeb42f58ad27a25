"""The example's homes in one process: two of them on one relay stand for two workers."""

from types import ModuleType
from typing import Any

import pytest
from relay import Relay

from tests.support.clock import Clock
from tests.support.noticeboard import loaded

NAME = "0123456789abcdef ana"


@pytest.fixture
def example(clock: Clock) -> ModuleType:
    module = loaded("homes")
    module.monotonic = clock  # type: ignore[attr-defined]
    return module


@pytest.fixture
def workers(example: ModuleType) -> tuple[Any, Any]:
    relay = Relay.in_memory()
    return example.Homes(relay, lambda session: None), example.Homes(relay, lambda session: None)


async def kept(homes: Any) -> dict[str, bytes]:
    """What is kept of the session, brought here."""
    async with homes.at(NAME) as session:
        return dict(session.kept)


async def test_what_was_kept_and_not_deleted_is_there_at_the_next_home(workers: tuple[Any, Any]) -> None:
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1", b=b"2", c=b"3")
        await session.write(b=None, c=b"4")
    assert await kept(two) == {"a": b"1", "c": b"4"}
    assert await kept(one) == {"a": b"1", "c": b"4"}


async def test_who_was_the_home_writes_nothing_more(workers: tuple[Any, Any], example: ModuleType) -> None:
    """Not even when the session came back meanwhile."""
    one, two = workers
    async with one.at(NAME) as old:
        await old.write(a=b"1")
    for homes in (two, one):
        await kept(homes)
        with pytest.raises(example.Moved):
            await old.write(a=b"old")
        with pytest.raises(example.Moved):
            await old.end()
    assert await kept(two) == {"a": b"1"}


async def test_a_session_that_was_ended_is_not_brought_back(
    workers: tuple[Any, Any], example: ModuleType
) -> None:
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
        await session.end()
        with pytest.raises(example.Moved):
            await session.write(a=b"2")
    assert await kept(one) == await kept(two) == {}


async def test_a_session_ends_as_a_whole(workers: tuple[Any, Any], clock: Clock, example: ModuleType) -> None:
    """What was written later does not outlive the rest."""
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
        clock.now = 140
        await session.write(b=b"2")
    clock.now = 700
    assert await kept(two) == {}
    clock.now = 900
    async with two.at(NAME) as session:
        await session.write(c=b"3")
    assert await kept(one) == {"c": b"3"}


async def test_a_session_with_a_client_does_not_end(workers: tuple[Any, Any], clock: Clock) -> None:
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
        for clock.now in range(0, 2000, 5):
            await session.keep()
    assert await kept(two) == {"a": b"1"}


@pytest.mark.parametrize("fields", [{f"f{n}": b"" for n in range(101)}, {"home": b""}, {"alive": None}])
async def test_what_would_not_be_kept_is_refused(
    workers: tuple[Any, Any], fields: dict[str, bytes | None]
) -> None:
    one, _ = workers
    async with one.at(NAME) as session:
        with pytest.raises(ValueError, match="at most 100 fields, none of them called"):
            await session.write(**fields)
        await session.write(**{f"f{n}": b"" for n in range(100)})
        await session.keep()
    assert len(await kept(one)) == 100


async def test_a_field_that_is_too_large_costs_nothing_else(workers: tuple[Any, Any]) -> None:
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
        with pytest.raises(ValueError, match="65"):
            await session.write(a=b"2" * 70_000)
        await session.claim(session.home)
    assert await kept(two) == {"a": b"1"}


async def test_a_home_that_nobody_took_meanwhile_goes_on(workers: tuple[Any, Any], clock: Clock) -> None:
    """It was not heard of for long, since Redis was away."""
    one, _ = workers
    async with one.at(NAME) as session:
        clock.now = 300
        await session.write(a=b"1")
    async with one.at(NAME) as again:
        assert again is session


async def test_who_looks_at_a_session_leaves_it_where_it_is(
    workers: tuple[Any, Any], clock: Clock, example: ModuleType
) -> None:
    """Unless its home is not heard of any more, or gave it up."""
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
    assert await two.look(NAME) == {"a": b"1"}
    await session.write(a=b"2")
    clock.now = 7
    assert await two.look(NAME) == {"a": b"2"}
    with pytest.raises(example.Moved):
        await session.write(a=b"3")
    await two.leave()
    with pytest.raises(example.Moved):
        await kept(two)
    assert await one.look(NAME) == {"a": b"2"}
    async with one.at(NAME) as session:
        await session.write(a=b"4")


async def test_who_comes_back_to_the_same_worker_finds_what_was_in_memory(
    workers: tuple[Any, Any], clock: Clock
) -> None:
    """For as long as the session lasts, unless it was elsewhere meanwhile."""
    one, two = workers
    async with one.at(NAME) as session:
        await session.write(a=b"1")
    clock.now = 100
    await one._keep(NAME)
    async with one.at(NAME) as again:
        assert again is session
    await kept(two)
    async with one.at(NAME) as another:
        assert another is not session
    clock.now = 1000
    await one._keep(NAME)
    assert await kept(one) == {}
