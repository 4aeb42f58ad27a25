"""The identity: the signed cookie by which a browser stays the same person.

The cookie holds who somebody is and the id of their session, which all tabs of a browser share; whoever can't
sign can't make one. The key is a setting, or drawn once and kept in the store, where all workers find it. The
access code is part of what is signed with: after it changes, nobody's cookie counts any more, and whoever has
one that counts has given the code. A moderator's cookie says so under their code, and says nothing more once
that has changed.
"""

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from relay import LogUnavailable, Place, Store
from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import Response

from chat.people import Person
from chat.refusals import Refused

COOKIE = "tertulia"
LASTS = 365 * 86_400
"""Seconds that a cookie counts."""
AHEAD = 86_400
"""Seconds that a cookie may be from the future: the clock was set back since, or its worker's is ahead."""
SIGN_OUTS = 2000, 86_400
"""How many may sign out from an address, until nobody has for so many seconds."""
RENEWED = 5.0
"""Seconds after which the kept key is asked for again: it may be gone with its Redis."""


@dataclass(frozen=True)
class Identity:
    """A person, and the session of the browser they use; only its holder knows its id."""

    person: Person
    session: str
    lasting: bool = True  # False: of one connection, which has no cookie
    moderator: bool = False

    @classmethod
    def of(cls, person: Person, lasting: bool = True) -> "Identity":
        """Return the identity of a person in a new session."""
        return cls(person, secrets.token_urlsafe(12), lasting)

    def named(self, name: str) -> "Identity":
        """Return the same one under another name."""
        return replace(self, person=replace(self.person, name=name))

    def promoted(self) -> "Identity":
        """Return the same one as a moderator."""
        return replace(self, moderator=True)


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
        content = {"id": identity.person.id, "name": identity.person.name, "session": identity.session}
        if identity.moderator:
            content["moderator"] = await self._badge(identity.session)
        response.set_cookie(
            COOKIE,
            (await self._serializer()).dumps(content),
            max_age=LASTS,
            httponly=True,
            samesite="lax",
            secure=connection.url.scheme in ("https", "wss"),
        )

    async def end(self, response: Response, identity: Identity, address: str) -> None:
        """Take the cookie back: it counts no more, wherever a copy of it is. Raises Refused when too
        many were taken back from this address: cookies are free, and each one's mark lasts as long as it."""
        people = Place(f"sign-outs from {address}", *SIGN_OUTS)
        if await self._store.add(identity.session, people) is not None:
            raise Refused(
                "rate_limited",
                f"More than {people.most} people signed out at your address within a day. Delete this site's"
                " cookies in your browser instead.",
                people.seconds,
            )
        await self._store.mark(_ended(identity), LASTS + AHEAD)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")

    async def read(self, cookies: str | None) -> Identity | None:
        """Return whose the request with this Cookie header is; None if it has no cookie of ours that counts.
        Raises LogUnavailable if there is no key yet."""
        cookie = cookie_parser(cookies or "").get(COOKIE)
        if cookie is None:
            return None
        try:
            content: dict[str, Any]
            content, signed_at = (await self._serializer()).loads(cookie, return_timestamp=True)
            identity = Identity(Person(content["id"], content["name"]), content["session"])
        except (BadData, KeyError, TypeError):
            return None
        # Not by `max_age`, to which a cookie from the future has expired.
        if not timedelta(seconds=-AHEAD) <= datetime.now(UTC) - signed_at <= timedelta(seconds=LASTS):
            return None
        if self._admin_code is not None and "moderator" in content:
            badge = await self._badge(identity.session)
            if hmac.compare_digest(str(content["moderator"]).encode(), badge.encode()):
                identity = identity.promoted()
        return None if await self.is_ended(identity) else identity

    async def is_ended(self, identity: Identity) -> bool:
        """Whether its cookie was taken back. One without a cookie never ends."""
        try:
            return await self._store.marked(_ended(identity))
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


def _ended(identity: Identity) -> str:
    return f"ended session {identity.session}"
