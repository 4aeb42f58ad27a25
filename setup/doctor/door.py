"""The door: the address answers, is ready, has the right time, and lets in whom it should."""

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import httpx

from doctor.address import PATIENCE, is_loopback
from doctor.findings import Finding, look, ok, skipped, unknown, wrong
from doctor.visit import Visit

CLOCK = 5.0
"""Seconds that two clocks may differ: the Date header counts whole seconds, and the way takes some."""


async def reachable(visit: Visit) -> Finding:
    """GET / is answered with the page, or with the way to the sign-in page."""
    name, origin = "reachable", visit.address.origin
    begun = time.monotonic()
    try:
        async with visit.http() as http:
            answer = await http.get("/")
    except httpx.HTTPError as error:
        why, advice = unreachable(error)
        return wrong(name, f"{origin} {why}; expected the chat's page", advice)
    took = f"{(time.monotonic() - begun) * 1000:.0f} ms"
    if answer.status_code == 200 and "Tertulia" in answer.text:
        return ok(name, f"{origin} answers with the page in {took}")
    if answer.status_code == 303 and answer.headers.get("location", "").startswith("/sign-in"):
        return ok(name, f"{origin} answers with the way to sign in, in {took}")
    said = f"{origin} answers {answer.status_code}; expected the chat's page (200, or 303 to /sign-in)"
    if answer.is_redirect and (onward := answer.headers.get("location", "")):
        return wrong(name, f"{said}; it points to {onward}", "Give that address as URL, if it is the chat's.")
    if answer.status_code == 400 and "ALLOWED_HOSTS" in answer.text:
        return wrong(
            name,
            f"{said}; it does not answer to the name that reaches it",
            f"Set ALLOWED_HOSTS={visit.address.host}; or, with a proxy in front, let it pass"
            f" `Host: {origin.partition('://')[2]}`, and name it in TRUSTED_PROXIES.",
        )
    if answer.status_code in (502, 503, 504):
        return wrong(name, said, "No worker answers, or the proxy in front does not find nginx: `make logs`.")
    return wrong(name, said, "Something else may listen there: look at LISTEN in .env, or at the URL given.")


def unreachable(error: Exception) -> tuple[str, str]:
    """Why there was no answer, and what to do."""
    text = f"{error} {error.__cause__ or ''}"
    if isinstance(error, httpx.ConnectTimeout):
        return (
            f"does not take a connection within {PATIENCE:g} s",
            "A firewall drops it, or the machine is off: open the port, or look at LISTEN in .env.",
        )
    if isinstance(error, httpx.TimeoutException):
        return (
            f"takes the connection and gives no answer within {PATIENCE:g} s",
            "What listens there hangs: `make logs`, and the same of the proxy in front.",
        )
    if any(hint in text for hint in ("Name or service not known", "nodename", "getaddrinfo", "resolution")):
        return "has a name that is not found in DNS", "Look at the spelling, and at the name's DNS record."
    if isinstance(error, httpx.ConnectError) and "SSL" in text.upper():
        return (
            "does not speak TLS as expected",
            "Use http:// if there is no TLS there, or look at the proxy's TLS settings.",
        )
    if isinstance(error, httpx.ConnectError):
        return (
            "refuses the connection",
            "Nothing listens there: `make up` starts the chat; LISTEN in .env says at which address.",
        )
    return (
        f"breaks the connection off ({type(error).__name__})",
        "Look at the logs of what listens there: `make logs`, and of the proxy in front.",
    )


async def health(visit: Visit) -> Finding:
    """GET /health: the worker that answers reaches Redis and hears itself through it."""
    async with visit.http() as http:
        answer = await http.get("/health")
    try:
        detail = str(answer.json().get("detail", ""))
    except (ValueError, AttributeError):
        detail = ""
    return judge_health(answer.status_code, detail)


def judge_health(status: int, detail: str) -> Finding:
    """`detail`: what a worker says besides; empty if nothing."""
    if status == 200 and not detail:
        return ok("health", "/health: a worker reaches Redis and hears its own broadcast")
    if status == 200:
        return wrong(
            "health",
            f"/health answers 200, and says: {detail}",
            "Run the doctor on the hosts of Redis; each worker's log names the shards.",
        )
    return wrong(
        "health",
        f"/health answers {status}; expected 200. {detail}",
        "Look at Redis and at the workers' network: `docker compose ps`, `make logs`.",
    )


async def clock(visit: Visit) -> Finding:
    """The server's Date against the clock here."""
    async with visit.http() as http:
        begun = time.time()
        date = (await http.get("/health")).headers.get("date", "")
        ended = time.time()
    try:
        server = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return unknown("clock", "the answer has no Date that can be read", "Look at the proxy in front.")
    return judge_clock(server, begun, ended)


def judge_clock(server: float, begun: float, ended: float) -> Finding:
    """All in seconds since 1970: what the server said, and the clock here before and after it was asked."""
    ahead = server - ended if server > ended else min(0.0, server + 1 - begun)
    if abs(ahead) <= CLOCK:
        return ok("clock", f"the server's Date and the clock here agree within {CLOCK:g} s")
    return wrong(
        "clock",
        f"the server's Date is {duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the clock here;"
        f" expected at most {CLOCK:g} s",
        "Find out which is wrong (`timedatectl` on both), and turn on NTP there: certificates, cookies and"
        " the"
        " times beside messages depend on it. A cache in front that answers with old pages does it as well.",
    )


def duration(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


async def access(visit: Visit) -> Finding:
    """Whoever reaches it must be meant to come in: a code where others than this machine do."""
    async with visit.http() as http:
        needed = (await http.get("/")).status_code == 303
    return judge_access(needed, reached_by(visit))


def reached_by(visit: Visit) -> Sequence[str]:
    """The addresses at which others than this machine reach it, as far as they can be seen from here."""
    reached = [] if visit.address.loopback else [visit.address.host]
    if visit.stack:
        host, port = visit.stack.published
        reached += [] if is_loopback(host) else [f"{host}:{port}"]
    return reached


def judge_access(needed: bool, open_at: Sequence[str]) -> Finding:
    if needed:
        return ok("access code", "is asked of everybody who is new")
    if not open_at:
        return ok("access code", "none, and only this machine reaches the chat")
    return look(
        "access code",
        f"none, and the chat is open at {', '.join(open_at)}: whoever reaches it comes in",
        "Set ACCESS_CODE in .env and run `make up`, unless that is what you want.",
    )


async def plain_http(visit: Visit) -> Finding:
    """What is said must not be readable on its way."""
    if visit.address.tls:
        return await redirect(visit)
    if open_at := reached_by(visit):
        return look(
            "plain http",
            f"reached at {', '.join(open_at)} without TLS: messages, cookies and the access code can be read"
            " and changed on their way",
            "Put a proxy with TLS in front, and keep LISTEN on 127.0.0.1.",
        )
    return ok("plain http", "without TLS, and only this machine reaches it")


async def redirect(visit: Visit) -> Finding:
    """http:// of a host with TLS leads to https://, or nothing listens there."""
    name, host = "plain http", visit.address.host
    if visit.address.port != 443:
        return skipped(name, f"the address has port {visit.address.port}, to which no plain port belongs")
    try:
        async with visit.http() as http:
            answer = await http.get(f"http://{host}/")
    except httpx.HTTPError:
        return ok(name, f"nothing answers at http://{host}")
    if answer.is_redirect and answer.headers.get("location", "").startswith("https://"):
        return ok(name, f"http://{host} leads to https")
    return wrong(
        name,
        f"http://{host} answers {answer.status_code} without TLS; expected a redirect to https",
        "Let the proxy answer 308 with the https address there, and nothing else.",
    )
