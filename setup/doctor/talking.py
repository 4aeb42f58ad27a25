"""Talking: a session comes in, stays with its worker, and moves to a WebSocket."""

from doctor.findings import Finding, ok, unknown, wrong
from doctor.reached import compare, reached_as
from doctor.session import Failed, Refused, Session
from doctor.visit import Visit

ROUNDS = 6
"""Questions asked by polling. Each takes two requests: with two workers and no stickiness, one visit in 8,192
sees nothing of it."""

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
            return judge_refusal(refused, bool(visit.code))
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
            "the chat asks for an access code, and none is known here that it may be told",
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


async def websockets(visit: Visit) -> list[Finding]:
    """A WebSocket from the start, and what browsers do: begin by polling, then move the session to one."""
    opened, moved = await open_websocket(visit), await move_to_websocket(visit)
    open_finding = judge_open(str(opened or ""))
    if opened and reached_as(opened.refusal):
        taken, advice = compare(opened.refusal, visit.address.origin)
        open_finding = wrong("WebSocket", f"none opens for the chat's own page: {opened}{taken}", advice)
    return [open_finding, judge_move(moved, told=bool(opened))]


async def open_websocket(visit: Visit) -> Failed | None:
    """What went wrong; None if nothing did."""
    try:
        async with Session(visit) as session:
            await session.begin_on_websocket()
            await session.enter()
            await session.ask("rooms")
    except Failed as failed:
        return failed
    return None


async def move_to_websocket(visit: Visit) -> str:
    """What went wrong; empty if nothing did."""
    try:
        async with Session(visit) as session:
            await session.begin()
            await session.upgrade()
            await session.enter()
            await session.ask("rooms")
    except Failed as failed:
        return str(failed)
    return ""


def judge_open(trouble: str) -> Finding:
    if not trouble:
        return ok("WebSocket", "opened, and it carries questions and answers")
    return wrong(
        "WebSocket",
        f"none opens: {trouble}. Everybody stays on polling, which costs several times as much",
        "Let the proxy in front speak HTTP/1.1 to nginx and pass the headers Upgrade and Connection: in"
        " nginx,"
        " proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection"
        ' "upgrade".',
    )


def judge_move(trouble: str, told: bool) -> Finding:
    """`told`: whether it is known already that no WebSocket opens at all."""
    if not trouble:
        return ok("upgrade", "a session by polling moved to a WebSocket, as browsers do")
    return wrong(
        "upgrade",
        f"a session's move from polling to a WebSocket: {trouble}. Browsers stay on polling without a word",
        "The same as for the WebSocket." if told else f"The upgrade reached another worker. {STICKY_ADVICE}",
    )
