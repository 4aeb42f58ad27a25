"""The login cookie: signed, and a browser stays the same person by it.

The cookie holds who somebody is and the id of their session, which all tabs of a browser share; whoever can't
sign can't make one. The key is a setting, or drawn once and kept in the store, where all workers find it. The
access code is part of what is signed with: after it changes, nobody's cookie counts any more, and whoever has
one that counts has given the code. A moderator's cookie says so under their code, and says nothing more once
that has changed.
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

COOKIE = "tertulia"
TLS_COOKIE = "__Host-tertulia"
"""Its name over TLS: browsers take it over TLS only, and from the host itself (RFC 6265bis, 4.1.3.2). The
other name counts for nothing there: whoever is on the line of a plain request, or has a host of the same
domain, can plant a cookie of that name, and somebody would speak as whom they chose."""
LASTS = 365 * 86_400
"""Seconds that a cookie counts."""
AHEAD = 86_400
"""Seconds that a cookie may be from the future: the clock was set back since, or its worker's is ahead."""
SIGN_OUTS = 200, 86_400
"""How many cookies that were taken back at an address are marked within so many seconds. Cookies are free,
and a mark lasts as long as one."""
RENEWED = 5.0
"""Seconds after which the kept key is asked for again: it may be gone with its Redis."""


class Identities:
    def __init__(
        self, store: Store, secret_key: str | None, access_code: str | None, admin_code: str | None = None
    ) -> None:
        self._store = store
        self._admin_code = admin_code
        self._given = secret_key
        self._salt = "session " + (sha256(access_code.encode()).hexdigest() if access_code else "")
        self._key = secrets.token_bytes(32)
        self._agreed: float | None = None  # when the others' key was last the same; None: not known yet

    async def prepare(self) -> None:
        """Ask for the key, so that people are recognised when the store is away later."""
        with suppress(LogUnavailable):
            await self._serializer()

    async def give(self, connection: HTTPConnection, response: Response, identity: Identity) -> None:
        """Set the cookie. Raises LogUnavailable if there is no key yet."""
        content = {
            "id": identity.person.id,
            "name": identity.person.name,
            "session": identity.session,
            "earlier": identity.earlier,
        }
        if identity.moderator:
            content["moderator"] = await self._badge(identity.session)
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
        """Mark the cookie as ended: it counts no more, wherever a copy of it is. False if too many were
        marked at this address; a moderator's always is, since nobody makes those at will."""
        if not identity.moderator:
            quota = Quota(f"signed out at {address}", *SIGN_OUTS)
            if await self._store.take(quota) is not None:
                return False
        for session in identity.sessions:
            await self._store.mark(_ended(session), LASTS + AHEAD)
        return True

    def take_back(self, response: Response) -> None:
        """Have the browser delete its cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        response.delete_cookie(TLS_COOKIE, httponly=True, samesite="lax", secure=True)

    async def read(self, scope: Scope) -> Identity | None:
        """Return whose the request of this ASGI scope is; None if it has no cookie of ours that counts.
        Raises LogUnavailable if there is no key yet."""
        cookie = _cookie(scope)
        if cookie is None:
            return None
        try:
            content: dict[str, Any]
            content, signed_at = (await self._serializer()).loads(cookie, return_timestamp=True)
            earlier = tuple(content.get("earlier", ()))
            identity = Identity(Person(content["id"], content["name"]), content["session"], earlier=earlier)
        except (BadData, KeyError, TypeError):
            return None
        # Not by `max_age`, to which a cookie from the future has expired.
        if not timedelta(seconds=-AHEAD) <= datetime.now(UTC) - signed_at <= timedelta(seconds=LASTS):
            return None
        if self._admin_code is not None and "moderator" in content:
            badge = await self._badge(identity.session)
            if hmac.compare_digest(str(content["moderator"]).encode(), badge.encode()):
                identity = replace(identity, moderator=True)
        return None if await self.is_ended(identity) else identity

    async def is_ended(self, identity: Identity) -> bool:
        """Whether its cookie was taken back. One without a cookie never ends."""
        try:
            return await self._store.marked(_ended(identity.session))
        except LogUnavailable:
            return False  # people go on reading while the store is away; nothing can be said then

    async def _badge(self, session: str) -> str:
        """What only a session that was given the moderators' code has."""
        said = f"moderator {session} {self._admin_code}"
        return hmac.new(await self._agreed_key(), said.encode(), sha256).hexdigest()

    async def _serializer(self) -> URLSafeTimedSerializer:
        signer = {"key_derivation": "hmac", "digest_method": sha256}
        return URLSafeTimedSerializer(await self._agreed_key(), salt=self._salt, signer_kwargs=signer)

    async def _agreed_key(self) -> bytes:
        if self._given is not None:
            return self._given.encode()
        if self._agreed is None or monotonic() - self._agreed > RENEWED:
            try:
                # What we know already is what a store that was wiped is given back.
                self._key = await self._store.once("secret key", self._key)
            except LogUnavailable:
                if self._agreed is None:
                    raise
            self._agreed = monotonic()
        return self._key


def over_tls(scope: Scope) -> bool:
    """Whether a request came by https or wss, to us or to a proxy that is trusted."""
    return scope["scheme"] in ("https", "wss")


def _cookie(scope: Scope) -> str | None:
    # A browser sends the name for TLS over nothing else, so it counts also where a proxy did not say https.
    # Names are compared as they are: a parser that strips more than browsers do takes another cookie for it.
    sent = HTTPConnection(scope).headers.getlist("cookie")
    pairs = [part.strip(" \t").partition("=") for line in sent for part in line.split(";")]
    for wanted in (TLS_COOKIE,) if over_tls(scope) else (TLS_COOKIE, COOKIE):
        for name, _, value in pairs:
            if name == wanted:
                return value
    return None


def _ended(session: str) -> str:
    return f"ended session {session}"
