"""The access code: a secret that everybody has to give once, and the limits for guessing it.

An attempt is counted before the code is compared, so that attempts at the same time are all counted. A right
one is given back, and a refused one is not counted anywhere. Each address has a limit, and so has each IPv6
network that one customer may hold.

An attacker with many addresses is slowed by a limit for all together. It must not keep out people who know
the code. So after `IN_ALL` wrong codes an address may still try `WARY` times, and one that gave the right
code lately as often as before. Only `FLOOD` wrong codes in a minute make new addresses wait for the rest of
that minute; that takes 200 other addresses each minute. So at most 576,000 codes are tried in a day: 14,000
years for eight random letters and digits.
"""

import hmac
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from relay import LogUnavailable, Quota, Recent, Store

from chat.domain.address import quotas_of
from chat.domain.refusals import Refused

WITHIN = 600
"""Seconds for which attempts count."""
BY_ADDRESS = 10
BY_NETWORK = {56: 20, 48: 100}
IN_ALL = 200
"""Wrong attempts within that time: from one address, from the networks of IPv6 with such a prefix around it
(a customer has a /56 or a /48, see RIPE-690), and from all."""
WARY = 2
"""Wrong attempts of one address within that time, while those of all are used up."""
FLOOD = 400, 60
"""Wrong attempts of all, and within how many seconds, while those of `IN_ALL` are used up."""
KNOWN = 10_000, 30 * 86_400
"""Of how many addresses is remembered that the right code came from there, and for how many seconds."""


@dataclass(frozen=True)
class Words:
    """What is said about a code, and under what its attempts are counted."""

    attempts: str = "attempts"
    needed: Callable[[], Refused] = lambda: Refused("code_needed", "This chat needs an access code.")
    wrong: Callable[[], Refused] = lambda: Refused("wrong_code", "This is not the access code.")


class AccessCode:
    def __init__(self, store: Store, code: str | None, words: Words | None = None) -> None:
        """`code`: None lets everybody in."""
        self._store = store
        self._code = code
        self._words = words or Words()
        self._known = Recent(f"known by {self._words.attempts}", *KNOWN)

    @property
    def needs_code(self) -> bool:
        return self._code is not None

    async def check(self, code: Any, address: str) -> None:
        """Return if the code is right, or none is needed. Raises Refused, and LogUnavailable if attempts
        can't be counted."""
        if self._code is None:
            return
        if not isinstance(code, str) or not code.strip():
            raise self._words.needed()
        counted = await self._count(address)
        if not hmac.compare_digest(_digest(code), _digest(self._code)):
            raise self._words.wrong()
        with suppress(LogUnavailable):  # the code is right, and one attempt too many counts for ten minutes
            await self._store.give_back(*counted)
            await self._store.remember((address, self._known))

    async def _count(self, address: str) -> tuple[Quota, ...]:
        """Count an attempt, and return where. Raises Refused."""
        attempts = self._words.attempts
        own, *networks = quotas_of(attempts, address, BY_ADDRESS, BY_NETWORK, WITHIN)
        in_all = Quota(attempts, IN_ALL, WITHIN)
        counted = (own, *networks, in_all)
        spent = await self._store.take(*counted)
        if spent and spent.quota != own:  # by others
            if await self._store.is_recent(address, self._known):
                counted = (own,)
                spent = await self._store.take(own)
            elif spent.quota == in_all:
                counted = (own._replace(most=WARY), *networks, Quota(f"{attempts} at once", *FLOOD))
                spent = await self._store.take(*counted)
        if spent:
            detail = f"Too many wrong codes. Try again in {_minutes(spent.seconds)}."
            raise Refused("rate_limited", detail, spent.seconds, reason="wrong_codes")
        return counted


def _digest(code: str) -> bytes:
    """Of one length, whatever the code's; spaces around it and the way an accent was typed don't matter."""
    return sha256(unicodedata.normalize("NFC", code.strip()).encode(errors="surrogatepass")).digest()


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"
