"""What one address may have at once."""

import asyncio
import re

import httpx
import pytest

from tests.support.door import HANDSHAKES, Door, closed_door, exhausts, opened_door
from tests.support.session import POLLING, Session
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually

WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_too_many_handshakes_are_refused_and_told_when_to_come_back(stack: Stack) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        exhausts(http)
        answer = http.get(POLLING)
        assert (answer.status_code, answer.headers["content-type"]) == (
            429,
            "application/json; charset=utf-8",
        )
        body = answer.json()
        assert (body["error"], body["retry_after"]) == ("rate_limited", 5)
        assert answer.headers["retry-after"] == "5"
        assert http.get("/").status_code == 200, "the page is no handshake"
        eventually(lambda: http.get(POLLING).status_code == 200, what="the next second lets one in")


def test_too_many_pages_are_refused(stack: Stack) -> None:
    """Whatever a worker would have to make; files and sessions are not counted with them."""
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        paths = ["/", "/rooms/tea", "/sign-in", "/no-such-page", "/health"]
        answers = [http.get(paths[number % 5]).status_code for number in range(3 * HANDSHAKES)]
        assert 429 in answers
        assert http.get("/socket.io/socket.io.js").status_code == 200
        session = Session(door.url).joins()
        assert session.posts('42["message","hello"]').status_code == 200
        eventually(lambda: http.get("/").status_code == 200, what="the next second shows a page")


@pytest.mark.parametrize(
    "query",
    [
        "EIO=4&transport=polling&sid=",
        "EIO=4&transport=polling&SID=" + "0" * 40,
        "EIO=4&transport=polling&Sid=x&sid=",
        "EIO=4&transport=polling&xsid=x",
        "EIO=4&transport=polling&t=?sid=x",
        "EIO=4&transport=polling#&sid=x",
        "EIO=4&transport=polling&;sid=x",
        "EIO=4&transport=polling&+sid=x",
        "EIO=4&transport=polling&s%69d=x",
    ],
)
def test_what_only_looks_like_a_session_counts_as_a_handshake(stack: Stack, query: str) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        exhausts(http)
        for path in ("/sio/socket.io/", "/sio/socket.io", "//sio/./socket.io%2F"):
            assert asked(http, f"{path}?{query}") == 429


@pytest.mark.parametrize(
    "path",
    [
        "/sio/socket.io/%3Fsid=x",
        "/sio/socket.io/../../x",
        "/sio/socket.io/x",
        "/sio/socket.io/%0A",
        "/sio/socket.io;/",
        "/sio/socket.io/?sid=x%00",
        "/SIO/socket.io/",
        "/sio/",
        "/sio",
    ],
)
def test_no_other_path_leads_to_a_session(stack: Stack, path: str) -> None:
    with httpx.Client(base_url=stack.url) as http:
        assert asked(http, f"{path}?EIO=4&transport=polling") in (400, 404)


@pytest.mark.parametrize("path", ["/sign-in", "/%73ign-in", "//sign-in", "/x/../sign-in"])
def test_a_sign_in_counts_however_it_is_spelt(stack: Stack, path: str) -> None:
    with opened_door(stack, SIGN_INS_PER_MINUTE="3") as door, door.http() as http:
        assert [asked(http, path, "POST") for _ in range(5)][-1] == 429


def asked(http: httpx.Client, target: str, method: str = "GET") -> int:
    """The status of a request whose target is sent as it is written here."""
    return http.request(method, "/", extensions={"target": target.encode()}).status_code


def test_a_websocket_without_a_session_counts_as_a_handshake(stack: Stack) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        exhausts(http)
        answer = http.get("/sio/socket.io/?EIO=4&transport=websocket", headers=WEBSOCKET)
        assert answer.status_code == 429


def test_a_living_session_is_not_counted(stack: Stack) -> None:
    """However often it polls and posts, and while nobody else comes in."""
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        session = Session(door.url).joins()
        exhausts(http)
        for number in range(3 * HANDSHAKES):
            assert session.posts(f'42["message","number {number}"]').status_code == 200
            assert session.polls().status_code == 200


def test_too_many_sign_ins_get_a_page_that_says_so(stack: Stack) -> None:
    with opened_door(stack, SIGN_INS_PER_MINUTE="6") as door, door.http() as http:
        answers = [http.post("/sign-in", data={"name": "Ana"}) for _ in range(10)]
        assert [answer.status_code for answer in answers[:6]] == [303] * 6
        page = answers[-1]
        assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert "Too much at once" in page.text
        assert page.headers["retry-after"] == "10"
        spanish = http.post("/sign-in", data={"name": "Ana"}, headers={"Accept-Language": "es-MX,es;q=0.9"})
        assert "Demasiado de golpe" in spanish.text
        assert page.headers["content-security-policy"]
        assert http.get("/sign-in").status_code == 200, "only what is sent counts"
        assert http.get(POLLING).status_code == 200


async def test_an_address_has_only_so_many_connections_at_once(stack: Stack) -> None:
    with opened_door(stack, CONNECTIONS_PER_ADDRESS="3") as door:
        sessions = [await asyncio.to_thread(lambda: Session(door.url).joins()) for _ in range(3)]
        async with httpx.AsyncClient(base_url=door.url, timeout=PATIENCE) as http:
            polls = [asyncio.create_task(_keeps_polling(http, each)) for each in sessions]
            await asyncio.to_thread(eventually, lambda: _refused(door), what="a fourth connection is refused")
            for poll in polls:
                poll.cancel()
            await asyncio.gather(*polls, return_exceptions=True)
        await asyncio.to_thread(
            eventually, lambda: not _refused(door), what="who goes makes room for another"
        )


async def _keeps_polling(http: httpx.AsyncClient, session: Session) -> None:
    """A poll ends with what somebody says or who comes and goes."""
    while True:
        await http.get(f"{POLLING}&sid={session.sid}")


def _refused(door: Door) -> bool:
    return httpx.get(door.url + POLLING).status_code == 429


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HANDSHAKES_PER_SECOND", "0"),
        ("HANDSHAKES_PER_SECOND", "1; return 200"),
        ("CONNECTIONS_PER_ADDRESS", "many"),
        ("SIGN_INS_PER_MINUTE", "100001"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/8;"),
        ("RESOLVER", "dns.example"),
        ("RESOLVER", "10.0.0.256"),
        ("RESOLVER", "10.0.0.1; return 200"),
        ("WORKERS", "4"),
        ("WORKERS", "web:8000"),
        ("WORKERS", "web; return 200"),
        ("CONNECT_MILLISECONDS", "0"),
        ("CONNECT_MILLISECONDS", "300ms"),
    ],
)
def test_a_wrong_setting_stops_the_door_and_is_named(stack: Stack, name: str, value: str) -> None:
    with closed_door(stack, None, None, **{name: value}) as door:
        door.container.start()
        assert door.container.wait(timeout=PATIENCE)["StatusCode"] == 2
        (said,) = door.says().splitlines()
        assert said.startswith(f"{name}: '")
        assert f"Example: {name}=" in said


def test_the_name_of_the_workers_is_a_setting(stack: Stack) -> None:
    """Here that of one worker, which then has all sessions."""
    worker = stack.containers("web")[0]
    with opened_door(stack, WORKERS=str(worker.name)) as door:
        routes = set()
        for _ in range(6):
            session = Session(door.url)
            session.leaves()
            routes.add(session.route)
        assert routes == {route for route, found in stack.workers().items() if found.id == worker.id}


def test_the_dns_server_is_a_setting(stack: Stack) -> None:
    """Where none answers, nginx runs and finds no worker."""
    with closed_door(stack, RESOLVER="127.0.0.1:5353") as door:
        door.container.start()
        health = eventually(lambda: httpx.get(f"{door.url}/health", timeout=PATIENCE), what="nginx answers")
        assert (health.status_code, health.json()["detail"][:18]) == (503, "No worker answers.")
    with opened_door(stack, RESOLVER="127.0.0.11:53") as door:
        assert httpx.get(f"{door.url}/health", timeout=PATIENCE).status_code == 200


def test_the_time_to_connect_is_a_setting(stack: Stack) -> None:
    """To a worker. A store elsewhere has longer."""
    with opened_door(stack, CONNECT_MILLISECONDS="1234") as door:
        _, running = door.container.exec_run(["/usr/sbin/nginx", "-T"])
        assert re.findall(r"proxy_connect_timeout (\w+);", running.decode()) == ["1234ms", "5s"]
