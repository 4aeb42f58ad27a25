"""The login cookie, by which a browser stays the same person.

The cookie holds the person and the id of the login, which all tabs of the browser share. It is signed. The
key is a setting, or is made once and kept in the store, where all workers find it. The access code is part of
the key: when it changes, no cookie counts any more, and every cookie that counts belongs to somebody who gave
the code. A moderator's cookie has a proof that was made with the moderators' code: when that code changes, it
is no moderator's any more.

Which logins count is said in chat/people/logins.py.
"""

import hmac
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from relay import LogUnavailable, Quota, Store
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.people.logins import AHEAD, LASTS, KeptLogins, Standing

COOKIE = "tertulia"
HOST = "__Host-"
TLS_COOKIE = HOST + COOKIE
"""The cookie's name over TLS: browsers accept it over TLS only, and from the host itself (RFC 6265bis,
4.1.3.2). The other name does not count there: an attacker on the line of a plain request, or on another host
of the domain, can plant a cookie of that name, and somebody would then speak as a person of their choice."""
SIGN_OUTS = 200, 86_400
"""Cookies that are marked as ended at one address, and within how many seconds. Anybody can get any number
of cookies, and a mark is kept for as long as a cookie lasts."""
RENEWED = 5.0
"""Seconds after which the key in the store is read again: Redis may have lost it."""


class Logins:
    def __init__(
        self,
        store: Store,
        kept: KeptLogins,
        secret_key: str | None,
        access_code: str | None,
        admin_code: str | None = None,
    ) -> None:
        self._store = store
        self._kept = kept
        self._admin_code = admin_code
        self._renewed = timedelta(days=kept.days) / 2  # so that whoever comes now and then stays the same
        self._given = secret_key
        self._code = sha256(access_code.encode()).hexdigest() if access_code else ""
        self._key = secrets.token_bytes(32)
        self._agreed: float | None = None  # when the others' key was last the same; None: not known yet

    async def prepare(self) -> None:
        """Read the key, so that people are recognised while the store can't be reached later."""
        with suppress(LogUnavailable):
            await self._serializer()

    async def give(self, connection: HTTPConnection, response: Response, identity: Identity) -> None:
        """Set the cookie. Raises LogUnavailable if there is no key yet."""
        content: dict[str, Any] = {
            "id": identity.person.id,
            "name": identity.person.name,
            "session": identity.login,  # not "login": cookies of earlier releases count
            "earlier": identity.earlier,
        }
        if identity.kept:
            content["kept"] = 1
        if identity.badge:
            content["moderator"] = await self._moderator_proof(identity.login)
        tls = over_tls(connection.scope)
        response.set_cookie(
            TLS_COOKIE if tls else COOKIE,
            (await self._serializer()).dumps(content),
            max_age=LASTS,
            httponly=True,
            samesite="lax",
            secure=tls,
        )

    async def end(self, identity: Identity, address: str) -> bool:
        """End the login: mark it, so that no copy of its cookie counts, and keep it no more. False if too
        many were marked at this address. A moderator's is always marked: nobody can get any number of
        those."""
        quota = Quota(f"signed out at {address}", *SIGN_OUTS)
        marks = identity.moderator or await self._store.take(quota) is None
        if marks:
            await self._kept.mark(*identity.logins)
        await self._kept.forget(identity.person.id, *identity.logins)
        return marks

    def take_back(self, response: Response) -> None:
        """Have the browser delete its cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        response.delete_cookie(TLS_COOKIE, httponly=True, samesite="lax", secure=True)

    async def read(self, scope: Scope) -> Identity | None:
        """Return whose cookie the request of this ASGI scope has; None if it has none that counts. Raises
        LogUnavailable if there is no key yet."""
        identity, _ = await self.look(scope)
        return identity

    async def look(self, scope: Scope) -> tuple[Identity | None, Standing]:
        """Return the same as `read`, and what the server keeps of the login."""
        identity = await self.signed(scope)
        if identity is None:
            return None, Standing(counts=False)
        standing = await self._kept.standing(identity)
        if not standing.counts:
            return None, standing
        kept = standing.login is not None
        if standing.record is not None:
            identity = replace(identity, role=standing.record.role)
        if not standing.known:
            identity = replace(identity, renew=False)
        elif kept != identity.kept:
            identity = replace(identity, kept=kept, renew=identity.renew or kept)
        return identity, standing

    async def signed(self, scope: Scope) -> Identity | None:
        """Return the same as `read`, also of a login that has ended."""
        cookie = cookie_of(scope, COOKIE)
        if cookie is None:
            return None
        try:
            content: dict[str, Any]
            content, signed_at = (await self._serializer()).loads(cookie, return_timestamp=True)
            earlier = tuple(content.get("earlier", ()))
            identity = Identity(
                Person(content["id"], content["name"]),
                content["session"],
                earlier=earlier,
                signed=int(signed_at.timestamp()),
                kept="kept" in content,
                renew=datetime.now(UTC) - signed_at > self._renewed,
            )
        except (BadData, KeyError, TypeError):
            return None
        # Not by `max_age`, to which a cookie from the future has expired.
        if not timedelta(seconds=-AHEAD) <= datetime.now(UTC) - signed_at <= timedelta(seconds=LASTS):
            return None
        if self._admin_code is not None and "moderator" in content:
            proof = await self._moderator_proof(identity.login)
            if hmac.compare_digest(str(content["moderator"]).encode(), proof.encode()):
                identity = replace(identity, badge=True)
        return identity

    async def is_ended(self, identity: Identity) -> bool:
        """Whether the login was ended by hand. An identity without a cookie has no mark, so it never was."""
        try:
            return await self._kept.marked(identity.login)
        except LogUnavailable:
            return False  # people go on reading while the store can't be reached; nothing can be written then

    async def era(self) -> str:
        """Return what stands for the key and the access code by which cookies count now: 8 characters, which
        are others as soon as one of these is another. Raises LogUnavailable if there is no key yet."""
        return (await self._proof(f"era session {self._code}"))[:8]

    async def _moderator_proof(self, login: str) -> str:
        """Return the proof that a login gave the moderators' code."""
        return await self._proof(f"moderator {login} {self._admin_code}")

    async def _proof(self, text: str) -> str:
        return hmac.new(await self._agreed_key(), text.encode(), sha256).hexdigest()

    async def signer(self, purpose: str) -> URLSafeTimedSerializer:
        """Return what signs and checks for one purpose; what was signed for another does not count. Raises
        LogUnavailable if there is no key yet."""
        signer = {"key_derivation": "hmac", "digest_method": sha256}
        salt = f"{purpose} {self._code}"
        return URLSafeTimedSerializer(await self._agreed_key(), salt=salt, signer_kwargs=signer)

    async def _serializer(self) -> URLSafeTimedSerializer:
        return await self.signer("session")

    async def _agreed_key(self) -> bytes:
        if self._given is not None:
            return self._given.encode()
        if self._agreed is None or monotonic() - self._agreed > RENEWED:
            try:
                # A store that was wiped is given the known key again.
                self._key = await self._store.once("secret key", self._key)
            except LogUnavailable:
                if self._agreed is None:
                    raise
            self._agreed = monotonic()
        return self._key


def over_tls(scope: Scope) -> bool:
    """Whether a request came by https or wss, to us or to a proxy that is trusted."""
    return scope["scheme"] in ("https", "wss")


def cookie_of(scope: Scope, name: str) -> str | None:
    """Return the cookie of this name, or over TLS of the name that begins with `__Host-`; None if there is
    none."""
    # A browser sends the name for TLS over TLS only, so it counts also where a proxy did not say https.
    # Names are compared as they are: a parser that strips more than browsers do would accept another cookie.
    sent: list[str] = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    pairs = [part.strip(" \t").partition("=") for line in sent for part in line.split(";")]
    for wanted in (HOST + name,) if over_tls(scope) else (HOST + name, name):
        for found, _, value in pairs:
            if found == wanted:
                return value
    return None
