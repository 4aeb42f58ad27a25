"""The provider's tokens: whether it signed them, for this chat, and now."""

from collections.abc import Collection
from time import time
from typing import Any, NamedTuple

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""The algorithms by which a token may be signed. One with a shared secret is none of them: a token that is
signed with a public key as if that were a secret would count."""
LEEWAY = 60
"""Seconds by which the provider's clock and this one may differ."""
LOGOUT_LASTS = 300
"""Seconds after which a logout token that was not seen before counts no more."""
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
"""The event that a logout token tells of."""
MAX_CHARS = 255
"""Characters of a subject, and here also of the ids of a session and of a token."""


class NotVerified(Exception):
    """A token does not count. The text says why, for the log."""


class UnknownKey(NotVerified):
    """It names a key that is not among those that are known."""


class Audience(NamedTuple):
    """Whose tokens count, and for whom they are."""

    issuer: str
    client_id: str


class Logout(NamedTuple):
    """Who has signed out at the provider. `subject`, `session`: one of them may be empty. `id`: of the
    token."""

    subject: str
    session: str
    id: str


def read_id_token(
    text: Any,
    keys: KeySet,
    algorithms: Collection[str],
    audience: Audience,
    nonce: str,
    access_token: str,
) -> dict[str, Any]:
    """Return the claims of an ID token. Raises NotVerified."""
    token = _decoded(text, keys, algorithms)
    claims = _checked(token, audience, {"nonce": nonce, "access_token": access_token})
    subject = claims["sub"]
    if not 0 < len(subject) <= MAX_CHARS:
        raise NotVerified("the subject is empty or too long")
    return claims


def read_logout_token(text: Any, keys: KeySet, algorithms: Collection[str], audience: Audience) -> Logout:
    """Return who has signed out, by a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Whether it
    was seen before is not known here. Raises NotVerified."""
    token = _decoded(text, keys, algorithms)
    kind = str(token.header.get("typ", "JWT")).lower()
    if kind not in ("jwt", "logout+jwt"):
        raise NotVerified(f"it is a token of the type {kind!r}")
    claims = token.claims
    subject, session, id = (claims.get(name, "") for name in ("sub", "sid", "jti"))
    if not all(isinstance(each, str) and len(each) <= MAX_CHARS for each in (subject, session, id)):
        raise NotVerified("an id in it is no text, or too long")
    # A logout token may be about a session alone, and Authlib's class wants a subject.
    _checked(jwt.Token(token.header, {"sub": "-", **claims}), audience, {})
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise NotVerified("it does not tell of a logout")
    if "nonce" in claims:
        raise NotVerified("it has a nonce, so it is an ID token")
    if not id or not (subject or session):
        raise NotVerified("it has no id, or says neither who nor which session")
    if claims["iat"] < time() - LOGOUT_LASTS:
        raise NotVerified("it is old")
    return Logout(subject, session, id)


def _decoded(text: Any, keys: KeySet, algorithms: Collection[str]) -> jwt.Token:
    if not isinstance(text, str) or not text.isascii():
        raise NotVerified("there is no token")
    registry = JWSRegistry(
        algorithms=[each for each in algorithms if each in ASYMMETRIC], strict_check_header=False
    )
    try:
        return jwt.decode(text, keys, registry=registry)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVerified(repr(error)) from None


def _checked(token: jwt.Token, audience: Audience, expected: dict[str, str]) -> dict[str, Any]:
    options = {
        "iss": {"essential": True, "value": audience.issuer},
        "aud": {"essential": True, "value": audience.client_id},
    }
    params = {name: value for name, value in expected.items() if value} | {"client_id": audience.client_id}
    claims = CodeIDToken(token.claims, token.header, options, params)
    try:
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVerified(repr(error)) from None
    return dict(claims)
