"""Hearing: what is said on one worker is heard on all.

Something is said, since nothing less shows that what is said is heard: one message a worker, in a room of the
doctor's own that nobody is shown who does not go there.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from doctor.findings import Finding, ok, wrong
from doctor.session import Failed, Session
from doctor.visit import Visit

ROOM = "doctor"


@dataclass
class Seat:
    """A session on one worker. `trouble`: why it can't talk; empty if it can."""

    worker: str
    session: Session
    trouble: str = ""


@dataclass
class Heard:
    """What came of one message on each worker: seconds until it was acknowledged and until all had heard"
    " it."""

    acknowledged: list[float]
    heard: list[float]
    silent: list[str]  # what was not heard, by whom and from whom


async def workers(visit: Visit) -> list[Finding]:
    """A session on each worker; what is said on any of them is heard on all."""
    running = visit.worker_count
    async with AsyncExitStack() as leaving:
        seats, trouble = await take_seats(visit, leaving, wanted=running or 2)
        findings = [judge_met([seat.worker for seat in seats], running, trouble)]
        if not seats:
            return findings
        await asyncio.gather(*(sit_down(seat) for seat in seats))
        findings.append(judge_heard(await talk(seats), [seat.worker for seat in seats]))
        await asyncio.gather(*(stand_up(seat) for seat in seats))
        return findings


async def take_seats(visit: Visit, leaving: AsyncExitStack, wanted: int) -> tuple[list[Seat], str]:
    """Open sessions until so many workers have one, or three times as many were opened: nginx deals them out
    in turn. Returns the seats, and what went wrong last."""
    seats: dict[str, Seat] = {}
    trouble = ""
    for _ in range(3 * wanted):
        session = Session(visit)
        try:
            await session.begin()
        except Failed as failed:
            trouble = str(failed)
        if session.route and session.route not in seats:
            leaving.push_async_callback(session.leave)
            seats[session.route] = Seat(visit.worker_named(session.route), session)
        else:
            await session.leave()
        if len(seats) == wanted:
            break
    return list(seats.values()), trouble


def judge_met(met: Sequence[str], running: int, trouble: str) -> Finding:
    """`running`: how many workers there are, 0 if that can't be seen."""
    name = "workers"
    if not met:
        return wrong(name, f"no session could be opened: {trouble}", "Look at `make logs`.")
    if len(met) < running:
        return wrong(
            name,
            f"new sessions came to {len(met)} of {running} running workers"
            + (f"; others: {trouble}" * bool(trouble)),
            "One hangs, or nginx does not find it: look at `docker compose ps`, and restart the one that"
            " is none"
            f" of {', '.join(met)}.",
        )
    if len(met) == 1:
        alone = "there is only one" if running else "all sessions came to the same one"
        return ok(name, f"{alone}, so that nothing has to pass between workers")
    if running:
        return ok(name, f"new sessions come to each of {len(met)} workers, all there are")
    return ok(name, f"new sessions come to {len(met)} different workers")


async def sit_down(seat: Seat) -> None:
    """Enter the chat and the room, on a WebSocket where that works."""
    try:
        with suppress(Failed):  # told by others; polling carries the same
            await seat.session.upgrade()
        await seat.session.enter()
        answer = await seat.session.ask("join", {"room": ROOM})
        if not answer.get("ok"):
            seat.trouble = f"the room {ROOM} is refused ({answer.get('error')}): {answer.get('detail')}"
    except Failed as failed:
        seat.trouble = str(failed)


async def stand_up(seat: Seat) -> None:
    """Leave the room, so that nobody is remembered to be in it."""
    if not seat.trouble:
        with suppress(Failed):
            await seat.session.ask("leave", {"room": ROOM})


async def talk(seats: Sequence[Seat]) -> Heard:
    """One message from each, one after the other, so that each has its time to itself."""
    result = Heard([], [], [f"{seat.worker} cannot talk: {seat.trouble}" for seat in seats if seat.trouble])
    sitting = [seat for seat in seats if not seat.trouble]
    for speaker in sitting:
        text = f"Is this heard on every worker? {secrets.token_hex(4)}"
        begun = time.monotonic()
        hearing = asyncio.gather(
            *(seat.session.hear(text) for seat in sitting if seat is not speaker), return_exceptions=True
        )
        try:
            answer = await speaker.session.ask("message", text, {"room": ROOM})
        except Failed as failed:
            answer = {"detail": str(failed)}
        result.acknowledged.append(time.monotonic() - begun)
        if not answer.get("ok"):
            hearing.cancel()
            result.silent.append(f"what is said on {speaker.worker} is refused: {answer.get('detail')}")
            continue
        outcomes = await hearing
        result.heard.append(time.monotonic() - begun)
        listeners = [seat.worker for seat in sitting if seat is not speaker]
        result.silent += [
            f"{deaf} does not hear {speaker.worker}"
            for deaf, came in zip(listeners, outcomes, strict=True)
            if came
        ]
    return result


def judge_heard(result: Heard, met: Sequence[str]) -> Finding:
    name = "heard by all"
    if result.silent:
        return wrong(
            name,
            f"{'; '.join(result.silent)}; expected that all hear all",
            "The worker and Redis do not reach each other: `docker compose ps`, `make logs`; then restart"
            " the one"
            " that is named: `docker restart …`.",
        )
    acknowledged = f"acknowledged within {max(result.acknowledged) * 1000:.0f} ms"
    if len(met) == 1:
        return ok(
            name, f"one message in the room “{ROOM}”, {acknowledged}; there is no second worker to hear it"
        )
    heard = f"heard on every other within {max(result.heard) * 1000:.0f} ms"
    return ok(
        name, f"a message from each of {len(met)} workers in the room “{ROOM}”, {acknowledged}, {heard}"
    )
