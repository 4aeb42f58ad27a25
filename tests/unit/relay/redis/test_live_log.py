"""The answer to an append comes in one write with the entry, and never later than a moment after it."""

import asyncio

import pytest
from relay.log.amendments import Amendment
from relay.log.log import Appended, Entry, Voted
from relay.log.post import Post
from relay.log.votes import Vote
from relay.redis.connector import connector
from relay.redis.link import Link
from relay.redis.live_log import LiveLog
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.support.waiting import PATIENCE

POST = Post("id", b"x")
VOTE = Vote(1, "id", "key", "ann", "Ann", True)


class Following:
    """A follower that delivers what it is told to."""

    def __init__(self, log: LiveLog) -> None:
        self.log, self.delivered = log, 0

    def lacks(self, room: str, seq: int) -> bool:
        return room == "tea" and seq > self.delivered

    def deliver(self, seq: int, room: str = "tea") -> None:
        self.log.came(Entry(room, "epoch", seq, "id", 0, b"x"))
        self.delivered = seq


class Answers:
    """What Redis answers to appends, which is at once."""

    seq = 0
    duplicate = False

    async def append(self, room: str, post: Post) -> Appended:
        self.seq += not self.duplicate
        return Appended("epoch", self.seq, 0, self.duplicate)

    async def vote(self, room: str, post: Post) -> Voted:
        return Voted(await self.append(room, post), 1)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(RedisLog, "append", lambda _, room, post: answers.append(room, post))
    monkeypatch.setattr(RedisLog, "amend_by", lambda _, room, amendments, post: answers.append(room, post))
    monkeypatch.setattr(RedisLog, "vote", lambda _, room, vote, post: answers.vote(room, post))
    monkeypatch.setattr("relay.redis.live_log.LONGEST_WAIT", 10 * PATIENCE)
    return answers


@pytest.fixture
def log(answers: Answers) -> LiveLog:
    log = LiveLog(Link(connector("redis://nobody")), Names("test:"), keep=0, dedup_ttl=60)
    log.follower = Following(log)  # type: ignore[assignment]
    return log


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_answer_waits_for_its_entry_and_comes_before_the_members_are_written_to(
    log: LiveLog,
) -> None:
    order: list[str] = []

    async def append() -> None:
        await log.append("tea", POST)
        order.append("answer")

    appending = [asyncio.create_task(append()) for _ in range(2)]
    await turns()
    assert order == []
    log.follower.deliver(1)  # type: ignore[attr-defined]
    asyncio.get_running_loop().call_soon(order.append, "write")  # what the fan-out does next
    await turns()
    assert order == ["answer", "write"]
    log.follower.deliver(2)  # type: ignore[attr-defined]
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*appending)


async def test_what_changes_an_entry_waits_as_well(log: LiveLog) -> None:
    changing = [
        asyncio.create_task(log.amend_by("tea", [Amendment(1, "id", b"new")], POST)),
        asyncio.create_task(log.vote("tea", VOTE, POST)),
    ]
    for number, change in enumerate(changing, 1):
        await turns()
        assert not change.done()
        log.follower.deliver(number)  # type: ignore[attr-defined]
        async with asyncio.timeout(PATIENCE):
            await change


async def test_an_answer_after_its_entry_waits_for_nothing(log: LiveLog) -> None:
    log.follower.deliver(1)  # type: ignore[attr-defined]
    async with asyncio.timeout(PATIENCE):
        assert (await log.append("tea", POST)).seq == 1


async def test_an_answer_of_a_room_without_members_here_waits_for_nothing(log: LiveLog) -> None:
    async with asyncio.timeout(PATIENCE):
        assert (await log.append("coffee", POST)).seq == 1


async def test_a_repetitions_answer_waits_for_nothing(log: LiveLog, answers: Answers) -> None:
    """Its entry may have come long ago, in an epoch that has ended."""
    answers.seq, answers.duplicate = 7, True
    async with asyncio.timeout(PATIENCE):
        assert (await log.append("tea", POST)).seq == 7


async def test_an_answer_whose_entry_does_not_come_is_given(
    log: LiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the worker's subscription is broken. And it is not waited for any more."""
    monkeypatch.setattr("relay.redis.live_log.LONGEST_WAIT", 0.01)
    async with asyncio.timeout(PATIENCE):
        assert (await log.append("tea", POST)).seq == 1
    log.follower.deliver(1)  # type: ignore[attr-defined]
    assert log._awaited == {}


async def test_who_gives_up_waiting_leaves_nothing_behind(log: LiveLog) -> None:
    appending = asyncio.create_task(log.append("tea", POST))
    await turns()
    appending.cancel()
    await asyncio.gather(appending, return_exceptions=True)
    assert log._awaited == {}
