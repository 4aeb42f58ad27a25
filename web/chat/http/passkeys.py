"""Passkeys over HTTP: one is added on `/you`, and brings somebody back on `/sign-in`.

The pages' script posts forms and is answered in JSON: `{"error", "detail"}` with a sentence in the browser's
language, or what follows.

`POST /you/passkeys/challenge` answers with what `navigator.credentials.create` takes, and `POST
/you/passkeys` (`passkey`: what that returns, in JSON) keeps the passkey: 201. `POST /passkey/challenge`
answers with what `navigator.credentials.get` takes. `POST /passkey` (`passkey`: what that returns; `code`;
`next`; `instead`: the id of the person as whom the page was shown, who is replaced) sets the cookie:
`{"next"}`. The access code is needed only where it has changed since it was given.

`POST /you/passkeys/<digest>` is a form of the page, and ends a passkey.
"""

import logging
import secrets
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from relay import LogUnavailable, Relay
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.http import relying_party
from chat.http.challenges import Challenges
from chat.http.login_cookie import Logins
from chat.http.pages import RETRY_AFTER, STATUS, Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin, read_form, safe_next
from chat.people import ceremony
from chat.people.challenge import Purpose, Used
from chat.people.devices import Device, user_agent
from chat.people.passkey import Passkey, now
from chat.people.passkeys import Passkeys, not_kept

logger = logging.getLogger(__name__)

Fields = dict[str, str]
Do = Callable[[Request, Fields], Awaitable[Response]]


class PasskeyPages:
    def __init__(
        self, relay: Relay, logins: Logins, entrance: Entrance, passkeys: Passkeys, pages: Pages
    ) -> None:
        self._relay = relay
        self._logins = logins
        self._entrance = entrance
        self._passkeys = passkeys
        self._pages = pages
        self._challenges = Challenges(logins)
        self.routes = [
            Route("/you/passkeys/challenge", partial(self.answer, self._ask_to_make), methods=["POST"]),
            Route("/you/passkeys", partial(self.answer, self._add), methods=["POST"]),
            Route("/you/passkeys/{digest}", self.end, methods=["POST"]),
            Route("/passkey/challenge", partial(self.answer, self._ask_to_show), methods=["POST"]),
            Route("/passkey", partial(self.answer, self._come_back), methods=["POST"]),
        ]

    async def answer(self, do: Do, request: Request) -> Response:
        """Return what `do` answers to the page's script."""
        check_origin(request)
        fields = await read_form(request)
        words = self._pages.said(request)
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
        try:
            response = await do(request, fields)
        except Refused as refusal:
            logger.info("Passkey refused", extra={"about": {"reason": refusal.values.get("reason")}})
            said = {"error": refusal.error, "detail": words.refusal(refusal)}
            if refusal.retry_after:
                headers["Retry-After"] = str(refusal.retry_after)
            return JSONResponse(said, STATUS.get(refusal.error, 400), headers)
        except LogUnavailable:
            said = {"error": "unavailable", "detail": words.page["unreachable"]}
            return JSONResponse(said, 503, headers | {"Retry-After": str(RETRY_AFTER)})
        response.headers.update(headers)
        return response

    async def end(self, request: Request) -> Response:
        check_origin(request)
        return await retried(lambda: self._end(request))

    async def _end(self, request: Request) -> Response:
        identity, standing = await self._logins.look(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        if standing.login is not None:
            await self._passkeys.end(identity.person.id, request.path_params["digest"])
        return RedirectResponse("/you", 303)

    async def _ask_to_make(self, request: Request, fields: Fields) -> Response:
        async def options() -> Response:
            party, identity = relying_party.of(request), await self._kept(request)
            person = identity.person
            challenge = await self._challenges.new(Purpose.ADD, person.id)
            there = [each.id for each in await self._passkeys.of(person.id)]
            made = await to_thread(ceremony.options_to_make, party, person, challenge, there)
            return JSONResponse(made)

        return await retried(options)

    async def _add(self, request: Request, fields: Fields) -> Response:
        party, attempt = relying_party.of(request), secrets.token_urlsafe(12)
        said = ceremony.read(fields.get("passkey", ""))
        challenge = ceremony.challenge_in(said)
        person = (await retried(lambda: self._kept(request))).person.id
        await retried(lambda: self._passkeys.check_more(person, address_of(request.client)))

        async def add() -> Response:
            await self._kept(request)
            nonce = await self._challenges.check(challenge, Purpose.ADD, person)
            made = await to_thread(ceremony.made, said, party, challenge)
            code, device = await self._logins.era(), Device.of(user_agent(request.scope))
            await self._passkeys.add(person, Passkey(*made, code, device, now()), Used(nonce, attempt))
            return JSONResponse({}, 201)

        return await retried(add)

    async def _ask_to_show(self, request: Request, fields: Fields) -> Response:
        async def options() -> Response:
            party = relying_party.of(request)
            challenge = await self._challenges.new(Purpose.COME_BACK)
            return JSONResponse(await to_thread(ceremony.options_to_show, party, challenge))

        return await retried(options)

    async def _come_back(self, request: Request, fields: Fields) -> Response:
        address, login = address_of(request.client), secrets.token_urlsafe(12)
        party, said = relying_party.of(request), ceremony.read(fields.get("passkey", ""))
        # Once, since a second try may find that the first has ended it.
        before = await retried(lambda: self._logins.read(request.scope))
        if fields.get("instead", "") != ("" if before is None else before.person.id):
            detail = "In this browser somebody else is in by now. Load the page again."
            raise Refused("invalid", detail, reason="passkey_replaces")
        taken_back = await retried(lambda: self._passkeys.count_try(address))

        async def come_back() -> Response:
            nonce = await self._challenges.check(ceremony.challenge_in(said), Purpose.COME_BACK)
            check_code = partial(self._check_code, fields.get("code"), address, before)
            device = Device.of(user_agent(request.scope))
            identity = await self._passkeys.come_back(
                said, party, Used(nonce, login), login, address, device, check_code
            )
            onward = JSONResponse({"next": safe_next(fields.get("next"))})
            await self._logins.give(request, onward, identity)
            if before is not None:
                await self._logins.end(before, address)
                for each in before.logins:
                    await self._relay.disconnect_group(each)
            return onward

        wrong = False
        try:
            return await retried(come_back)
        except Refused as refusal:
            wrong = refusal.error not in ("code_needed", "wrong_code")
            raise
        finally:
            if not wrong:
                with suppress(LogUnavailable):  # one try too many counts for ten minutes
                    await taken_back()

    async def _check_code(
        self, code: str | None, address: str, before: Identity | None, passkey: Passkey
    ) -> str:
        """Return what stands for the access code that a passkey's person gave. A browser in which somebody is
        does not need it, as for another name."""
        era = await self._logins.era()
        if not self._entrance.needs_code or before is not None or passkey.code == era:
            return passkey.code
        await self._entrance.check(code, address)
        return era

    async def _kept(self, request: Request) -> Identity:
        """Return who is in the browser, if their login is kept. Raises Refused, and LogUnavailable."""
        identity, standing = await self._logins.look(request.scope)
        if not standing.known:
            raise LogUnavailable("The login can't be looked up.")
        if identity is None or standing.login is None:
            raise not_kept()
        return identity
