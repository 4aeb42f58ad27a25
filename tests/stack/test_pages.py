"""What nginx serves and how long it may be kept, and what it passes on of an outer proxy."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from tests.support.door import opened_door
from tests.support.session import POLLING
from tests.support.stack import REPOSITORY, Stack

STATIC = REPOSITORY / "web/static"
LATER = (
    "actions/actions.js",
    "actions/picker.js",
    "files/files.js",
    "moderation/moderation.js",
    "view/room/completion.js",
)
ASKED_FOR = {STATIC / "js" / each for each in LATER}
"""What a page asks for when it is needed."""
PAGES = ("css/page.css", "js/loading.js", "js/main.js", "js/doorway.js", "js/passkeys.js")
BUNDLES = (
    {STATIC / each for each in PAGES} | ASKED_FOR | {STATIC / "css/actions.css", STATIC / "css/files.css"}
)
"""What nginx' image replaces by a bundle: minified, with all that the source imports."""
NOT_IN_MAPS = {STATIC / "css/page.css", STATIC / "css/files.css", STATIC / "js/relay/client.js"}
"""Lists of imports, of which nothing is left, and the client for other pages: this one does not use it."""


def version(http: httpx.Client) -> str:
    """The version in the addresses of the page's files; there is exactly one."""
    (found,) = set(re.findall(r"/static/([0-9a-f]{12})/", http.get("/").text))
    return str(found)


def test_the_page_is_asked_for_again_each_time(http: httpx.Client) -> None:
    for path in ("/", "/rooms/lobby"):
        page = http.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "private, no-cache"


def test_files_of_this_version_are_kept_for_good(http: httpx.Client) -> None:
    """The page's version is the one that nginx knows, for every file there is."""
    for file in (found for found in STATIC.rglob("*") if found.is_file()):
        answer = http.get(f"/static/{version(http)}/{file.relative_to(STATIC)}")
        assert (answer.status_code, answer.content == file.read_bytes()) == (200, file not in BUNDLES)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_files_of_another_version_are_the_current_ones_and_not_kept(http: httpx.Client) -> None:
    for file in (found for found in STATIC.rglob("*") if found.is_file()):
        answer = http.get(f"/static/0123456789ab/{file.relative_to(STATIC)}")
        assert (answer.status_code, answer.content == file.read_bytes()) == (200, file not in BUNDLES)
        assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_all_sources_are_in_a_bundle_and_can_be_read_in_its_source_map(
    http: httpx.Client, suffix: str
) -> None:
    """A bundle imports no other file of ours but those that are asked for when they are needed."""
    in_maps = set[str]()
    asked = set[Path]()
    for file in (each for each in BUNDLES if each.suffix == f".{suffix}"):
        address = f"/static/{version(http)}/{file.relative_to(STATIC)}"
        text = http.get(address).text
        asked |= {STATIC / each for each in re.findall(r"\bimport\(`\$\{\w+\}(js/[\w/]+\.js)`\)", text)}
        assert not re.search(r"""@import|\b(from|import)\s*\(?["'`](?!/socket\.io/|\$\{\w+\}js/)""", text)
        (source_map,) = re.findall(r"^.*sourceMappingURL=(\S+)", text, re.MULTILINE)
        in_maps.update(http.get(f"{address.rpartition('/')[0]}/{source_map}").json()["sourcesContent"])
    assert asked == (ASKED_FOR if suffix == "js" else set())
    sources = {*(STATIC / suffix).rglob(f"*.{suffix}")} - NOT_IN_MAPS
    assert in_maps == {file.read_text() for file in sources}


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_files_are_served_as_what_they_are(http: httpx.Client, suffix: str) -> None:
    expected = {"css": "text/css", "js": "javascript"}[suffix]
    for file in STATIC.rglob(f"*.{suffix}"):
        answer = http.get(f"/static/{version(http)}/{file.relative_to(STATIC)}")
        assert expected in answer.headers["content-type"]
        assert "charset=utf-8" in answer.headers["content-type"]


@pytest.mark.parametrize("name", ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"])
def test_the_client_bundle_is_at_its_contracted_address(http: httpx.Client, name: str) -> None:
    answer = http.get(f"/socket.io/{name}")
    assert answer.status_code == 200
    assert "Socket.IO v4" in answer.text[:100]
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["cache-control"] == "no-cache"
    assert (
        http.get(f"/socket.io/{name}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    )


def test_text_is_compressed_and_polling_is_not(http: httpx.Client) -> None:
    """Compressing what others say together with one's own secrets would tell both apart."""
    for path in ("/", "/socket.io/socket.io.js"):
        with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert "Accept-Encoding" in answer.headers["vary"]
            assert b"Socket.IO" in gzip.decompress(b"".join(answer.iter_raw())) or path == "/"
    assert "content-encoding" not in http.get(POLLING).headers


def test_health_is_never_kept(http: httpx.Client) -> None:
    for path in ("/health", "/health/live"):
        answer = http.get(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}://chat.localhost", "Host": "chat.localhost"}, 200),
        ({"Origin": "{own}://elsewhere.example"}, 400),
        ({"Origin": "null"}, 400),
        ({"Origin": "{other}://chat.localhost", "Host": "chat.localhost"}, 400),
        ({"Origin": "{other}://chat.localhost"}, 400),
        (
            {"Origin": "{other}://chat.localhost", "Host": "chat.localhost", "X-Forwarded-Proto": "{other}"},
            400,
        ),
        ({"Origin": "{own}://chat.localhost", "X-Forwarded-Host": "chat.localhost"}, 400),
    ],
)
def test_only_our_own_pages_may_connect(http: httpx.Client, headers: dict[str, str], status: int) -> None:
    """Whatever a stranger says it forwards."""
    own, other = ("https", "http") if http.base_url.scheme == "https" else ("http", "https")
    told = {name: value.format(own=own, other=other) for name, value in headers.items()}
    assert http.get(POLLING, headers=told).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://chat.example", "Host": "chat.example", "X-Forwarded-Proto": "https"}, 200),
        (
            {
                "Origin": "https://chat.example",
                "X-Forwarded-Host": "chat.example",
                "X-Forwarded-Proto": "https",
            },
            200,
        ),
        (
            {
                "Origin": "http://chat.example",
                "X-Forwarded-Host": "chat.example",
                "X-Forwarded-Proto": "https",
            },
            400,
        ),
    ],
)
def test_only_our_own_pages_may_connect_behind_a_trusted_proxy_too(
    stack: Stack, headers: dict[str, str], status: int
) -> None:
    with opened_door(stack, TRUSTED_PROXIES="host") as door, door.http() as http:
        assert http.get(POLLING, headers=headers).status_code == status


def test_the_client_bundle_can_be_loaded_by_other_origins_pages(stack: Stack) -> None:
    with httpx.Client(base_url=stack.url) as http:
        bundle = http.get("/socket.io/socket.io.esm.min.js")
        assert bundle.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
        assert bundle.headers["access-control-allow-origin"] == "*"
        assert http.get("/").headers["cross-origin-resource-policy"] == "same-origin"
