"""Who is believed about whose address it is: nobody, unless a proxy is named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.door import HANDSHAKES, NOBODYS, Door, exhausts, opened_door, packed
from tests.support.session import POLLING, Session
from tests.support.stack import Stack
from tests.support.waiting import eventually


def seen_from(door: Door, path: str) -> str:
    """The client's address in the log line of the request to this path."""

    def logged() -> str:
        lines = [json.loads(line) for line in door.says().splitlines() if line.startswith("{")]
        return next((line["client"] for line in lines if line["path"] == path), "")

    return eventually(logged, what=f"the request to {path} is logged")


CLAIMS = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "chat.example",
}


def test_nobody_is_believed_by_default(stack: Stack) -> None:
    with opened_door(stack) as door, door.http(headers=CLAIMS) as http:
        assert "Secure" not in http.get("/").headers["set-cookie"]
        assert "strict-transport-security" not in http.get("/").headers
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
        for path in ("/", "/socket.io/socket.io.js", "/metrics"):
            assert http.get(path).headers["strict-transport-security"] == "max-age=31536000"
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
            ("2001:dba::5:6:7:8", "2001:dba::1", "2001:dba:0:1::1"),
            ("2001:0:0:3:4:5:6:7", "2001:0:0:3::7", "2001::1"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("[::FFFF:c000:0209]:443", "192.0.2.9:80", "::ffff:192.0.2.10"),
            ("::1", "::2", "::1:0:0:0:1"),
            ("fe80::1", "fe80:0:0:0:ffff::1", "fe80:0:0:1::1"),
        ):
            exhausts(http, {"X-Forwarded-For": exhausted})
            assert http.get(POLLING, headers={"X-Forwarded-For": same}).status_code == 429
            assert http.get(POLLING, headers={"X-Forwarded-For": other}).status_code == 200


@pytest.mark.parametrize("claim", ["unknown", "fe80::1%eth0", "unix:", "", "_hidden", "192.0.2.7.1"])
def test_what_is_no_address_is_counted_as_the_proxys(stack: Stack, claim: str) -> None:
    with opened_door(stack, HANDSHAKES_PER_SECOND="1", TRUSTED_PROXIES="host") as door, door.http() as http:
        exhausts(http, {"X-Forwarded-For": claim})


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
        eventually(lambda: httpx.get(f"{url}/health/live").is_success, what="the outer proxy answers")
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
        session.hears("through two proxies")
