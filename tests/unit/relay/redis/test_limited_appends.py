"""Posts take their tokens before they are appended: what is not written gives them back."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from relay.log.log import Appended, IdTaken, LogFull, LogUnavailable
from relay.log.post import LogCreation, Post
from relay.log.rules import Denied
from relay.log.token_buckets import Limited, TokenBucket
from relay.redis.append import Lets, NewEntry, NotLetIn
from relay.redis.appends import Appends
from relay.redis.blocking_link import run
from relay.redis.limited_appends import LimitedAppends
from relay.redis.names import Names
from relay.redis.token_buckets import Charge, Charged

from tests.support.waiting import soon
from tests.unit.relay.redis.fake_buckets import FakeBuckets

ANA = TokenBucket("ana", per_second=0.001, burst=1)
TEA, MILK = "tea", "milk"


class FakeAppends(Appends):
    """Knows what was written in which room. Answers when the test says so."""

    def __init__(self) -> None:
        self.came: list[str] = []
        """Ids of the entries, repetitions alone included, in the order in which they came."""
        self.written: dict[str, list[str]] = {}
        """Ids by room."""
        self.refusals: dict[str, Exception] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def append(self, entry: NewEntry) -> Appended:
        self.came.append(entry.id)
        await asyncio.sleep(0)
        await self.open.wait()
        return self._append(entry)

    async def append_alone(self, entry: NewEntry) -> Appended:
        self.came.append(entry.id)
        return self._append(entry)

    def _append(self, entry: NewEntry) -> Appended:
        room, lets = str(entry.words[5]), entry.words[9]
        written = self.written.get(room, [])
        if entry.id in written:
            return Appended("epoch", written.index(entry.id) + 1, 0, duplicate=True)
        if entry.id in self.refusals:
            raise self.refusals[entry.id]
        if lets == Lets.REPETITIONS or (lets == Lets.NO_NEW_LOG and not written):
            raise NotLetIn
        self.written[room] = [*written, entry.id]
        return Appended("epoch", len(written) + 1, 0, duplicate=False)


class Log:
    """What is tested, and what stands for Redis."""

    def __init__(self, *, shares: bool = True) -> None:
        self.appends, self.buckets = FakeAppends(), FakeBuckets()
        self.limited = LimitedAppends(self.appends, self.buckets, Names("test:"), shares=shares)

    async def append(
        self, id: str, *rates: TokenBucket, room: str = TEA, creation: Sequence[TokenBucket] = ()
    ) -> Appended:
        return await self.limited.append(
            room, Post(id, b"x", rates=rates, creation=LogCreation(rates=creation))
        )

    def start(self, id: str, *rates: TokenBucket, room: str = TEA) -> "asyncio.Task[Appended]":
        return asyncio.create_task(self.append(id, *rates, room=room))


@pytest.fixture(params=[True, False], ids=["a worker", "a process that ends soon"])
async def log(request: pytest.FixtureRequest) -> Log:
    return Log(shares=request.param)


@pytest.mark.parametrize("refusal", [Denied("mute", 1), IdTaken("id"), LogFull("full")], ids=repr)
async def test_what_is_refused_takes_no_tokens(log: Log, refusal: Exception) -> None:
    log.appends.refusals["refused"] = refusal
    for _ in range(3):
        with pytest.raises(type(refusal)):
            await log.append("refused", ANA)
    assert (await log.append("1", ANA)).seq == 1
    with pytest.raises(type(refusal)):
        await log.append("refused", ANA)
    with pytest.raises(Limited):
        await log.append("2", ANA)


async def test_a_repetition_takes_no_tokens(log: Log) -> None:
    two = ANA._replace(burst=2)
    for _ in range(5):
        assert (await log.append("1", two)).seq == 1
    assert (await log.append("2", two)).seq == 2
    assert (await log.append("1", two)).duplicate


async def test_what_is_unknown_takes_its_tokens(log: Log) -> None:
    """It may have been written. A repetition finds out."""
    log.appends.refusals["1"] = LogUnavailable("no answer")
    with pytest.raises(LogUnavailable):
        await log.append("1", ANA)
    with pytest.raises(Limited):
        await log.append("2", ANA)


async def test_who_sends_and_leaves_at_once_takes_tokens(log: Log) -> None:
    """Whatever was under way then."""
    log.appends.open.clear()
    task = log.start("1", ANA)
    await soon(lambda: log.appends.came, what="it is sent")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    log.appends.open.set()
    with pytest.raises(Limited):
        await log.append("2", ANA)


async def test_a_post_waits_for_tokens_that_may_be_given_back() -> None:
    """Before it is limited; and it gets them if so, in whatever room."""
    log = Log()
    log.appends.refusals["muted"] = Denied("mute", 1)
    log.appends.open.clear()
    log.buckets.open.clear()
    muted, other, more = log.start("muted", ANA), log.start("2", ANA, room=MILK), log.start("3", ANA)
    await soon(lambda: len(log.buckets.calls) == 3, what="all of them ask")
    log.buckets.open.set()
    await soon(lambda: log.appends.came, what="the first is sent")
    await asyncio.sleep(0.05)
    assert log.appends.came == ["muted"]
    log.appends.open.set()
    outcomes = await asyncio.gather(muted, other, more, return_exceptions=True)
    assert isinstance(outcomes[0], Denied)
    assert sorted(type(each).__name__ for each in outcomes[1:]) == ["Appended", "Limited"]


async def test_a_post_does_not_wait_for_tokens_of_others() -> None:
    log = Log()
    await log.append("1", ANA)
    log.appends.open.clear()
    other = log.start("2", ANA._replace(key="ben"))
    await soon(lambda: len(log.appends.came) == 2, what="it is sent")
    limited = log.start("3", ANA)
    await soon(lambda: len(log.appends.came) == 3, what="it may be a repetition")
    log.appends.open.set()
    with pytest.raises(Limited):
        await limited
    await other


async def test_posts_of_a_room_stay_in_order_while_one_waits_for_tokens() -> None:
    """Those of other rooms do not wait."""
    log = Log()
    log.buckets.open.clear()
    tasks = [log.start("1", ANA), log.start("2"), log.start("3", ANA._replace(key="ben")), log.start("4")]
    tasks.append(log.start("elsewhere", room=MILK))
    await soon(lambda: log.appends.came == ["elsewhere"], what="another room's goes on")
    log.buckets.open.set()
    await asyncio.gather(*tasks)
    assert log.appends.came == ["elsewhere", "1", "2", "3", "4"]
    assert not log.limited._turns


async def test_a_post_that_makes_a_log_takes_the_tokens_for_it(log: Log) -> None:
    """All of them or none, and one that comes into a room that is there takes none."""
    logs, ana = ANA._replace(key="logs", burst=2), ANA._replace(burst=5)
    for id, room in (("1", TEA), ("2", TEA), ("3", MILK), ("4", MILK)):
        await log.append(id, ana, room=room, creation=[logs])
    for _ in range(3):
        with pytest.raises(Limited, match="logs"):
            await log.append("5", ana, room="water", creation=[logs])
    await log.append("5", ana, room=MILK, creation=[logs])
    with pytest.raises(Limited, match="ana"):
        await log.append("6", ana, room=MILK, creation=[logs])


async def test_posts_that_make_one_log_at_once_take_the_tokens_for_it_once(log: Log) -> None:
    logs = ANA._replace(key="logs", burst=3)
    await asyncio.gather(*(log.append(f"{n}", creation=[logs]) for n in range(3)))
    for room in (MILK, "water"):
        await log.append("first", room=room, creation=[logs])
    with pytest.raises(Limited):
        await log.append("first", room="wine", creation=[logs])


class Slow(Log):
    """Each answer takes so many seconds."""

    def __init__(self, seconds: float, *, shares: bool = True) -> None:
        super().__init__(shares=shares)
        charge, append = self.buckets.charge, self.appends.append

        async def charge_slowly(charges: Sequence[Charge]) -> Charged:
            await asyncio.sleep(seconds)
            return await charge(charges)

        async def append_slowly(entry: NewEntry) -> Appended:
            await asyncio.sleep(seconds)
            return await append(entry)

        self.buckets.charge = charge_slowly  # type: ignore[method-assign]
        self.appends.append = append_slowly  # type: ignore[method-assign]


@pytest.mark.parametrize("seconds", [0.45, 0.8, 1.4])
async def test_all_that_a_post_asks_takes_less_than_two_seconds(seconds: float) -> None:
    """However often it asks: here for its tokens, for the log, for the tokens that making it takes."""
    log, logs = Slow(seconds), ANA._replace(key="logs")
    begun = time.monotonic()
    with pytest.raises(LogUnavailable):
        await log.append("1", ANA, creation=[logs])
    assert time.monotonic() - begun < 2


async def test_who_waits_for_others_waits_less_than_two_seconds() -> None:
    """For tokens that they hold, or for a turn in the room."""
    log = Log()
    log.appends.open.clear()
    holds = log.start("1", ANA)
    await soon(lambda: log.appends.came, what="it is sent")
    begun = time.monotonic()
    outcomes = await asyncio.gather(
        log.start("2", ANA), log.start("3", ANA._replace(key="ben")), return_exceptions=True
    )
    assert [type(each) for each in outcomes] == [LogUnavailable] * 2
    assert time.monotonic() - begun < 2
    holds.cancel()


@pytest.mark.parametrize("seconds", [0.3, 0.5])
async def test_a_program_without_an_event_loop_is_answered_in_time(seconds: float) -> None:
    """Each of its questions may take 1.5 s, so the last one has to begin early."""
    log, logs = Slow(seconds, shares=False), ANA._replace(key="logs")
    post = Post("1", b"x", rates=[ANA], creation=LogCreation(rates=[logs]))
    with pytest.raises(LogUnavailable):
        await log.limited.append_alone(TEA, post)
    assert log.appends.came == (["1"] if seconds < 0.4 else [])


def test_tokens_are_taken_without_an_event_loop_too() -> None:
    log, logs = Log(shares=False), ANA._replace(key="logs")
    creation = LogCreation(rates=[logs])
    assert run(log.limited.append_alone(TEA, Post("1", b"x", rates=[ANA], creation=creation))).seq == 1
    assert run(log.limited.append_alone(TEA, Post("1", b"x", rates=[ANA]))).duplicate
    with pytest.raises(Limited, match="ana"):
        run(log.limited.append_alone(TEA, Post("2", b"x", rates=[ANA])))
    with pytest.raises(Limited, match="logs"):
        run(log.limited.append_alone(MILK, Post("3", b"x", creation=creation)))


async def test_those_who_ask_in_one_room_do_not_wait_one_after_the_other() -> None:
    """However slow Redis is. Here each has a bucket that is asked about each time."""
    log = Slow(0.2)
    begun = time.monotonic()
    many = [log.start(f"{n}", ANA._replace(key=f"{n}")) for n in range(50)]
    await asyncio.gather(*many)
    assert time.monotonic() - begun < 1.5
    assert log.appends.came == [f"{n}" for n in range(50)]
