"""A provider of OpenID Connect inside the tests, which can be made to answer wrongly; and people who sign in
at it."""

import asyncio
import base64
import itertools
import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from aiohttp import web
from aiohttp.typedefs import Handler
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.unit.chat.http.linked import Browser
from tests.unit.wire import Chat

CLIENT, SECRET = "tertulia-tests", "the-client's-secret"
LOGOUT_EVENT: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
_addresses = itertools.count()
Key = RSAKey | ECKey | OctKey
Alter = Callable[[dict[str, Any]], None]


def nothing(token: dict[str, Any]) -> None:
    """Leaves a token as it is."""


class Provider:
    """An async context manager. What is public may be changed by a test."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Make it answer rightly, and forget who came."""
        self.keys: list[Key] = [RSA, EC]
        self.key: Key = RSA
        self.algorithm = "RS256"
        self.metadata: dict[str, Any] = {}
        """What the discovery document has besides, or otherwise."""
        self.alter: Alter = nothing
        """Changes the claims of an ID token before it is signed."""
        self.sign: Callable[[dict[str, Any]], str] | None = None
        """Signs by itself, where the library of the tests would not."""
        self.info: dict[str, Any] | None = None
        """What the user info says, if it is not what the ID token says."""
        self.asked: list[str] = []
        """The paths that were asked for."""
        self.fails: set[str] = set()
        """Paths that are answered with 500."""
        self.large: set[str] = set()
        """Paths that are answered rightly, with a megabyte besides."""
        self.hangs = False
        """Whether nothing is answered."""
        self._codes: dict[str, dict[str, Any]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._note])
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/info", self._info)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.issuer = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def settings(self, **besides: Any) -> dict[str, Any]:
        """Those of a chat in which people come in by it."""
        return {
            "oidc_issuer": self.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_name": "Example",
            **besides,
        }

    def signs_in(self, address: str, subject: str, **claims: Any) -> str:
        """Somebody whom the chat sent to this address signs in there; returns where they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?"), address
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked | {"claims": {"sub": subject, **claims}}
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}&iss={self.issuer}"

    def logout_token(self, *, typ: str = "logout+jwt", **claims: Any) -> str:
        """That somebody has signed out here. None leaves a claim out."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(8),
            "events": LOGOUT_EVENT,
            **claims,
        }
        return self._signed({name: value for name, value in said.items() if value is not None}, typ)

    def _signed(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        if self.sign is not None:
            return self.sign(claims)
        header = {"alg": self.algorithm, "typ": typ}
        if self.key.kid is not None:
            header["kid"] = self.key.kid
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    async def _discovery(self, request: web.Request) -> web.Response:
        return await self._answer(
            request,
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/info",
                "end_session_endpoint": f"{self.issuer}/leave",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "scopes_supported": ["openid", "profile", "email", "groups"],
                **self.metadata,
            },
        )

    async def _keys(self, request: web.Request) -> web.Response:
        return await self._answer(request, {"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form.get("code")), None)
        if asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        digest = sha256(str(form["code_verifier"]).encode()).digest()
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert asked["redirect_uri"] == form["redirect_uri"]
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        assert posted or request.headers["Authorization"] == basic
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **asked["claims"],
        }
        access = secrets.token_urlsafe(8)
        self._tokens[access] = asked["claims"]
        self.alter(claims)
        answer = {"access_token": access, "token_type": "Bearer", "id_token": self._signed(claims)}
        return await self._answer(request, answer)

    async def _info(self, request: web.Request) -> web.Response:
        of = self._tokens[request.headers["Authorization"].removeprefix("Bearer ")]
        return await self._answer(request, of if self.info is None else self.info)

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request.path)
        return await handler(request)

    async def _answer(self, request: web.Request, content: dict[str, Any]) -> web.Response:
        if request.path in self.fails:
            return web.Response(status=500)
        while self.hangs:
            await asyncio.sleep(0.05)
        if request.path in self.large:
            content = content | {"much": "x" * 2**20}
        return web.json_response(content)


class Newcomer(Browser):
    """Somebody with a browser in which nobody is, who has an account at the provider."""

    def __init__(self, chat: Chat, provider: Provider) -> None:
        super().__init__(chat)
        self.provider = provider
        # Each at an address of their own, so that who fails keeps no other test waiting.
        self.http.headers["X-Forwarded-For"] = f"198.51.100.{next(_addresses) % 250}"

    async def sets_out(self, path: str = "/oidc") -> str:
        """Press the button; returns where the provider is."""
        answer = await self.http.get(path)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def comes(self, subject: str, **claims: Any) -> httpx.Response:
        """The whole way; returns the last answer."""
        return await self.http.get(self.provider.signs_in(await self.sets_out(), subject, **claims))

    async def comes_in(self, subject: str, **claims: Any) -> None:
        """The same, and has a page open then."""
        answer = await self.comes(subject, **claims)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/"), answer.text
        await self.is_kept()

    async def comes_again(self, subject: str, **claims: Any) -> None:
        """In the same browser, after signing out; with the page open once more."""
        await self.http.post("/sign-out")
        await self.comes_in(subject, **claims)

    async def id(self) -> str:
        return str((await self.who())["id"])


Newcomers = Callable[..., Newcomer]
"""Makes one, in the test's chat or another."""
