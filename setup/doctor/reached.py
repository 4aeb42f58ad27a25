"""Reached as: what the chat says of the origin that it was reached as, beside the one that browsers see, and
which part a proxy in front keeps from it."""

import re

from relay import Origin

SAID = re.compile(r"not an accepted origin; this server was reached as ([^\s\"]+)")
TRUSTED = (
    "and name it in TRUSTED_PROXIES (`host` if it runs on this machine), or what it says is not believed"
)


def reached_as(refusal: str) -> Origin | None:
    """What the chat took for its own origin when it refused a page's; None if it says nothing of it."""
    found = SAID.search(refusal)
    try:
        return Origin.parse(found[1]) if found else None
    except ValueError:
        return None


def compare(refusal: str, origin: str) -> tuple[str, str]:
    """What the chat takes wrongly, and what to do; for the page at `origin`, which it refused."""
    seen, told = Origin.parse(origin), reached_as(refusal)
    host = origin.partition("://")[2]
    pass_host = f"Let the proxy in front pass `Host: {host}` (or set X-Forwarded-Host: {host})"
    if told is None:
        return "", f"{pass_host} and X-Forwarded-Proto: {seen.scheme}, {TRUSTED}."
    wrong, advice = f"; the chat takes {told} for its own address", []
    if told.scheme != seen.scheme:
        advice.append(f"Let the proxy in front set X-Forwarded-Proto: {seen.scheme}, {TRUSTED}.")
    if told.host != seen.host:
        advice.append(f"{pass_host}, {TRUSTED}.")
    elif told.port != seen.port and (told.scheme == seen.scheme or ":" in host):
        advice.append(f"{pass_host}, with the port that browsers see: in nginx, $http_host.")
    return wrong, " ".join(advice)
