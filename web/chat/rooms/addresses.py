"""The addresses of guarded rooms. Nobody can guess or compute one.

Each is made of 128 bits of a keyed digest (HMAC, RFC 2104). So the same people always have the same direct
room, and a client that asks twice for a room, under one id, gets one. The key lies where the rooms lie.
"""

import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256

from relay import Store

KEY = "key of room addresses"
"""What the store keeps the key under."""


class Addresses:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def private(self, maker: str, id: str | None) -> str:
        """Return the address of the room that a person makes under this id; without one, a new address.
        Raises LogUnavailable."""
        if id is None:
            return _address("p", secrets.token_bytes(16))
        return _address("p", await self._digest("private", maker, id))

    async def direct(self, people: Iterable[str]) -> str:
        """Return the address of the room of these people, given by their ids. Raises LogUnavailable."""
        return _address("d", await self._digest("direct", *sorted(people)))

    async def _digest(self, *words: str) -> bytes:
        # Asked each time: a Redis that lost its rooms lost the key too, and rooms are made rarely.
        key = await self._store.once(KEY, secrets.token_bytes(32))
        return hmac.new(key, " ".join(words).encode(), sha256).digest()[:16]


def _address(kind: str, bits: bytes) -> str:
    return f"{kind}-{b32encode(bits).decode().rstrip('=').lower()}"
