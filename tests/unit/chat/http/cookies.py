"""Cookies that tests sign themselves, with the key of a chat."""

import asyncio
import time
from hashlib import sha256
from typing import Any

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

KEY = "k" * 32
DAY = 86_400


def _serializer() -> URLSafeTimedSerializer:
    signer = {"key_derivation": "hmac", "digest_method": sha256}
    return URLSafeTimedSerializer(KEY.encode(), salt="session ", signer_kwargs=signer)


def as_of_0_1_0(**content: Any) -> str:
    """A cookie as that release signed it."""
    return str(_serializer().dumps(content))


def signed_before(days: float, monkeypatch: pytest.MonkeyPatch, **content: Any) -> str:
    """A cookie that was signed so many days ago."""
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(time.time() - days * DAY))
        return as_of_0_1_0(**content)


async def next_second() -> None:
    """Wait until a cookie that is signed now is later than all before: they are signed to the second."""
    began = int(time.time())
    while int(time.time()) == began:
        await asyncio.sleep(0.02)


def content_of(cookie: str) -> dict[str, Any]:
    content: dict[str, Any] = _serializer().loads(cookie)
    return content
