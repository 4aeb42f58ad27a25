"""The access code: what everybody has to know once, and how often they may guess.

Attempts are counted before the code is looked at, so that many at once are not more; one that was right is
given back. A limit by address is none to whoever has many, hence also one for all together: while that is
reached nobody new comes in, and whoever is in stays.
"""

import hmac
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from relay import Store

from chat.refusals import Refused

WITHIN = 600
"""Seconds for which attempts count."""
BY_ADDRESS = 10
IN_ALL = 200
"""Wrong attempts within that time, from one address and from all."""


@dataclass(frozen=True)
class Words:
    """What is said about a code, and under what its attempts are counted."""

    attempts: str = "attempts"
    needed: str = "This chat needs an access code."
    wrong: str = "This is not the access code."


class Access:
    def __init__(self, store: Store, code: str | None, words: Words | None = None) -> None:
        """`code`: None lets everybody in."""
        self._store = store
        self._code = code
        self._words = words or Words()

    @property
    def needs_code(self) -> bool:
        return self._code is not None

    async def check(self, code: Any, address: str) -> None:
        """Return if the code is right, or none is needed. Raises Refused, and LogUnavailable if attempts
        can't be counted."""
        if self._code is None:
            return
        if not isinstance(code, str) or not code.strip():
            raise Refused("code_needed", self._words.needed)
        attempts = self._words.attempts
        counters = {f"{attempts} from {address}": BY_ADDRESS, attempts: IN_ALL}
        counts = {key: await self._store.count(key, 1, WITHIN) for key in counters}
        if waits := [counts[key].seconds for key, most in counters.items() if counts[key].value > most]:
            wait = max(waits)
            raise Refused("rate_limited", f"Too many wrong codes. Try again in {_minutes(wait)}.", wait)
        if not hmac.compare_digest(_digest(code), _digest(self._code)):
            raise Refused("wrong_code", self._words.wrong)
        for key in counters:
            await self._store.count(key, -1, WITHIN)


def _digest(code: str) -> bytes:
    """Of one length, whatever the code's; spaces around it and the way an accent was typed don't matter."""
    return sha256(unicodedata.normalize("NFC", code.strip()).encode(errors="surrogatepass")).digest()


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"
