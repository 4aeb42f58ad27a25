"""The provider, as it is asked: where to sign in, who somebody is, and whether it signed a token."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chat.oidc import tokens
from chat.oidc.away import ProviderAway
from chat.oidc.bounded import Bounded
from chat.oidc.cached import Cached
from chat.oidc.metadata import Metadata
from chat.oidc.tokens import Audience, Logout, NotVerified, UnknownKey

SCOPES = "openid", "profile", "email"
GROUPS = "groups"
"""The scope of the groups, where a provider has one of this name. Others give them without."""
KEYS_AGAIN = 60.0
"""Seconds within which the keys are not fetched again because a token names one that is not known."""
DISCOVERY = "/.well-known/openid-configuration"

T = TypeVar("T")


class Arrival(NamedTuple):
    """Somebody whom the provider has signed in: what it says of them, and the ID token itself."""

    claims: dict[str, Any]
    id_token: str

    @property
    def session(self) -> str:
        """The id of their session there; empty if it names none."""
        said = self.claims.get("sid")
        return said if isinstance(said, str) and len(said) <= tokens.MAX_CHARS else ""


class Provider:
    def __init__(self, issuer: str, client_id: str, secret: str | None, *, groups: bool) -> None:
        """`secret`: the client's, None if it has none; `groups`: whether to ask for people's groups."""
        self.issuer = issuer
        self._audience = Audience(issuer, client_id)
        self._secret = secret
        self._groups = groups
        self._metadata = Cached(self._fetch_metadata)
        self._keys = Cached(self._fetch_keys)
        self._way: Bounded | None = None

    async def sign_in_at(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return the address at the provider where somebody signs in. `verifier`: of PKCE. Raises
        ProviderAway."""
        metadata = await self._metadata.get()
        client = self._client(metadata, redirect)
        address, _ = client.create_authorization_url(
            metadata.authorization, state=state, nonce=nonce, code_verifier=verifier
        )
        return str(address)

    async def sign_out_at(self, id_token: str, back: str) -> str | None:
        """Return the address at the provider where somebody signs out there; None if it has none. `id_token`:
        theirs, or empty; `back`: where they go then. Raises ProviderAway."""
        metadata = await self._metadata.get()
        if not metadata.end_session:
            return None
        params = {"client_id": self._audience.client_id, "post_logout_redirect_uri": back}
        if id_token:
            params["id_token_hint"] = id_token
        return str(add_params_to_uri(metadata.end_session, list(params.items())))

    async def check_issuer(self, said: str | None) -> None:
        """Raise NotVerified if an answer says that it is another provider's, or does not say whose it is
        though it should (RFC 9207). Raises ProviderAway."""
        metadata = await self._metadata.get()
        if said is None and not metadata.names_itself:
            return
        if said != self.issuer:
            raise NotVerified("the answer is another provider's")

    async def arrival(self, redirect: str, code: str, verifier: str, nonce: str) -> Arrival:
        """Return who has signed in, by the code that they came back with. Raises NotVerified, and
        ProviderAway."""
        metadata = await self._metadata.get()
        client = self._client(metadata, redirect)
        try:
            given = await client.fetch_token(
                metadata.token, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuthError as error:
            raise NotVerified(f"the code was not accepted: {error.error}") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderAway(repr(error)) from None
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(access_token, str):
            raise NotVerified("there is no access token")
        claims = await self._verified(
            lambda keys: tokens.read_id_token(
                id_token, keys, metadata.algorithms, self._audience, nonce, access_token
            )
        )
        if metadata.userinfo:
            headers = {"Authorization": f"Bearer {access_token}"}
            info = await self._get(metadata.userinfo, headers)
            if info.get("sub") != claims["sub"]:
                raise NotVerified("the user info is somebody else's")
            claims = info | claims
        return Arrival(claims, id_token)

    async def logout(self, token: str) -> Logout:
        """Return who has signed out, by a logout token. Raises NotVerified, and ProviderAway."""
        metadata = await self._metadata.get()
        return await self._verified(
            lambda keys: tokens.read_logout_token(token, keys, metadata.algorithms, self._audience)
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._way is not None:
            await self._way.aclose()

    async def _verified(self, read: Callable[[KeySet], T]) -> T:
        """What `read` makes of a token; once more if it names a key that is new."""
        try:
            return read(await self._keys.get())
        except UnknownKey:
            return read(await self._keys.get(KEYS_AGAIN))

    def _client(self, metadata: Metadata, redirect: str) -> AsyncOAuth2Client:
        # Among the fields of a form it is clear how a secret is encoded, and in a header providers differ.
        kept_secret = "client_secret_post" if metadata.post else "client_secret_basic"
        scopes = [*SCOPES, *([GROUPS] if self._groups and GROUPS in metadata.scopes else [])]
        return AsyncOAuth2Client(
            self._audience.client_id,
            self._secret,
            token_endpoint_auth_method="none" if self._secret is None else kept_secret,
            code_challenge_method="S256",
            scope=" ".join(scopes),
            redirect_uri=redirect,
            transport=self._transport(),
        )

    async def _fetch_metadata(self) -> Metadata:
        return Metadata.read(self.issuer, await self._get(self.issuer.rstrip("/") + DISCOVERY))

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        found = await self._get(metadata.keys)
        try:
            return KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderAway(f"its keys can't be read: {error!r}") from None

    async def _get(self, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The JSON object at an address."""
        client = httpx2.AsyncClient(transport=self._transport())
        try:
            answer = await client.get(address, headers=headers)
            answer.raise_for_status()
            found = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ProviderAway(f"{address}: {error!r}") from None
        if not isinstance(found, dict):
            raise ProviderAway(f"{address} is no JSON object")
        return found

    def _transport(self) -> Bounded:
        """The way to it, made when it is first used: that reads all the certificates that are trusted."""
        if self._way is None:
            self._way = Bounded()
        return self._way
