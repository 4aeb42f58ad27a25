"""Browsers: what they are told about the page's rights, and what other sites' pages may not do."""

import re
from collections.abc import Mapping

import httpx
from chat.http.headers import SECURITY_HEADERS, headers_of

from doctor.findings import Finding, look, ok, skipped, wrong
from doctor.reached import compare
from doctor.visit import Visit

PATHS = ("/", "/health", "/socket.io/socket.io.min.js")
STRANGER = "https://stranger.invalid"
HANDSHAKE = "/sio/socket.io/?EIO=4&transport=polling"


async def headers(visit: Visit) -> Finding:
    """Every kind of answer carries the security headers as they were set."""
    async with visit.http() as http:
        for path in PATHS:
            answer = await http.get(path)
            expected = headers_of(path, answer.headers.get("content-type", ""))
            got = {name: answer.headers.get_list(name) for name in expected}
            if problem := judge_headers(got, expected):
                return wrong(
                    "security headers",
                    f"{path}: {problem}",
                    "Let the proxy in front pass the headers of nginx as they are, and set none of these"
                    " itself.",
                )
    return ok(
        "security headers", f"all {len(SECURITY_HEADERS)} as set, the content security policy among them"
    )


def judge_headers(got: Mapping[str, list[str]], expected: Mapping[str, str] = SECURITY_HEADERS) -> str:
    """What is wrong with the first header that is, in words; empty if all are right."""
    for name, value in expected.items():
        values = got.get(name, [])
        if not values:
            return f"{name} is missing; expected {value!r}"
        if different := [each for each in values if each != value]:
            return f"{name} is {different[0]!r}; expected {value!r}"
    return ""


async def hsts(visit: Visit) -> list[Finding]:
    """Over TLS, the browser is told never to come without it."""
    if not visit.address.tls:
        return []
    async with visit.http() as http:
        value = (await http.get("/")).headers.get("strict-transport-security", "")
    seconds = re.search(r"max-age=\"?(\d+)", value)
    if seconds and int(seconds[1]) >= 86_400:
        return [ok("hsts", f"browsers stay on https for {int(seconds[1]) // 86_400} days")]
    return [
        look(
            "hsts",
            f"Strict-Transport-Security is {value or 'missing'}; expected a max-age of a day or more",
            "Let what ends TLS add it, as in: Strict-Transport-Security: max-age=31536000",
        )
    ]


async def cookie(visit: Visit) -> Finding:
    """The cookie of a session is hidden from scripts and other sites, and over TLS kept to TLS."""
    async with visit.http() as http:
        given = (await http.get("/")).headers.get_list("set-cookie")
    ours = [each for each in given if each.startswith(("tertulia=", "__Host-tertulia="))]
    if not ours:
        return skipped("cookie", "none is given before signing in")
    return judge_cookie(ours[0].split(";")[1:], visit.address.tls)


def judge_cookie(attributes: list[str], tls: bool) -> Finding:
    has = {each.strip().lower() for each in attributes}
    wanted = {"httponly": "HttpOnly", "samesite=lax": "SameSite=lax"} | ({"secure": "Secure"} if tls else {})
    if missing := [name for key, name in wanted.items() if key not in has]:
        return wrong(
            "cookie",
            f"the cookie of a session lacks {', '.join(missing)}",
            "Let the proxy in front pass cookies as they are and set X-Forwarded-Proto to the scheme that"
            " the browser used; and name the proxy in TRUSTED_PROXIES (`host` if it runs on this machine), or"
            " what it says is not believed.",
        )
    return ok("cookie", "has " + ", ".join(wanted.values()))


async def origins(visit: Visit) -> Finding:
    """The chat's own page may open a session, another site's may not."""
    async with visit.http() as http:
        own = await http.get(HANDSHAKE, headers={"Origin": visit.address.origin})
        strange = await http.get(HANDSHAKE, headers={"Origin": STRANGER})
        for opened in (own, strange):
            await say_goodbye(http, opened)
    return judge_origins(own.status_code, strange.status_code, visit.address.origin, own.text)


async def say_goodbye(http: httpx.AsyncClient, opened: httpx.Response) -> None:
    """End the session that a handshake may have opened, rather than let it wait for its end."""
    if sid := re.search(r'"sid":"([\w-]+)"', opened.text):
        await http.post(f"{HANDSHAKE}&sid={sid[1]}", content="1")


def judge_origins(own: int, strange: int, origin: str, refusal: str = "") -> Finding:
    """The statuses of a handshake from the chat's own page and from another site's. `refusal`: what was said
    to the first."""
    if own != 200:
        taken, advice = compare(refusal, origin)
        return wrong(
            "origins",
            f"a session from the chat's own page is answered {own}; expected 200. Browsers get no"
            f" connection{taken}",
            advice,
        )
    if strange == 200:
        return wrong(
            "origins",
            "a session from another site's page is let in (200); expected 400",
            "Let the proxy in front pass the Origin header as it is.",
        )
    return ok("origins", "the chat's own page may connect, another site's may not")


async def metrics(visit: Visit) -> Finding:
    """The numbers of the inside are nobody's business outside."""
    async with visit.http() as http:
        status = (await http.get("/metrics")).status_code
    if status == 200:
        return wrong(
            "metrics",
            "/metrics is answered to the outside; expected 404",
            "Let the proxy in front pass requests to nginx, never to a worker.",
        )
    return ok("metrics", f"/metrics is closed to the outside ({status})")
