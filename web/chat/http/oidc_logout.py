"""Signing out, here and at the provider, whichever is first.

Whoever signs out here is led to the provider, to sign out there too (RP-Initiated Logout 1.0). Where somebody
signs out there, or is signed out, the provider says so by `POST /oidc/logout` (`logout_token`; Back-Channel
Logout 1.0). No browser sends that: there is no cookie, and the token alone says that it is right.
"""

import logging
from contextlib import suppress
from hashlib import sha256

from relay import LogUnavailable, Relay
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of, quotas_of
from chat.domain.identity import Identity
from chat.http.pages import RETRY_AFTER, Pages
from chat.http.retries import retried
from chat.http.sign_in import read_form
from chat.oidc.arrivals import Arrivals
from chat.oidc.away import ProviderAway
from chat.oidc.provider import Provider
from chat.oidc.sessions import ProviderSessions
from chat.oidc.tokens import LEEWAY, LOGOUT_LASTS, Logout, NotVerified

logger = logging.getLogger(__name__)

WITHIN = 600
WRONG = 60
BY_NETWORK = {56: 120, 48: 600}
"""Logout tokens that do not count, within so many seconds: from one address, and from the networks of IPv6
with such a prefix around it. They are counted before a signature is checked."""


class OidcLogout:
    def __init__(
        self, relay: Relay, provider: Provider, arrivals: Arrivals, sessions: ProviderSessions, pages: Pages
    ) -> None:
        self._store = relay.store
        self._provider = provider
        self._arrivals = arrivals
        self._sessions = sessions
        self._pages = pages
        self.routes = [Route("/oidc/logout", self.told, methods=["POST"])]

    async def leave(self, request: Request, identity: Identity) -> Response | None:
        """Return the page that leads to the provider, for somebody who signs out here; None if their login
        was not made by it, or it can't be asked. Raises LogUnavailable."""
        session = await self._sessions.of(identity.person.id, *identity.logins)
        if session is None:
            return None
        try:
            there = await self._provider.sign_out_at(session.token, f"{request.base_url}sign-in")
        except ProviderAway as error:
            logger.warning("Signed out here alone: %s", error)
            return None
        if there is None:
            return None
        return self._pages.form(request, "oidc_leaving.html", {"there": there})

    async def told(self, request: Request) -> Response:
        """The provider says that somebody has signed out."""
        try:
            fields = await read_form(request)
            return await retried(lambda: self._told(request, fields.get("logout_token", "")))
        except (HTTPException, NotVerified) as error:
            logger.warning("A logout token was not accepted: %s", error)
            return _refused(400, "invalid_request", "The logout token is not accepted.")
        except (ProviderAway, LogUnavailable) as error:
            logger.warning("A logout token could not be checked: %s", error)
            return _refused(503, "temporarily_unavailable", "Send it again in a moment.", RETRY_AFTER)

    async def _told(self, request: Request, token: str) -> Response:
        counted = quotas_of("logout tokens", address_of(request.client), WRONG, BY_NETWORK, WITHIN)
        if spent := await self._store.take(*counted):
            return _refused(429, "rate_limited", "Too many tokens were not accepted.", spent.seconds)
        logout = await self._provider.logout(token)
        seen = f"logout token {sha256(logout.id.encode()).hexdigest()}"
        if await self._store.marked(seen):
            raise NotVerified("it was seen before")
        await self._end(logout)
        await self._store.mark(seen, LOGOUT_LASTS + 2 * LEEWAY)
        with suppress(LogUnavailable):  # it is done, and one too many counts for ten minutes
            await self._store.give_back(*counted)
        return Response(status_code=200, headers={"Cache-Control": "no-store"})

    async def _end(self, logout: Logout) -> None:
        if logout.subject:
            person = self._arrivals.person(logout.subject)
        else:
            person = await self._sessions.person(logout.session)
        if not person:  # nobody who is here
            return
        await self._sessions.end(person, logout.session)
        logger.info("Signed out by the provider", extra={"about": {"person": person}})


def _refused(status: int, error: str, detail: str, seconds: int | None = None) -> Response:
    headers = {"Cache-Control": "no-store"} | ({} if seconds is None else {"Retry-After": str(seconds)})
    return JSONResponse({"error": error, "error_description": detail}, status, headers)
