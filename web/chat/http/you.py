"""The page of one's own logins: which browsers one is signed in in, and how to end them.

`GET /you` shows them. `POST /you/logins/<digest>` ends one of the others, `POST /you/logins/others` all of
them, also cookies that were never noted. Both disconnect the clients of what they end on every worker, and
redirect to `/you`. This browser's own login ends with signing out, which also forgets what the browser keeps.
The page lists one's passkeys as well; passkeys.py adds and ends them.
The link by which one goes on on another device is made by new_tickets.py.
"""

from dataclasses import dataclass
from time import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.identity import Identity
from chat.http.login_cookie import Logins
from chat.http.pages import Pages
from chat.http.retries import retried
from chat.http.sign_in import check_origin
from chat.people.devices import Device, user_agent
from chat.people.ended_logins import EndedLogins
from chat.people.kept_login import KeptLogin
from chat.people.logins import KeptLogins
from chat.people.passkey import OF_PERSON, Passkey
from chat.people.passkeys import Passkeys

NOTED_WITHIN = 3700
"""Seconds within which a login is noted that is here; see NOTED_EVERY of chat/events/connections.py."""


@dataclass(frozen=True)
class Shown:
    """What the page shows of a login. `digest`: what stands for it, or empty for this browser's own;
    `seconds`: since it was here, or 0 if it may be still."""

    device: Device
    address: str
    digest: str = ""
    seconds: int = 0


@dataclass(frozen=True)
class ShownPasskey:
    """What the page shows of a passkey. `made`, `used`: seconds since then; `used` is None if it was not."""

    device: Device
    digest: str
    synced: bool
    made: int
    used: int | None


class You:
    def __init__(
        self, logins: Logins, kept: KeptLogins, ended: EndedLogins, passkeys: Passkeys, pages: Pages
    ) -> None:
        self._logins = logins
        self._kept = kept
        self._ended = ended
        self._passkeys = passkeys
        self._pages = pages
        self.routes = [
            Route("/you", self.show, methods=["GET"]),
            Route("/you/logins/{which}", self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return await retried(lambda: self._show(request))

    async def _show(self, request: Request) -> Response:
        identity, standing = await self._logins.look(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        kept = standing.login is not None
        here = Shown(Device.of(user_agent(request.scope)), address_of(request.client))
        others = await self._others(identity) if kept else []
        passkeys = await self._passkeys.of(identity.person.id) if kept else []
        context = {
            "name": identity.person.name,
            "moderator": identity.moderator,
            "badge": identity.badge,
            "kept": kept,
            "logins": [here, *map(_shown, others)],
            "passkeys": [_shown_passkey(each) for each in passkeys],
            "most_passkeys": OF_PERSON,
        }
        response = self._pages.form(request, "you.html", context)
        if identity.renew:
            await self._logins.give(request, response, identity)
        return response

    async def end(self, request: Request) -> Response:
        check_origin(request)
        return await retried(lambda: self._end(request))

    async def _end(self, request: Request) -> Response:
        identity, standing = await self._logins.look(request.scope)
        if identity is None:
            return RedirectResponse("/sign-in", 303)
        if standing.login is not None:  # or it would end with the others
            which, others = request.path_params["which"], await self._others(identity)
            if which == "others":
                await self._kept.refuse_earlier(identity.person.id)
                chosen, earlier = others, identity.earlier
            else:
                chosen, earlier = [each for each in others if each.digest == which], ()
            ids = [*(id for each in chosen for id in each.ids), *earlier]
            await self._ended.end(identity.person.id, [id for id in ids if id != identity.login])
        return RedirectResponse("/you", 303)

    async def _others(self, identity: Identity) -> list[KeptLogin]:
        kept = await self._kept.of(identity.person.id)
        return [each for each in kept if each.id not in identity.logins]


def _shown(login: KeptLogin) -> Shown:
    seconds = int(time() - login.seen / 1000)
    return Shown(login.device, login.address, login.digest, seconds if seconds > NOTED_WITHIN else 0)


def _shown_passkey(passkey: Passkey) -> ShownPasskey:
    made, used = (max(1, int(time() - at / 1000)) for at in (passkey.at, passkey.used))
    return ShownPasskey(passkey.device, passkey.digest, passkey.synced, made, used if passkey.used else None)
