"""Under which names and at which paths the chat is answered."""

from pathlib import Path

import httpx
import pytest
from chat.app import build
from chat.settings import Settings

from tests.unit.wire import POLLING, Chat


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("chat.example.org", "/", 200),
        ("chat.example.org:8080", "/", 200),
        ("CHAT.example.org", "/", 200),
        ("a.example.net", "/", 200),
        ("evil.example", "/", 400),
        ("chat.example.org.evil.example", "/", 400),
        ("evil.example", POLLING, 400),
        ("evil.example", "/socket.io/socket.io.js", 400),
        ("10.0.0.7:8000", "/health", 200),
        ("10.0.0.7:8000", "/health/live", 200),
    ],
)
async def test_only_allowed_hosts_are_answered(bundle: Path, host: str, path: str, status: int) -> None:
    """But for the health checks."""
    hosts = ("chat.example.org", "*.example.net")
    app = build(Settings(client_bundle=bundle, allowed_hosts=hosts))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://x") as http:
        assert (await http.get(path, headers={"Host": host})).status_code == status
        await app.server.stop()


async def test_origins_of_the_setting_may_connect_besides_the_same_one(bundle: Path) -> None:
    """And get the CORS headers that their pages need."""
    settings = Settings(port=0, client_bundle=bundle, allowed_origins=("https://friend.example",))
    async with Chat(settings) as chat:
        friend = await chat.http.get(POLLING, headers={"Origin": "https://friend.example"})
        assert friend.status_code == 200
        assert friend.headers["access-control-allow-origin"] == "https://friend.example"
        assert (await chat.http.get(POLLING, headers={"Origin": chat.url})).status_code == 200
        assert (await chat.http.get(POLLING, headers={"Origin": "https://evil.example"})).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/sio/socket.io/x",
        "/sio/socket.io//",
        "/sio/socket.io/%3Fsid=x",
        "/sio/socket.io/../../x",
        "/sio/socket.io/%2e",
        "/sio/socket.io;x/",
        "//sio/socket.io/",
        "/SIO/socket.io/",
        "/sio/",
    ],
)
async def test_socket_io_is_at_one_path(chat: Chat, path: str) -> None:
    """nginx counts new sessions by it."""
    query = POLLING.partition("?")[2]
    answer = await chat.http.get("/", extensions={"target": f"{path}?{query}".encode()})
    assert answer.status_code == 404


async def test_the_path_of_socket_io_may_lack_the_slash_at_its_end(chat: Chat) -> None:
    assert (await chat.http.get(POLLING.replace("/?", "?"))).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in/", "/rooms/lobby/", "/health/", "/moderate/"])
async def test_nobody_is_sent_to_the_host_that_a_request_names(chat: Chat, path: str) -> None:
    answer = await chat.http.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("listens", "host", "status"),
    [
        ("127.0.0.1", "localhost:8000", 200),
        ("127.0.0.1", "LOCALHOST.", 200),
        ("127.0.0.1", "chat.localhost", 200),
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "[::1]:8000", 200),
        ("127.0.0.9", "127.0.0.9", 200),
        ("::1", "[::1]", 200),
        ("127.0.0.1", "rebound.example", 400),
        ("127.0.0.1", "localhost.rebound.example", 400),
        ("127.0.0.1", "127.0.0.1.rebound.example", 400),
        ("127.0.0.1", "rebound.example#.localhost", 400),
        ("localhost", "192.168.0.7:8000", 400),
        ("0.0.0.0", "chat.example", 200),
    ],
)
async def test_at_a_loopback_address_only_names_of_this_machine_are_answered(
    bundle: Path, listens: str, host: str, status: int
) -> None:
    """Another name was made to lead here: DNS rebinding."""
    app = build(Settings.read({"CLIENT_BUNDLE": str(bundle), "HOST": listens}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://x") as http:
        answer = await http.get("/", headers={"Host": host})
        assert answer.status_code == status
        assert status == 200 or "ALLOWED_HOSTS" in answer.text
        assert (await http.get("/health", headers={"Host": host})).status_code == 200
        await app.server.stop()


@pytest.mark.parametrize("setting", [{"ALLOWED_HOSTS": "*"}, {"TRUSTED_PROXIES": "127.0.0.1"}])
async def test_a_proxy_in_front_may_bring_any_name(bundle: Path, setting: dict[str, str]) -> None:
    app = build(Settings.read({"CLIENT_BUNDLE": str(bundle)} | setting))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi), base_url="http://x") as http:
        assert (await http.get("/", headers={"Host": "chat.example"})).status_code == 200
        await app.server.stop()
