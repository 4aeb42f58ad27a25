"""The page of invitations: `GET /invitations[?room=…]` lists those to a room, for moderators; of a private
room, for its members.

`POST /invitations` (`room`, `uses`, `hours`) makes one, and answers with a page that shows its link, once:
only a digest is kept. `POST /invitations/withdraw` (`room`, `invitation`) ends one, and redirects to the
list.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY, check_room, is_guarded
from chat.domain.sanctions import Sanctions
from chat.http.numbers import whole_number
from chat.http.pages import Pages
from chat.http.signed_in import Fields, SignedIn
from chat.people.ticket import Kind
from chat.rooms.access import place_of
from chat.rooms.invitations import LONGEST, MOST_USES, SHORTEST, Invitations, Inviter

HOUR = 3600

Doing = Callable[[Request, Inviter, Fields], Awaitable[Response]]


class InvitationPages:
    def __init__(
        self,
        signed_in: SignedIn,
        invitations: Invitations,
        sanctions: Sanctions,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._signed_in = signed_in
        self._invitations = invitations
        self._sanctions = sanctions
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/invitations", self.show, methods=["GET"]),
            Route("/invitations", self.make, methods=["POST"]),
            Route("/invitations/withdraw", self.withdraw, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        async def show(identity: Identity) -> Response:
            room = check_room(request.query_params.get("room") or LOBBY)
            return await self._page(request, await self._invitations.inviter(identity, room))

        return await self._signed_in.get(request, show)

    async def make(self, request: Request) -> Response:
        return await self._post(request, self._make)

    async def _make(self, request: Request, by: Inviter, fields: Fields) -> Response:
        try:
            await self._sanctions.check_mute(by.identity, address_of(request.client))
            await self._invitations.check(by)
            uses = whole_number(fields, "uses", 1, MOST_USES)
            seconds = HOUR * whole_number(fields, "hours", SHORTEST // HOUR, LONGEST // HOUR)
        except Refused as refusal:
            return await self._page(request, by, refusal)
        await self._note("invite", request, by, uses=uses, seconds=seconds)
        secret = await self._invitations.make(by, uses, seconds)
        onward = f"/invitations?room={by.room}"
        return self._pages.link(
            request, secret, Kind.INVITATION, seconds, onward, by.title, uses, private=is_guarded(by.room)
        )

    async def withdraw(self, request: Request) -> Response:
        return await self._post(request, self._withdraw)

    async def _withdraw(self, request: Request, by: Inviter, fields: Fields) -> Response:
        await self._note("withdraw", request, by)
        await self._invitations.withdraw(by, fields.get("invitation", ""))
        return RedirectResponse(f"/invitations?room={by.room}", 303)

    async def _post(self, request: Request, do: Doing) -> Response:
        async def by_inviter(identity: Identity, fields: Fields) -> Response:
            room = check_room(fields.get("room"))
            return await do(request, await self._invitations.inviter(identity, room), fields)

        return await self._signed_in.post(request, by_inviter)

    async def _page(self, request: Request, by: Inviter, refusal: Refused | None = None) -> Response:
        context = {
            "room": by.room,
            "title": by.title,
            "private": is_guarded(by.room),
            "own": by.own,
            "invitations": await self._invitations.of(by),
            "most_uses": MOST_USES,
        }
        return self._pages.form(request, "invitations.html", context, refusal)

    async def _note(self, what: str, request: Request, by: Inviter, **about: int) -> None:
        """Write down what is about to be done, if it is a moderator who does it."""
        if by.identity.moderator:
            place = place_of(by.room)
            await self._audit.note(what, by.identity.person, address_of(request.client), **place, **about)
