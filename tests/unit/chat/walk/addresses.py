"""What is asked for in the walk of addresses. A new route needs one more line of ADDRESSES, under its method
and path as the application has them."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from chat.domain.roles import MODERATOR
from chat.http import static
from chat.people.ticket import new_secret

from tests.support.uploading import TUS, announce, upload
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.files.pictures import picture
from tests.unit.chat.http.linked import HIDDEN, link_of
from tests.unit.chat.http.programming import id_in, makes_a_token
from tests.unit.chat.http.test_roles import role_link
from tests.unit.chat.walk.kinds import Kind, Place, guest
from tests.unit.chat.walk.world import World
from tests.unit.wire import POLLING

Fills = Callable[[World], Awaitable[str]]
"""Makes what fills a gap in an address or a form."""
ROOM, ID = re.compile(r"p-[a-z2-7]{26}"), re.compile(r"[0-9a-f]{16}")
FILE = re.compile(r"(?<=/)[a-z2-7]{26}$")


@dataclass(frozen=True)
class Address:
    """`shown`: as the table names it. `path`, `form`: what is asked for; `{0}` is a gap, filled by `fills`.
    `pressed`: the form is that of the page at the same address, with `form` besides. `fresh`: asked by
    somebody who has done nothing else, since they are signed out by it. `named`: asked at a host name, as
    passkeys need it. `method`, `headers`: of a request that is no form's."""

    shown: str
    path: str
    form: dict[str, str] | None = None
    fills: Fills | None = None
    pressed: bool = False
    fresh: bool = False
    named: bool = False
    method: str = ""
    headers: dict[str, str] | None = None

    async def ask(self, world: World, http: httpx.AsyncClient) -> str:
        """What the table says of the answer."""
        gap = "" if self.fills is None else await self.fills(world)
        path = self.path.replace("{0}", gap)
        if self.named:
            host = f"localhost:{world.chat.port}"
            http.headers.update({"Host": host, "Origin": f"http://{host}"})
        if self.headers is not None:
            answer = await http.request(self.method, path, headers=self.headers)
        elif self.shown.startswith("`GET"):
            answer = await http.get(path)
        else:
            form = {name: value.replace("{0}", gap) for name, value in (self.form or {}).items()}
            if self.pressed:
                form = dict(HIDDEN.findall((await http.get(path)).text)) | form
            answer = await http.post(path, data=form)
        where = answer.headers.get("location", "").partition("?")[0]
        where = where.replace(world.provider.issuer, "<provider>")
        where = FILE.sub("<file>", ID.sub("<id>", ROOM.sub("<private room>", where)))
        return f"{answer.status_code} `{where}`" if where else str(answer.status_code)


async def private_room(world: World) -> str:
    return await world.private_room()


async def bystander(world: World) -> str:
    return world.bystander.id


async def newcomer(world: World) -> str:
    one = await world.another(Kind("somebody else", guest))
    await one.leaves()
    return one.id


async def device_link(world: World) -> str:
    assert world.bystander.browser is not None
    return await world.bystander.browser.makes_a_link()


async def way_back(world: World) -> str:
    return link_of(await world.moderator.http.post(f"/people/{world.bystander.id}/ticket"))


async def role(world: World) -> str:
    return await role_link(world.chat, MODERATOR)


async def invitation(world: World) -> str:
    form = {"room": "tea", "uses": "1", "hours": "1"}
    return link_of(await world.moderator.http.post("/invitations", data=form))


async def private_invitation(world: World) -> str:
    maker = world.one(Place.MAKER).browser
    assert maker is not None
    form = {"room": await world.private_room(), "uses": "1", "hours": "1"}
    return link_of(await maker.http.post("/invitations", data=form))


async def unknown_link(world: World) -> str:
    return f"/ticket/{new_secret()}"


async def program(world: World) -> str:
    return id_in(await makes_a_token(world.moderator))


async def private_picture(world: World) -> str:
    return await shared(world, await world.private_room(), picture("PNG"), "photo.png")


async def private_file(world: World) -> str:
    return await shared(world, await world.private_room())


async def open_file(world: World) -> str:
    return await shared(world, "lobby")


async def private_upload(world: World) -> str:
    """The address of an upload of the maker into a private room."""
    maker = world.one(Place.MAKER).browser
    assert maker is not None
    announced = await announce(maker.http, await world.private_room(), "photo.png", 5000)
    return str(announced.headers["location"])


async def shared(world: World, room: str, data: bytes = b"notes", name: str = "notes.txt") -> str:
    """The address of a file of the maker that is in a message. One that is no image needs no process."""
    maker = world.one(Place.MAKER)
    assert maker.browser is not None
    file = await upload(maker.browser.http, room, data, name)
    said = await maker.asks("message", "", {"room": room, "files": [file]})
    assert said["ok"], said
    return f"/files/{room}/{file}"


ANNOUNCED = TUS | {"Upload-Length": "5000", "Upload-Metadata": "filename cGhvdG8ucG5n"}
PIECE = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def tus(
    method: str, path: str, headers: dict[str, str], fills: Fills | None = None, shown: str = ""
) -> Address:
    return Address(f"`{method} {shown or path}`", path, fills=fills, method=method, headers=headers)


ASKED, NONE = {"_": ""}, {"passkey": '{"response": {}}'}
OPEN, PRIVATE = {"room": "lobby", "uses": "1", "hours": "1"}, {"room": "{0}", "uses": "1", "hours": "1"}


def get(path: str, fills: Fills | None = None, shown: str = "", note: str = "") -> Address:
    return Address(f"`GET {shown or path}`{note}", path, fills=fills)


def post(
    path: str,
    form: dict[str, str] | None = None,
    fills: Fills | None = None,
    shown: str = "",
    note: str = "",
    *,
    pressed: bool = False,
    fresh: bool = False,
    named: bool = False,
) -> Address:
    return Address(f"`POST {shown or path}`{note}", path, form or {}, fills, pressed, fresh, named)


ADDRESSES: dict[str, list[Address]] = {
    "GET /": [get("/")],
    "GET /rooms": [get("/rooms")],
    "GET /rooms/{room}": [
        get("/rooms/tea", shown="/rooms/<room>"),
        get("/rooms/{0}", private_room, "/rooms/<private room>"),
    ],
    "GET /formatting": [get("/formatting")],
    "GET /sign-in": [get("/sign-in")],
    "POST /sign-in": [post("/sign-in", {"name": "Somebody"})],
    "GET /moderate": [get("/moderate")],
    "POST /moderate": [
        post("/moderate", {"code": CODE}),
        post("/moderate", {"code": "a guess"}, note=" with a wrong code"),
    ],
    "GET /oidc": [get("/oidc")],
    "POST /oidc": [post("/oidc", {"next": "/"}, pressed=True)],
    "GET /oidc/callback": [
        get("/oidc/callback?code=x&state=x", shown="/oidc/callback", note=" that nobody was sent to"),
    ],
    "POST /oidc/logout": [
        post("/oidc/logout", {"logout_token": "a.b.c"}, note=" with a wrong token"),
    ],
    "GET /you": [get("/you")],
    "GET /you/export": [get("/you/export")],
    "POST /you/logins/{which}": [
        post("/you/logins/none", shown="/you/logins/<digest>"),
        post("/you/logins/others"),
    ],
    "POST /you/ticket": [post("/you/ticket")],
    "POST /you/passkeys/challenge": [post("/you/passkeys/challenge", ASKED, named=True)],
    "POST /you/passkeys": [post("/you/passkeys", NONE, note=" with what is none", named=True)],
    "POST /you/passkeys/{digest}": [post("/you/passkeys/none", shown="/you/passkeys/<digest>")],
    "POST /passkey/challenge": [post("/passkey/challenge", ASKED, named=True)],
    "POST /passkey": [post("/passkey", NONE, note=" with what is none", named=True)],
    "GET /roles": [get("/roles")],
    "GET /people/{person}": [get("/people/{0}", bystander, "/people/<id>")],
    "POST /people/{person}/role": [
        post("/people/{0}/role", {"role": "member"}, bystander, "/people/<id>/role")
    ],
    "POST /people/{person}/logins": [
        post("/people/{0}/logins", {"which": "all"}, newcomer, "/people/<id>/logins")
    ],
    "POST /people/{person}/state": [
        post("/people/{0}/state", {"state": "out"}, newcomer, "/people/<id>/state"),
        post("/people/{0}/state", {"state": "in"}, newcomer, "/people/<id>/state", " of whoever is in"),
        post("/people/{0}/state", {"state": "erased"}, newcomer, "/people/<id>/state", " that erases"),
    ],
    "POST /people/{person}/ticket": [
        post("/people/{0}/ticket", fills=bystander, shown="/people/<id>/ticket")
    ],
    "GET /ticket/{secret}": [
        get("{0}", unknown_link, "/ticket/<secret>", " of none"),
        get("{0}", device_link, "/ticket/<secret>", " for a device"),
        get("{0}", way_back, "/ticket/<secret>", " that is a way back"),
        get("{0}", role, "/ticket/<secret>", " that gives a role"),
        get("{0}", invitation, "/ticket/<secret>", " into an open room"),
        get("{0}", private_invitation, "/ticket/<secret>", " into a private room"),
    ],
    "POST /ticket/{secret}": [
        post("{0}", {"attempt": "one"}, unknown_link, "/ticket/<secret>", " of none"),
        post("{0}", {}, device_link, "/ticket/<secret>", " for a device", pressed=True, fresh=True),
        post("{0}", {}, way_back, "/ticket/<secret>", " that is a way back", pressed=True, fresh=True),
        post(
            "{0}",
            {"name": "Chosen"},
            role,
            "/ticket/<secret>",
            " that gives a role",
            pressed=True,
            fresh=True,
        ),
        post("{0}", {"name": "New"}, invitation, "/ticket/<secret>", " into an open room", pressed=True),
        post(
            "{0}",
            {"name": "New"},
            private_invitation,
            "/ticket/<secret>",
            " into a private room",
            pressed=True,
        ),
    ],
    "GET /invitations": [
        get("/invitations"),
        get("/invitations?room={0}", private_room, "/invitations?room=<private room>"),
    ],
    "POST /invitations": [
        post("/invitations", OPEN),
        post("/invitations", PRIVATE, private_room, note=" to a private room"),
    ],
    "POST /invitations/withdraw": [
        post("/invitations/withdraw", OPEN | {"invitation": "none"}),
        post(
            "/invitations/withdraw",
            PRIVATE | {"invitation": "none"},
            private_room,
            note=" of a private room",
        ),
    ],
    "GET /programs": [get("/programs")],
    "POST /programs": [post("/programs", {"name": "Bot", "days": "1"})],
    "POST /programs/renew": [post("/programs/renew", {"program": "{0}"}, program)],
    "POST /programs/end": [post("/programs/end", {"program": "{0}"}, program)],
    "OPTIONS /uploads/{room}": [tus("OPTIONS", "/uploads/lobby", TUS, shown="/uploads/<room>")],
    "POST /uploads/{room}": [
        tus("POST", "/uploads/lobby", ANNOUNCED, shown="/uploads/<room>"),
        tus("POST", "/uploads/{0}", ANNOUNCED, private_room, "/uploads/<private room>"),
    ],
    "HEAD /uploads/{room}/{id}": [
        tus("HEAD", "{0}", TUS, private_upload, "/uploads/<private room>/<file of its maker>"),
    ],
    "PATCH /uploads/{room}/{id}": [
        tus("PATCH", "{0}", PIECE, private_upload, "/uploads/<private room>/<file of its maker>"),
    ],
    "DELETE /uploads/{room}/{id}": [
        tus("DELETE", "{0}", TUS, private_upload, "/uploads/<private room>/<file of its maker>"),
    ],
    "GET /files/{room}/{id}": [
        get("{0}", open_file, "/files/<room>/<file>"),
        get("{0}", private_file, "/files/<private room>/<file>"),
    ],
    "GET /files/{room}/{id}/thumbnail": [
        get("{0}/thumbnail", private_picture, "/files/<private room>/<file>/thumbnail"),
    ],
    "GET /health": [get("/health")],
    "GET /health/live": [get("/health/live")],
    "GET /metrics": [get("/metrics")],
    "GET /metrics/redis": [get("/metrics/redis")],
    "GET /static/{version}": [
        get(f"/static/{static.version()}/css/base.css", shown="/static/<version>/…"),
    ],
    "GET /service-worker.js": [get("/service-worker.js")],
    "GET /socket.io": [get("/socket.io/socket.io.js", shown="/socket.io/…")],
    "GET /sio/socket.io/": [get(POLLING, shown="/sio/socket.io/")],
    "POST /sign-out": [post("/sign-out", fresh=True)],
}
"""By method and path. `/sio/socket.io/` is no route: it is looked at before."""
