"""The pages: the chat, and what is said when there is none at an address."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2.ext import Extension
from relay import LogUnavailable
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from chat.domain import room_names
from chat.domain.entrance import Entrance
from chat.domain.identity import Identity
from chat.domain.moderators import Moderators
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.http import accept_language, qr, relying_party, words
from chat.http.login_cookie import Logins
from chat.http.retries import retried

# A page names the version of its files, so it is asked for again each time; and who asks.
HEADERS = {"Cache-Control": "private, no-cache"}

STATUS = {"rate_limited": 429} | dict.fromkeys(
    ("wrong_code", "code_needed", "forbidden", "muted", "banned"), 403
)
"""How a refusal is answered over HTTP; every other with 400."""
RETRY_AFTER = 5
"""Seconds after which to try again when Redis can't be reached."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Names that mean another machine to another device."""
LANGUAGE = "en"
"""Of a page for a browser that asks for no language there is."""


class Unindented(Extension):
    """Takes the indentation from templates, which is 3 % of a page's compressed bytes."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"\n[ \t]+", "\n", source)


class Problem(HTTPException):
    """A request that is not answered as asked. `name`: of what the page says, among the words' `problems`;
    `detail`: the same in English, for programs; `values` fill the gaps."""

    def __init__(self, status: int, name: str, detail: str, **values: str | int) -> None:
        super().__init__(status, detail)
        self.name = name
        self.values = values


class Pages:
    """Renders the templates. `static_version` is the folder under /static/ that the pages link to."""

    def __init__(
        self,
        static_version: str,
        message_max_chars: int,
        edit_minutes: int | None,
        logins: Logins,
        entrance: Entrance,
        moderators: Moderators,
        provider: str = "",
        *,
        has_files: bool = False,
    ) -> None:
        """`has_files`: whether people can share files; `provider`: what the provider is called by which
        people sign in; empty if there is none."""
        self.logins = logins
        self.moderators = moderators
        self.entrance = entrance
        self.words = words.read()
        self.templates = Jinja2Templates(Path(__file__).parents[2] / "templates")
        self.templates.env.add_extension(Unindented)
        self.templates.env.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}
        self.templates.env.globals.update(
            static=f"/static/{static_version}",
            message_max_chars=message_max_chars,
            edit_minutes=edit_minutes,
            has_files=has_files,
            provider=provider,
            can_have_passkeys=relying_party.can_be,
        )
        self.routes = [
            Route("/", self.room),
            Route("/rooms/{room}", self.room),
            Route("/formatting", self.formatting, methods=["GET"]),
        ]

    async def room(self, request: Request) -> Response:
        room = request.path_params.get("room", room_names.LOBBY)
        if not room_names.NAME.fullmatch(room):
            return self.problem(request, 404, "no_such_room")
        return await retried(lambda: self._room(request, room))

    async def _room(self, request: Request, room: str) -> Response:
        identity = await self.logins.read(request.scope)
        if identity is None and not self.entrance.is_open:
            return RedirectResponse(
                f"/sign-in?next={quote(request.url.path)}", 303, {"Cache-Control": "no-store"}
            )
        known = identity or Identity.of(Person.guest())
        can_moderate = self.moderators.possible and not known.moderator
        # What a guarded room is called, its page learns once it has joined.
        title = "…" if room_names.is_guarded(room) else room
        context = {"room": room, "title": title, "person": known.person, "can_moderate": can_moderate}
        context["moderator"] = known.moderator
        response = self.render(request, "room.html", context, 200, HEADERS)
        if identity is None or identity.renew:
            await self.logins.give(request, response, known)
        return response

    async def formatting(self, request: Request) -> Response:
        """What one types so that words look otherwise. Everybody may read it."""
        return self.render(request, "formatting.html", {}, 200, HEADERS)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Starlette's handler of HTTPException: a page for people, JSON where only programs come."""
        assert isinstance(error, HTTPException)
        status, detail = error.status_code, str(error.detail)
        name, values = (error.name, error.values) if isinstance(error, Problem) else (str(status), {})
        values = {**values, "detail": detail}
        if request.url.path.startswith(("/sio", "/health", "/uploads")):
            _, sentence = self.words[LANGUAGE].problem(name, values)
            return JSONResponse({"error": detail, "detail": sentence}, status, error.headers)
        return self.problem(request, status, name, values, error.headers)

    async def unavailable(self, request: Request, error: Exception) -> Response:
        """Starlette's handler of LogUnavailable: nobody can be recognised without what Redis keeps."""
        assert isinstance(error, LogUnavailable)
        if request.method == "POST":  # what was asked has to be posted again
            return self.form(
                request, "again.html", {"action": request.url.path, "fields": {}}, unavailable=True
            )
        headers = {"Retry-After": str(RETRY_AFTER), "Refresh": str(RETRY_AFTER)}
        return self.problem(request, 503, "unavailable", headers=headers)

    def form(
        self,
        request: Request,
        name: str,
        context: dict[str, Any],
        refusal: Refused | None = None,
        *,
        unavailable: bool = False,
    ) -> Response:
        """Return a page with a form, which says why it was refused. `unavailable`: Redis could not be
        reached. Then the page's script sends the form again by itself."""
        status = STATUS.get(refusal.error, 400) if refusal else 503 if unavailable else 200
        wait = refusal.retry_after if refusal else RETRY_AFTER if unavailable else None
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(wait)} if wait else {})
        context = {**context, "refusal": refusal, "unavailable": unavailable}
        return self.render(request, name, context, status, headers)

    def link(
        self,
        request: Request,
        secret: str,
        kind: str,
        seconds: int,
        onward: str,
        about: str,
        uses: int = 1,
        *,
        private: bool = False,
    ) -> Response:
        """Return the page that shows the link of a new ticket. `seconds`: for which it is good; `onward`:
        where the page leads; `about`: the person's name, or the room; `uses`: how many it has; `private`:
        whether it leads into a private room."""
        address = f"{request.base_url}ticket/{secret}"
        context = {
            "address": address,
            "code": qr.svg(address),
            "kind": kind,
            "seconds": seconds,
            "onward": onward,
            "about": about,
            "uses": uses,
            "private": private,
            "loopback": request.url.hostname in LOOPBACK,
        }
        return self.form(request, "link.html", context)

    def refusal(self, request: Request, refusal: Refused) -> Response:
        """Return a page that says what was not accepted."""
        return self.form(request, "refused.html", {}, refusal)

    def problem(
        self,
        request: Request,
        status: int,
        name: str,
        values: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the page that says what is wrong; `name` and `values` as of Problem."""
        context = {"problem": name, "values": values or {}}
        headers = {**(headers or {}), "Cache-Control": "no-store"}
        return self.render(request, "problem.html", context, status, headers)

    def said(self, request: Request) -> words.Words:
        """Return the words of the browser's language."""
        asked = ",".join(request.headers.getlist("accept-language"))
        return self.words[accept_language.best(asked, self.words, LANGUAGE)]

    def render(
        self, request: Request, name: str, context: dict[str, Any], status: int, headers: Mapping[str, str]
    ) -> Response:
        """Return the page that a template makes of a context, in the browser's language."""
        said = self.said(request)
        context = {**context, "said": said, "words": said.page}
        headers = {**headers, "Vary": "Accept-Language"}
        return self.templates.TemplateResponse(request, name, context, status, headers)
