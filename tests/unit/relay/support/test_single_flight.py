"""One answer for all who ask the same at once, none of them older than its question."""

import asyncio
import gc

from relay.support.single_flight import SingleFlight


class Clock:
    """Answers with how often it was asked, when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return number


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_asks_together_is_answered_together() -> None:
    flight, clock = SingleFlight[int](), Clock()
    clock.may_answer.set()
    answers = await asyncio.gather(*(flight.get("time", clock.ask) for _ in range(100)))
    assert answers == [1] * 100


async def test_who_asks_while_it_is_being_asked_gets_the_next_answer() -> None:
    """What was asked before may not know what happened since."""
    flight, clock = SingleFlight[int](), Clock()
    first = asyncio.create_task(flight.get("time", clock.ask))
    await turns()
    later = [asyncio.create_task(flight.get("time", clock.ask)) for _ in range(100)]
    await turns()
    assert clock.asked == 1
    clock.may_answer.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2] * 100
    assert await flight.get("time", clock.ask) == 3


async def test_other_questions_do_not_wait() -> None:
    flight, slow, quick = SingleFlight[int](), Clock(), Clock()
    waiting = asyncio.create_task(flight.get("slow", slow.ask))
    await turns()
    quick.may_answer.set()
    assert await flight.get("quick", quick.ask) == 1
    slow.may_answer.set()
    await waiting


async def test_who_waits_no_longer_ends_nobody_elses_wait() -> None:
    flight, clock = SingleFlight[int](), Clock()
    impatient, patient = (asyncio.create_task(flight.get("time", clock.ask)) for _ in range(2))
    await turns()
    impatient.cancel()
    await turns()
    clock.may_answer.set()
    assert await patient == 1
    assert impatient.cancelled()


async def test_a_failure_is_everybodys_and_the_next_is_asked_again() -> None:
    flight, asked = SingleFlight[int](), 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise LookupError("away")
        return asked

    answers = await asyncio.gather(*(flight.get("time", ask) for _ in range(3)), return_exceptions=True)
    assert [repr(answer) for answer in answers] == ["LookupError('away')"] * 3
    assert await flight.get("time", ask) == 2


async def test_a_read_that_fails_after_its_caller_gave_up_is_nobodys_trouble() -> None:
    """asyncio would say that its exception was never retrieved."""
    flight, may_fail = SingleFlight[int](), asyncio.Event()

    async def fails() -> int:
        await may_fail.wait()
        raise OSError("too late")

    said: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    caller = asyncio.create_task(flight.get("time", fails))
    await turns()
    caller.cancel()
    await turns()
    may_fail.set()
    await turns()
    gc.collect()
    assert said == []
