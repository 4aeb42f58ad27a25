"""What a worker on its own serves over plain HTTP: pages, health, files, headers."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest
from chat.app import build
from chat.http import health, static
from chat.http.headers import POLICIES, SECURITY_HEADERS, headers_of
from chat.settings import Settings
from relay import Relay
from starlette.applications import Starlette

from tests.unit.wire import POLLING, Chat, Log

REPOSITORY = Path(__file__).parents[4]


@pytest.mark.parametrize("path", ["/", "/rooms/lobby"])
async def test_the_lobby_has_a_page(chat: Chat, path: str) -> None:
    """With the room for the scripts, and files under the current version; no script or style in it."""
    page = await chat.http.get(path)
    assert page.status_code == 200
    assert "lobby · Tertulia" in page.text
    assert f"/static/{static.version()}/js/main.js" in page.text
    assert "<style" not in page.text
    assert "style=" not in page.text
    assert page.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("room", ["Lobby", "a b", "-a", "a" * 33, "caf%C3%A9", "%3Cscript%3E"])
async def test_an_unknown_room_has_a_page_that_says_so(chat: Chat, room: str) -> None:
    """With a way to the lobby, and never with markup from the address."""
    page = await chat.http.get(f"/rooms/{room}")
    assert page.status_code == 404
    assert "No such room" in page.text
    assert 'href="/"' in page.text
    assert "<script" not in page.text


async def test_people_get_pages_for_errors_and_programs_json(chat: Chat) -> None:
    """Under /sio and /health only programs come."""
    assert "Nothing here" in (await chat.http.get("/nowhere")).text
    assert "kind of request" in (await chat.http.post("/")).text
    assert (await chat.http.get("/sio/elsewhere")).json()["error"] == "Not Found"


async def test_health_says_to_everybody_what_is_wrong_and_not_what_redis_said(log: Log, bundle: Path) -> None:
    """That stands in the log, once an outage."""
    relay = Relay.in_memory(lambda entry: b"")
    relay.problem = lambda: "NOPERM from 10.1.2.3"  # type: ignore[method-assign]
    chat = build(Settings(client_bundle=bundle))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=health.routes(relay, chat.server)))
    ) as http:
        answers = [await http.get("http://test/health") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "10.1.2.3" not in answers[0].text
    assert "Redis" in answers[0].json()["detail"]
    assert len([line for line in log.lines if "NOPERM from 10.1.2.3" in line]) == 1


async def test_health_is_well_while_redis_is_away_for_some_rooms_only(log: Log, bundle: Path) -> None:
    """Else a balancer would take every host out for the rooms of one shard. It says so, and the log says
    which shard it is, once."""
    relay = Relay.in_memory(lambda entry: b"")
    relay.away = lambda: ["10.1.2.3:6379"]  # type: ignore[method-assign]
    chat = build(Settings(client_bundle=bundle))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=health.routes(relay, chat.server)))
    ) as http:
        answers = [await http.get("http://test/health") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "1 of its shards" in answers[0].json()["detail"]
    assert "10.1.2.3" not in answers[0].text
    assert len([line for line in log.lines if "10.1.2.3:6379" in line]) == 1


async def test_health_says_that_the_cluster_lacks_something(bundle: Path) -> None:
    """Not what: everybody may ask. The log has it."""
    relay = Relay.in_memory(lambda entry: b"")
    relay.lacks = lambda: ["the primary 10.1.2.3:6379 has 0 replicas"]  # type: ignore[method-assign]
    chat = build(Settings(client_bundle=bundle))
    app = Starlette(routes=health.routes(relay, chat.server))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        answer = await http.get("http://test/health")
    assert answer.status_code == 200
    assert "lacks slots or replicas" in answer.json()["detail"]
    assert "10.1.2.3" not in answer.text


async def test_health_of_a_single_process_depends_on_nothing(chat: Chat) -> None:
    """There is no Redis to ask."""
    assert (await chat.http.get("/health")).json() == {"status": "ok"}
    assert (await chat.http.get("/health/live")).json() == {"status": "ok"}


async def test_every_answer_has_the_security_headers(chat: Chat) -> None:
    """Pages, files, errors; the same ones that nginx sets."""
    script = f"/static/{static.version()}/js/main.js"
    sheet = f"/static/{static.version()}/css/page.css"
    for path in ("/", "/nowhere", "/health", "/socket.io/socket.io.js", script, sheet, POLLING):
        headers = (await chat.http.get(path)).headers
        expected = headers_of(path, headers["content-type"])
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == {
            name: expected.get(name) for name in SECURITY_HEADERS
        }
    snippets = REPOSITORY / "nginx/snippets"
    nginx = (snippets / "headers.conf").read_text() + (snippets / "policies.conf").read_text()
    for name, value in SECURITY_HEADERS.items():
        assert f"add_header {name} " in nginx
        assert value in nginx


@pytest.mark.parametrize(
    ("path", "has_policies"),
    [
        ("/", True),
        ("/nowhere.js", True),
        ("/static/{version}/js/nothing.js", True),
        ("/static/{version}/icon.svg", True),
        ("/service-worker.js", True),
        ("/static/{version}/js/main.js", False),
        ("/static/{version}/css/page.css", False),
        ("/socket.io/socket.io.js", False),
    ],
)
async def test_all_but_scripts_and_style_sheets_has_policies(
    chat: Chat, path: str, has_policies: bool
) -> None:
    """Whatever can be a document, and the service worker; a page's files are held by those of the page."""
    headers = (await chat.http.get(path.format(version=static.version()))).headers
    assert {name for name in POLICIES if name in headers} == (set(POLICIES) if has_policies else set())


async def test_files_of_the_current_version_are_kept_and_of_another_are_not(chat: Chat) -> None:
    """A page of the release before still finds its files while the next one is rolled out."""
    current = await chat.http.get(f"/static/{static.version()}/js/main.js")
    other = await chat.http.get("/static/0123456789ab/js/main.js")
    assert current.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-cache"
    assert current.text == other.text
    assert current.headers["content-type"].startswith("text/javascript")


def test_the_pages_sheet_brings_in_every_other_one_once() -> None:
    """Pages link to no other. What it leaves out applies where a script loads it, when it is asked for."""
    folder = static.FOLDER / "css"
    scripts = [file.read_text() for file in (static.FOLDER / "js").rglob("*.js")]
    loaded = {name for script in scripts for name in re.findall(r"sheet\(`.*css/(\w+\.css)", script)}
    brought = ["page.css", *loaded]
    for each in brought:
        brought += re.findall(r'^@import "(.+)";$', (folder / each).read_text(), re.MULTILINE)
    assert sorted(brought) == sorted(file.name for file in folder.iterdir())


async def test_the_client_bundle_is_where_the_guide_loads_it(chat: Chat) -> None:
    """At /socket.io/socket.io.js; pages of other origins may load it too, as a script or as a module."""
    script = await chat.http.get("/socket.io/socket.io.js")
    assert script.text == "// the client"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["access-control-allow-origin"] == "*"


def test_the_version_is_what_the_image_of_nginx_makes_of_the_same_files() -> None:
    """The two must agree, or nothing is ever cached."""
    command = "find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12"
    made = subprocess.run(command, shell=True, cwd=static.FOLDER, capture_output=True, text=True, check=True)
    assert static.version() == made.stdout.strip()


def test_the_version_changes_with_a_files_name_and_content(tmp_path: Path) -> None:
    """Either is a new release."""
    (tmp_path / "a.js").write_text("1")
    first = static.version(tmp_path)
    (tmp_path / "a.js").write_text("2")
    second = static.version(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({first, second, static.version(tmp_path)}) == 3
