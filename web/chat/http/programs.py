"""The page of programs, for moderators: `GET /programs` lists them.

`POST /programs` (`name`, `days`) makes one, and answers with a page that shows its token, once: only a digest
is kept. `POST /programs/renew` (`program`) gives one another token, and `POST /programs/end` (`program`) ends
its token. Both disconnect the program on every worker.
"""

from time import time

from relay import Relay
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chat.domain.address import address_of
from chat.domain.audit import Audit
from chat.domain.identity import Identity
from chat.domain.moderators import check_moderator
from chat.domain.people import Person, check_name, clients_of
from chat.domain.refusals import Refused
from chat.http.numbers import whole_number
from chat.http.pages import Pages
from chat.http.signed_in import Do, Fields, SignedIn
from chat.people.known_names import By, KnownNames
from chat.people.program import DAY, LONGEST, Program, Token
from chat.people.programs import Programs


class ProgramPages:
    def __init__(
        self,
        relay: Relay,
        signed_in: SignedIn,
        programs: Programs,
        names: KnownNames,
        audit: Audit,
        pages: Pages,
    ) -> None:
        self._relay = relay
        self._signed_in = signed_in
        self._programs = programs
        self._names = names
        self._audit = audit
        self._pages = pages
        self.routes = [
            Route("/programs", self.show, methods=["GET"]),
            Route("/programs", self.make, methods=["POST"]),
            Route("/programs/renew", self.renew, methods=["POST"]),
            Route("/programs/end", self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        async def show(by: Identity) -> Response:
            check_moderator(by)
            return await self._page(request)

        return await self._signed_in.get(request, show)

    async def make(self, request: Request) -> Response:
        token = Token.new()  # here, so that a second try makes no second program

        async def make(by: Identity, fields: Fields) -> Response:
            try:
                name = check_name(fields.get("name", ""))
                await self._names.check(name, token.person, By.PROGRAM)
                seconds = DAY * whole_number(fields, "days", 0, LONGEST // DAY)
                await self._programs.check(token)
            except Refused as refusal:
                return await self._page(request, refusal, fields.get("name", ""))
            about = {"seconds": seconds} if seconds else {}
            await self._note("program", request, by, token.person, name, **about)
            await self._programs.make(token, name, seconds, by.person)
            await self._names.note(Person(token.person, name), By.PROGRAM)
            return self._shown(request, token, name)

        return await self._post(request, make)

    async def renew(self, request: Request) -> Response:
        async def renew(by: Identity, fields: Fields) -> Response:
            found = await self._programs.of(fields.get("program", ""))
            if found is None:  # somebody has ended it
                return RedirectResponse("/programs", 303)
            await self._note("program", request, by, found.id, found.name)
            token = Token.new(found.id)
            await self._programs.renew(token, by.person)
            await self._relay.disconnect_group(clients_of(found.id))
            return self._shown(request, token, found.name)

        return await self._post(request, renew)

    async def end(self, request: Request) -> Response:
        found: Program | None = None

        async def end(by: Identity, fields: Fields) -> Response:
            nonlocal found  # a second try knows it, also if the first one has ended it
            if found is None and (found := await self._programs.of(fields.get("program", ""))) is not None:
                await self._note("end program", request, by, found.id, found.name)
            if found is not None:
                await self._programs.end(found.id)
                await self._relay.disconnect_group(clients_of(found.id))
            return RedirectResponse("/programs", 303)

        return await self._post(request, end)

    async def _post(self, request: Request, do: Do) -> Response:
        async def checked(by: Identity, fields: Fields) -> Response:
            check_moderator(by)
            return await do(by, fields)

        return await self._signed_in.post(request, checked)

    async def _page(self, request: Request, refusal: Refused | None = None, name: str = "") -> Response:
        context = {"programs": await self._programs.all(), "name": name, "now": int(time() * 1000)}
        return self._pages.form(request, "programs.html", context, refusal)

    def _shown(self, request: Request, token: Token, name: str) -> Response:
        context = {"token": token.text, "name": name, "address": str(request.base_url).rstrip("/")}
        return self._pages.form(request, "token.html", context)

    async def _note(
        self, what: str, request: Request, by: Identity, id: str, name: str, **about: int
    ) -> None:
        """Write down what is about to be done."""
        person = {"id": id, "name": name}
        await self._audit.note(what, by.person, address_of(request.client), person=person, **about)
