"""The examples of docs/examples run in two processes on one Redis, from the relay as it is installed. Their
packages come from PyPI. What the notice board does there is in test_package.py."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.stack.relay.worker import RedisUnderTest, until
from tests.support.assistant import assistant
from tests.support.examples import Client, drawing, help_desk, people, states
from tests.support.noticeboard import EXAMPLE, running, started
from tests.support.waiting import soon
from tests.support.wheel import environment, newest

REQUIREMENTS = Path(__file__).parents[1] / "requirements.in"


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with the relay and FastAPI."""
    [fastapi] = [line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("fastapi==")]
    return environment(tmp_path_factory.mktemp("environment"), f"{wheel}[fast]", *newest(), fastapi)


@pytest.mark.parametrize(
    ("example", "does"),
    [("helpdesk", help_desk), ("drawingboard", drawing), ("online", people), ("assistant", assistant)],
)
async def test_an_example_does_on_two_workers_what_it_says(
    example: str,
    does: Callable[[str, str], Awaitable[None]],
    redis: RedisUnderTest,
    python: str,
    tmp_path: Path,
) -> None:
    for each in (example, "homes"):
        shutil.copy(EXAMPLE.with_name(f"{each}.py"), tmp_path)
    on_redis = {"REDIS_URL": redis.url}
    async with (
        running(tmp_path, python, example, **on_redis) as one,
        running(tmp_path, python, example, **on_redis) as two,
    ):
        await does(one, two)


async def test_who_asks_while_redis_is_away_is_told_so(
    redis: RedisUnderTest, python: str, tmp_path: Path
) -> None:
    shutil.copy(EXAMPLE.with_name("online.py"), tmp_path)
    async with running(tmp_path, python, "online", REDIS_URL=redis.url) as url:
        ana = Client()
        await ana.connect(url, {"user": "ana"})
        await redis.docker("pause")
        assert await ana.ask("who") == {"error": "unavailable"}
        assert await ana.ask("about", "at lunch") == {"error": "unavailable"}
        await redis.docker("unpause")

        async def succeeds() -> bool:
            return await ana.ask("about", "at lunch") is None

        await until(succeeds, "Redis to be asked again")
        await soon(lambda: states(ana, "ana")[-1]["about"] == "at lunch", what="what Ana says to be heard")
        await ana.sio.disconnect()


async def test_who_was_at_a_worker_that_is_killed_is_listed_no_more(
    redis: RedisUnderTest, python: str, tmp_path: Path
) -> None:
    """The others are told, once. Who has another client stays."""
    shutil.copy(EXAMPLE.with_name("online.py"), tmp_path)
    on_redis = {"REDIS_URL": redis.url}
    async with (
        running(tmp_path, python, "online", **on_redis) as stays,
        started(tmp_path, python, "online", **on_redis) as (url, killed),
    ):
        ana, ben, ben_too = Client(), Client(), Client()
        await ben.connect(stays, {"user": "ben"})
        await ana.connect(url, {"user": "ana"})
        await ben_too.connect(url, {"user": "ben"})
        await soon(lambda: len(states(ben, "ana")) == 1, what="Ben to hear of Ana")
        killed.kill()
        await soon(lambda: len(states(ben, "ana")) == 2, what="Ben to hear that Ana has gone")
        assert not states(ben, "ana")[-1]["here"]
        assert [each["user"] for each in await ben.ask("who")] == ["ben"]  # type: ignore[attr-defined]
        assert [each["here"] for each in states(ben, "ben")] == [True]
        await ben.sio.disconnect()
