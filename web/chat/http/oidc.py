"""Signing in by OpenID Connect: by the authorization code flow, with PKCE.

`GET /oidc[?next=…]` leads to the provider, and sets a cookie that binds the attempt to the browser. In a
browser that is somebody's already it asks before, and its form is `POST /oidc` (`next`, and `instead`, the id
of the person who is replaced). The provider leads back to `GET /oidc/callback`, which sets the login cookie
and redirects to `next`. Signing out is in oidc_logout.py.
"""

import logging
import secrets
from contextlib import suppress
from hashlib import sha256
from urllib.parse import quote

from relay import LogUnavailable, Quota, Relay
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of, quotas_of
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.http.login_cookie import Logins
from chat.http.oidc_attempt import LASTS, Attempt, Attempts
from chat.http.pages import RETRY_AFTER, Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form, safe_next
from chat.oidc.arrivals import Arrivals
from chat.oidc.away import ProviderAway
from chat.oidc.provider import Arrival, Provider
from chat.oidc.sessions import ProviderSessions
from chat.oidc.tokens import NotVerified

logger = logging.getLogger(__name__)

WITHIN = 600
FAILED = 20
BY_NETWORK = {56: 40, 48: 200}
"""Sign-ins that fail at the provider within so many seconds: from one address, and from the networks of IPv6
with such a prefix around it. Each is a request to the provider."""
NOT_SIGNED_IN = ("access_denied", "login_required", "consent_required", "interaction_required")
"""What the provider answers where the person did not sign in. All else it says is its own trouble."""


class OidcPages:
    def __init__(
        self,
        relay: Relay,
        logins: Logins,
        provider: Provider,
        name: str,
        arrivals: Arrivals,
        sessions: ProviderSessions,
        pages: Pages,
    ) -> None:
        """`name`: what the provider is called."""
        self._relay = relay
        self._logins = logins
        self._provider = provider
        self._name = name
        self._arrivals = arrivals
        self._sessions = sessions
        self._pages = pages
        self._attempts = Attempts(logins)
        self.routes = [
            Route("/oidc", self.begin, methods=["GET"]),
            Route("/oidc", self.go_on, methods=["POST"]),
            Route("/oidc/callback", self.come_back, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        onward = safe_next(request.query_params.get("next"))
        return await retried(lambda: self._begin(request, onward))

    async def _begin(self, request: Request, onward: str) -> Response:
        if (here := await self._logins.read(request.scope)) is not None:
            return self._pages.form(request, "oidc_instead.html", {"person": here.person, "next": onward})
        attempt = Attempt.new(onward, "")
        try:
            there = await self._sign_in_at(request, attempt)
        except ProviderAway as error:
            return self._away(request, onward, error)
        response = RedirectResponse(there, 303, {"Cache-Control": "no-store"})
        await self._attempts.give(request, response, attempt)
        return response

    async def go_on(self, request: Request) -> Response:
        check_origin(request)
        fields = await read_form(request)
        onward = safe_next(fields.get("next"))
        try:
            return await retried(lambda: self._go_on(request, onward, fields.get("instead", "")))
        except LogUnavailable:
            context = {"action": request.url.path, "fields": fields}
            return self._pages.form(request, "again.html", context, unavailable=True)

    async def _go_on(self, request: Request, onward: str, instead: str) -> Response:
        here = await self._logins.read(request.scope)
        if here is None or here.person.id != instead:
            return _anew(onward)
        attempt = Attempt.new(onward, instead)
        try:
            there = await self._sign_in_at(request, attempt)
        except ProviderAway as error:
            return self._away(request, onward, error)
        # Not a redirect: a form of this page may lead to this site only, and so may what it redirects to
        # (form-action of its policy). The page goes on by itself.
        response = self._pages.form(request, "oidc_onward.html", {"there": there})
        await self._attempts.give(request, response, attempt)
        return response

    async def come_back(self, request: Request) -> Response:
        attempt = await retried(lambda: self._attempts.read(request))
        state = request.query_params.get("state", "")
        if attempt is None or not secrets.compare_digest(attempt.state.encode(), state.encode()):
            return self._problem(request, 400, "oidc_foreign", "/")
        response = await self._come_back(request, attempt)
        self._attempts.take_back(response)
        return response

    async def _come_back(self, request: Request, attempt: Attempt) -> Response:
        said = request.query_params
        try:
            await self._provider.check_issuer(said.get("iss"))
            if "error" in said:
                return self._not_signed_in(request, attempt, said["error"])
            code = said.get("code", "")
            if not (code.isascii() and code.isprintable() and code):  # RFC 6749, A.11
                raise NotVerified("there is neither a code nor an error")
            here = await retried(lambda: self._logins.read(request.scope))
            if here is not None and here.person.id != attempt.instead:  # since then, in another tab
                return _anew(attempt.onward)
            arrival = await retried(lambda: self._counted(request, attempt, code))
            login = secrets.token_urlsafe(12)
            return await retried(lambda: self._come_in(request, attempt, arrival, login))
        except ProviderAway as error:
            return self._away(request, attempt.onward, error)
        except NotVerified as error:
            logger.warning("Not signed in by the provider: %s", error)
            return self._problem(request, 403, "oidc_refused", attempt.onward)
        except Refused as refusal:
            logger.info("Sign-in refused", extra={"about": {"reason": refusal.values.get("reason", "")}})
            return self._pages.refusal(request, refusal)

    async def _counted(self, request: Request, attempt: Attempt, code: str) -> Arrival:
        """Ask the provider who has signed in: once for an attempt, and not too often for an address that
        fails."""
        counted = quotas_of("oidc", address_of(request.client), FAILED, BY_NETWORK, WITHIN)
        if spent := await self._relay.store.take(*counted):
            detail = "Too many sign-ins failed at your address. Try again later."
            raise Refused("rate_limited", detail, spent.seconds, reason="failed_sign_ins")
        digest = sha256(attempt.state.encode()).hexdigest()
        if await self._relay.store.take(Quota(f"oidc {digest}", 1, LASTS)):
            raise NotVerified("the browser came back twice")
        redirect = self._redirect(request)
        arrival = await self._provider.arrival(redirect, code, attempt.verifier, attempt.nonce)
        with suppress(LogUnavailable):  # the code is spent, and one too many counts for ten minutes
            await self._relay.store.give_back(*counted)
        return arrival

    async def _come_in(self, request: Request, attempt: Attempt, arrival: Arrival, login: str) -> Response:
        address = address_of(request.client)
        before = await self._logins.read(request.scope)
        person = await self._arrivals.admit(arrival.claims, address)
        await self._sessions.keep(person.id, login, arrival.session, arrival.id_token)
        response = RedirectResponse(attempt.onward, 303, {"Cache-Control": "no-store"})
        await self._logins.give(request, response, Identity(person, login))
        logger.info("Came in by the provider", extra={"about": {"person": person.id}})
        if before is not None:
            await self._logins.end(before, address)
            for each in before.logins:
                await self._relay.disconnect_group(each)
        return response

    async def _sign_in_at(self, request: Request, attempt: Attempt) -> str:
        return await self._provider.sign_in_at(
            self._redirect(request), attempt.state, attempt.nonce, attempt.verifier
        )

    def _redirect(self, request: Request) -> str:
        return f"{request.base_url}oidc/callback"

    def _not_signed_in(self, request: Request, attempt: Attempt, error: str) -> Response:
        logger.info("The provider signed nobody in", extra={"about": {"error": error[:40]}})
        if error in NOT_SIGNED_IN:
            return self._problem(request, 403, "oidc_denied", attempt.onward)
        return self._away(request, attempt.onward, ProviderAway(f"it answered {error[:40]!r}"))

    def _away(self, request: Request, onward: str, error: ProviderAway) -> Response:
        logger.warning("The provider can't be asked: %s", error)
        return self._problem(request, 503, "oidc_away", onward)

    def _problem(self, request: Request, status: int, name: str, onward: str) -> Response:
        """The page that says what is wrong, with a way to begin again."""
        context = {"problem": name, "values": {"provider": self._name}, "again": _address(onward)}
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(RETRY_AFTER)} if status == 503 else {})
        return self._pages.render(request, "problem.html", context, status, headers)


def _address(onward: str) -> str:
    return f"/oidc?next={quote(onward)}"


def _anew(onward: str) -> Response:
    return RedirectResponse(_address(onward), 303, {"Cache-Control": "no-store"})
