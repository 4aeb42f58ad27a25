"""What one address may have at once, who is believed about whose address it is, and who is waited for."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.door import NOBODYS, Door, closed_door, opened_door, packed
from tests.support.session import POLLING, Session
from tests.support.stack import Stack
from tests.support.waiting import eventually

WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
HANDSHAKES = 10
"""That are let in at once with HANDSHAKES_PER_SECOND=1."""


def exhausts(http: httpx.Client, headers: dict[str, str] | None = None) -> None:
    """Open sessions until the door has enough of this address."""
    answers = [http.get(POLLING, headers=headers).status_code for _ in range(HANDSHAKES + 5)]
    assert answers[: HANDSHAKES - 1] == [200] * (HANDSHAKES - 1)
    assert 429 in answers


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
        eventually(lambda: http.get(POLLING).status_code == 200, within=5, what="the next second lets one in")


@pytest.mark.parametrize(
    "query",
    [
        "EIO=4&transport=polling&sid=",
        "EIO=4&transport=polling&SID=" + "0" * 40,
        "EIO=4&transport=polling&Sid=x&sid=",
        "EIO=4&transport=polling&xsid=x",
        "EIO=4&transport=polling&t=?sid=x",
    ],
)
def test_what_only_looks_like_a_session_counts_as_a_handshake(stack: Stack, query: str) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        exhausts(http)
        assert http.get(f"/sio/socket.io/?{query}").status_code == 429


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
        assert page.headers["content-security-policy"]
        assert http.get("/sign-in").status_code == 200, "only what is sent counts"
        assert http.get(POLLING).status_code == 200


async def test_an_address_has_only_so_many_connections_at_once(stack: Stack) -> None:
    with opened_door(stack, CONNECTIONS_PER_ADDRESS="3") as door:
        sessions = [await asyncio.to_thread(lambda: Session(door.url).joins()) for _ in range(3)]
        async with httpx.AsyncClient(base_url=door.url, timeout=40) as http:
            polls = [asyncio.create_task(_keeps_polling(http, each)) for each in sessions]
            await asyncio.to_thread(
                eventually, lambda: _refused(door), within=5, what="a fourth connection is refused"
            )
            for poll in polls:
                poll.cancel()
            await asyncio.gather(*polls, return_exceptions=True)
        await asyncio.to_thread(
            eventually, lambda: not _refused(door), within=5, what="who goes makes room for another"
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
    ],
)
def test_a_wrong_setting_stops_the_door_and_is_named(stack: Stack, name: str, value: str) -> None:
    with closed_door(stack, None, None, **{name: value}) as door:
        door.container.start()
        assert door.container.wait(timeout=10)["StatusCode"] == 2
        (said,) = door.says().splitlines()
        assert said.startswith(f"{name}: '")
        assert f"Example: {name}=" in said


def seen_from(door: Door, path: str) -> str:
    """The client's address in the log line of the request to this path."""

    def logged() -> str:
        lines = [json.loads(line) for line in door.says().splitlines() if line.startswith("{")]
        return next((line["client"] for line in lines if line["path"] == path), "")

    return eventually(logged, within=5, what=f"the request to {path} is logged")


CLAIMS = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "chat.example",
}


def test_nobody_is_believed_by_default(stack: Stack) -> None:
    with opened_door(stack) as door, door.http(headers=CLAIMS) as http:
        assert "Secure" not in http.get("/").headers["set-cookie"]
        http.get("/seen")
        assert seen_from(door, "/seen") not in ("", "203.0.113.7")
        own = http.post("/sign-in", data={"name": "Ana"}, headers={"Origin": "https://chat.example"})
        assert own.status_code == 403, "chat.example is another site"


def test_somebody_who_is_not_named_is_not_believed(stack: Stack) -> None:
    with opened_door(stack, TRUSTED_PROXIES="192.0.2.0/24, 2001:db8::/32") as door, door.http() as http:
        assert "Secure" not in http.get("/", headers=CLAIMS).headers["set-cookie"]
        http.get("/seen", headers=CLAIMS)
        assert seen_from(door, "/seen") != "203.0.113.7"


def test_a_new_address_in_a_header_is_no_way_around_the_limit(stack: Stack) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1") as door, door.http() as http:
        answers = {
            http.get(POLLING, headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(HANDSHAKES + 5)
        }
        assert 429 in answers


def test_the_proxy_on_this_machine_is_named_by_a_word(stack: Stack) -> None:
    """It comes through the gateway of Docker's network, as these tests do."""
    with opened_door(stack, TRUSTED_PROXIES="host") as door, door.http(headers=CLAIMS) as http:
        assert "Secure" in http.get("/").headers["set-cookie"]
        http.get("/seen")
        assert seen_from(door, "/seen") == "203.0.113.7"
        own = http.post("/sign-in", data={"name": "Ana"}, headers={"Origin": "https://chat.example"})
        assert own.status_code == 303


def test_each_address_behind_a_trusted_proxy_has_limits_of_its_own(stack: Stack) -> None:
    """Of IPv6, each network of a customer."""
    with opened_door(stack, HANDSHAKES_PER_SECOND="1", TRUSTED_PROXIES="host") as door, door.http() as http:
        for exhausted, same, other in (
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", "2001:db8:1:3:3:4:5:6"),
            ("2001:db8::1", "2001:db8::ffff:2", "2001:db9::1"),
        ):
            exhausts(http, {"X-Forwarded-For": exhausted})
            assert http.get(POLLING, headers={"X-Forwarded-For": same}).status_code == 429
            assert http.get(POLLING, headers={"X-Forwarded-For": other}).status_code == 200


# As its documentation has it: it adds to what it was told.
OUTER = """
pid /tmp/nginx.pid;
events {}
http {
    access_log off;
    # Where it may write.
    include /etc/nginx/snippets/limits.conf;
    server {
        listen 8090;
        location / {
            proxy_pass http://%s:8080;
            proxy_http_version 1.1;
            proxy_set_header Host inner.example;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Forwarded-Host $http_host;
        }
    }
}
"""


@contextmanager
def outer_proxy(stack: Stack, door: Door) -> Iterator[str]:
    """A second nginx in front of a door; gives its address."""
    door.container.reload()
    inner = stack.address(door.container, "front")
    outer = stack.docker.containers.create(
        stack.container("nginx").image,
        labels=NOBODYS,
        entrypoint=["/usr/sbin/nginx", "-c", "/outer.conf", "-g", "daemon off;"],
        network=stack.network("front").name,
    )
    try:
        outer.put_archive("/", packed({"outer.conf": (OUTER % inner).encode()}, 0o644))
        outer.start()
        outer.reload()
        url = f"http://{stack.address(outer, 'front')}:8090"
        eventually(
            lambda: httpx.get(f"{url}/health/live").is_success, within=10, what="the outer proxy answers"
        )
        yield url
    finally:
        outer.remove(force=True, v=True)


def test_behind_another_proxy_the_client_is_the_one_it_names(stack: Stack) -> None:
    """And not the one that the client itself names to it: of several, the last that nobody trusted."""
    networks = stack.network("front").attrs["IPAM"]["Config"]
    gateway, subnet = networks[0]["Gateway"], networks[0]["Subnet"]
    with opened_door(stack, TRUSTED_PROXIES=subnet) as door, outer_proxy(stack, door) as url:
        # All within the network is trusted here, so the chain goes back to what the client made up before it.
        httpx.get(f"{url}/first", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
        assert seen_from(door, "/first") == "203.0.113.7"
        page = httpx.get(f"{url}/", headers={"Host": "chat.example"})
        assert "Secure" in page.headers["set-cookie"]
        signed = httpx.post(
            f"{url}/sign-in",
            data={"name": "Ana"},
            headers={"Host": "chat.example", "Origin": "https://chat.example"},
        )
        assert signed.status_code == 303
    with opened_door(stack, TRUSTED_PROXIES="192.0.2.1") as door, outer_proxy(stack, door) as url:
        httpx.get(f"{url}/second", headers={"X-Forwarded-For": "203.0.113.7"})
        assert seen_from(door, "/second") not in ("203.0.113.7", gateway), "an outer proxy that nobody named"
        assert "Secure" not in httpx.get(f"{url}/").headers["set-cookie"]


def test_socket_io_passes_two_proxies(stack: Stack) -> None:
    with opened_door(stack, TRUSTED_PROXIES="host") as door, outer_proxy(stack, door) as url:
        session = Session(url).joins()
        session.posts('42["message","through two proxies"]').raise_for_status()
        assert "through two proxies" in session.polls().text


def test_who_sends_slowly_is_not_waited_for(stack: Stack) -> None:
    """Neither for the end of a header that comes byte by byte, nor for a body that does not come."""
    over: dict[socket.socket, float] = {}
    with opened_door(stack) as door:
        address = ("127.0.0.1", door.port)
        began = time.monotonic()
        with socket.create_connection(address) as header, socket.create_connection(address) as body:
            header.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            body.sendall(b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nname=")
            while len(over) < 2 and time.monotonic() - began < 20:
                for each in {header, body} - over.keys():
                    if is_over(each, drip=each is header):
                        over[each] = time.monotonic() - began
                time.sleep(0.2)
    assert all(8 < seconds < 14 for seconds in over.values())
    assert len(over) == 2


def is_over(connection: socket.socket, drip: bool) -> bool:
    """Whether the other side closed it; sends one more byte if not."""
    connection.setblocking(False)
    try:
        if connection.recv(1000) == b"":
            return True
    except BlockingIOError:
        pass
    except ConnectionError:
        return True
    try:
        if drip:
            connection.send(b"x")
    except ConnectionError:
        return True
    return False
