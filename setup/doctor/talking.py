"""Talking: sessions stay with their worker, move to a WebSocket, and hear each other from worker to worker.

Something is said, since nothing less shows that what is said is heard: one message a worker, in a room of the
doctor's own that nobody is shown who does not go there.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from doctor.findings import Finding, ok, unknown, wrong
from doctor.session import Failed, Refused, Session
from doctor.visit import Visit

ROOM = "doctor"
ROUNDS = 6
"""Questions asked by polling. Each takes two requests: with two workers and no stickiness, one visit in 8,192
sees nothing of it."""

UPGRADE_ADVICE = (
    "Let the proxy in front speak HTTP/1.1 to nginx and pass the headers Upgrade and Connection: in nginx,"
    ' proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade".'
)
STICKY_ADVICE = (
    "Let every request through to the one nginx of the chat with its query string as it is: nginx finds"
    " the worker"
    " by `sid`, and a proxy that picks workers by itself does not."
)


async def enter(visit: Visit) -> Finding | None:
    """Whether we are let in; None if we are. Everything else here waits for it."""
    async with Session(visit) as session:
        try:
            await session.begin()
            await session.enter()
        except Refused as refused:
            return judge_refusal(refused, visit.code is not None)
        except Failed as failed:
            if failed.status == 400:
                return None  # what is misrouted is told by the next
            return wrong(
                "sessions",
                f"a session cannot be opened by polling: {failed}",
                "Let the proxy in front pass /sio/ to nginx, unbuffered: `make logs` shows what arrived.",
            )
    return None


def judge_refusal(refused: Refused, had_code: bool) -> Finding:
    if refused.code in ("wrong_code", "code_needed") and had_code:
        return unknown(
            "sessions",
            "the access code that was given is not this chat's",
            "Look at ACCESS_CODE, here and there.",
        )
    if refused.code in ("wrong_code", "code_needed"):
        return unknown(
            "sessions",
            "the chat asks for an access code, and none is known here",
            "Run it as ACCESS_CODE=… make doctor URL=…",
        )
    if refused.code == "unavailable":
        return wrong("sessions", f"nobody can come in: {refused}", "Look at Redis: `make logs`.")
    return unknown(
        "sessions", f"the chat lets the doctor in no more: {refused}", "Try again in some minutes."
    )


async def polling(visit: Visit) -> Finding:
    """A session by polling, each request over a connection of its own, stays with its worker."""
    name = "sticky polling"
    done = 0
    try:
        async with Session(visit) as session:
            await session.begin()
            await session.enter()
            for _ in range(ROUNDS):
                await session.ask("rooms")
                done += 1
    except Failed as failed:
        if failed.status == 400:
            return wrong(
                name,
                f"a request of a session was answered 400 after {done} good rounds: it reached a worker"
                " that does"
                " not know the session. People who poll are thrown out again and again",
                STICKY_ADVICE,
            )
        return wrong(
            name, f"a session by polling broke: {failed}", "Look at `make logs`, and at the proxy in front."
        )
    return ok(name, f"{2 * ROUNDS} requests over new connections all reached the session's worker")


async def websocket(visit: Visit) -> Finding:
    """A WebSocket from the start."""
    try:
        async with Session(visit) as session:
            await session.begin_on_websocket()
            await session.enter()
            await session.ask("rooms")
    except Failed as failed:
        return wrong(
            "WebSocket",
            f"GET {'wss' if visit.address.tls else 'ws'}://… is {failed}. Everybody stays on polling,"
            " which costs"
            " several times as much",
            UPGRADE_ADVICE,
        )
    return ok("WebSocket", "opened, and it carries questions and answers")


async def upgrade(visit: Visit) -> Finding:
    """What browsers do: begin by polling, then move the session to a WebSocket."""
    name = "upgrade"
    try:
        async with Session(visit) as session:
            await session.begin()
            await session.upgrade()
            await session.enter()
            await session.ask("rooms")
    except Failed as failed:
        if failed.status == 400:
            return wrong(
                name,
                f"a session's move from polling to a WebSocket is {failed}: the upgrade does not arrive,"
                " or arrives"
                " at another worker. Browsers stay on polling without a word",
                UPGRADE_ADVICE + " " + STICKY_ADVICE,
            )
        return wrong(name, f"a session cannot move from polling to a WebSocket: {failed}", UPGRADE_ADVICE)
    return ok(name, "a session by polling moved to a WebSocket, as browsers do")


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
    running = len(visit.workers)
    async with AsyncExitStack() as leaving:
        seats, trouble = await take_seats(visit, leaving, wanted=running or 2)
        findings = [judge_met([seat.worker for seat in seats], running, trouble)]
        if not seats:
            return findings
        await asyncio.gather(*(sit_down(seat) for seat in seats))
        return [*findings, judge_heard(await talk(seats), [seat.worker for seat in seats])]


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
    return ok(name, f"new sessions came to {len(met)} workers" + ", which is all of them" * bool(running))


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
