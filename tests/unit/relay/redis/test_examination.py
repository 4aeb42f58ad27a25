"""A wrong Redis ends the start; one that is away is asked until it answers."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from relay.redis import examination as module
from relay.redis.examination import Examination
from relay.redis.needs import WrongRedis

from tests.support.waiting import soon


class Asked:
    """Answers as it is told, or is away."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.examination = Examination(self)

    async def __call__(self) -> None:
        if (answer := self.answers.pop(0)) is not None:
            raise answer


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.01)


async def test_the_right_one_is_asked_once() -> None:
    asked = Asked(None)
    await asked.examination.begin()
    assert asked.examination.wrong is None
    assert asked.answers == []


async def test_a_wrong_one_ends_the_start() -> None:
    asked = Asked(WrongRedis("too old"), None)
    with pytest.raises(WrongRedis, match="too old"):
        await asked.examination.begin()


async def test_one_that_is_away_is_asked_until_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    wrong = WrongRedis("too old")
    asked = Asked(RedisConnectionError("away"), wrong, OSError("away"), wrong, None)
    await asked.examination.begin()
    await soon(lambda: asked.examination.wrong == "too old", what="it is said")
    await soon(lambda: asked.examination.wrong is None, what="it is the right one")
    assert asked.answers == []
    assert caplog.messages.count("too old") == 1
