"""An attempt to sign in at the provider: what a browser keeps of it until it comes back.

It is in a cookie of its own, signed, for ten minutes. A browser has one: a second attempt takes the place of
the first. All that goes over the wire is made of one secret, and none of it tells another.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from itsdangerous import BadData
from starlette.requests import Request
from starlette.responses import Response

from chat.http.login_cookie import HOST, Logins, cookie_of, over_tls

COOKIE = "tertulia-oidc"
LASTS = 600
"""Seconds within which somebody has to come back."""


@dataclass(frozen=True)
class Attempt:
    """`onward`: where they go when they are in; `instead`: the id of the person whom the page said is
    replaced in this browser, or empty."""

    secret: str
    onward: str
    instead: str

    @classmethod
    def new(cls, onward: str, instead: str) -> "Attempt":
        return cls(secrets.token_urlsafe(32), onward, instead)

    @property
    def state(self) -> str:
        """What the provider sends back as it is."""
        return self._word("state")

    @property
    def nonce(self) -> str:
        """What the ID token has to have."""
        return self._word("nonce")

    @property
    def verifier(self) -> str:
        """That of PKCE (RFC 7636, 4.1): 43 characters."""
        return self._word("verifier")

    def _word(self, what: str) -> str:
        digest = hmac.new(self.secret.encode(), what.encode(), sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Attempts:
    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    async def give(self, request: Request, response: Response, attempt: Attempt) -> None:
        """Set the cookie. Raises LogUnavailable if there is no key yet."""
        signer = await self._logins.signer(COOKIE)
        tls = over_tls(request.scope)
        response.set_cookie(
            HOST + COOKIE if tls else COOKIE,
            str(signer.dumps([attempt.secret, attempt.onward, attempt.instead])),
            max_age=LASTS,
            httponly=True,
            samesite="lax",  # the provider's redirect is a visit of this site
            secure=tls,
        )

    async def read(self, request: Request) -> Attempt | None:
        """Return the attempt of this browser; None if it has none, or too long ago. Raises LogUnavailable if
        there is no key yet."""
        cookie = cookie_of(request.scope, COOKIE)
        if cookie is None:
            return None
        try:
            secret, onward, instead = (await self._logins.signer(COOKIE)).loads(cookie, max_age=LASTS)
        except (BadData, ValueError, TypeError):
            return None
        return Attempt(secret, onward, instead)

    def take_back(self, response: Response) -> None:
        """Have the browser delete the cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        response.delete_cookie(HOST + COOKIE, httponly=True, samesite="lax", secure=True)
