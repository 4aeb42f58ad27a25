"""A certificate in a folder turns TLS on; what can't be used is said, and never makes plain HTTP of it."""

import re
import ssl
import subprocess
from collections.abc import Iterator

import aiohttp
import httpx
import pytest
import socketio

from tests.support.authority import Authority, Pair
from tests.support.door import Door, closed_door, opened_door, packed
from tests.support.session import POLLING
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually, soon


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.signs()


@pytest.fixture(scope="module")
def tls(whole_stack: Stack, authority: Authority, pair: Pair) -> Iterator[Door]:
    """A door with a certificate that fits, for those who leave it as it is."""
    with opened_door(whole_stack, pair.files, authority.trust) as door:
        yield door


@pytest.fixture
def changing(stack: Stack, authority: Authority, pair: Pair) -> Iterator[Door]:
    """The same, for one test."""
    with opened_door(stack, pair.files, authority.trust) as door:
        yield door


def served(door: Door) -> bytes:
    """The certificate that a new connection is shown."""
    return ssl.get_server_certificate(("127.0.0.1", door.port), timeout=5).encode()


def speaks(door: Door, least: ssl.TLSVersion, most: ssl.TLSVersion, authority: Authority) -> bool:
    context = authority.trust
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = least, most
    try:
        return httpx.get(f"{door.url}/health/live", verify=context).status_code == 200
    except httpx.ConnectError:
        return False


def test_plain_http_is_sent_to_https_at_the_same_address(tls: Door) -> None:
    """Without an answer from the chat, whatever was asked and by whatever method."""
    with httpx.Client(base_url=f"http://localhost:{tls.port}") as http:
        for method, path in (("GET", "/rooms/tea?a=b"), ("POST", "/sign-in"), ("GET", POLLING)):
            answer = http.request(method, path)
            assert (answer.status_code, answer.headers["location"]) == (
                308,
                f"https://localhost:{tls.port}{path}",
            )
            assert "set-cookie" not in answer.headers
            assert "strict-transport-security" not in answer.headers, "over plain HTTP it means nothing"


def test_the_usual_port_is_not_named(stack: Stack, authority: Authority, pair: Pair) -> None:
    with opened_door(stack, pair.files, authority.trust, LISTEN="0.0.0.0:443") as door:
        answer = httpx.get(f"http://127.0.0.1:{door.port}/", headers={"Host": "chat.test"})
        assert answer.headers["location"] == "https://chat.test/"


@pytest.mark.parametrize("path", ["/", "/nothing", "/health", "/socket.io/socket.io.js", POLLING])
def test_every_answer_asks_for_https_from_now_on(tls: Door, path: str) -> None:
    with tls.http() as http:
        assert http.get(path).headers.get_list("strict-transport-security") == ["max-age=31536000"]


def test_without_a_certificate_nothing_asks_for_https(stack: Stack) -> None:
    with opened_door(stack) as door, door.http() as http:
        answer = http.get("/")
        assert answer.status_code == 200
        assert "strict-transport-security" not in answer.headers
        assert "Secure" not in answer.headers["set-cookie"]


def test_the_cookie_is_secure(tls: Door) -> None:
    with tls.http() as http:
        assert {"Secure", "HttpOnly", "SameSite=lax"} <= set(http.get("/").headers["set-cookie"].split("; "))


def test_http_2_is_spoken(tls: Door, authority: Authority) -> None:
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{tls.port}", "-alpn", "h2,http/1.1"],
        input=b"",
        capture_output=True,
        timeout=10,
    ).stdout.decode(errors="replace")
    assert "ALPN protocol: h2" in said
    inside = tls.container.exec_run(
        "/usr/bin/curl -sk --http2 -o /dev/null -w '%{http_version} %{http_code}' https://127.0.0.1:8080/rooms/tea"
    )
    assert inside.output.decode() == "2 200"


@pytest.mark.parametrize(
    ("version", "spoken"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_modern_versions_are_spoken(
    tls: Door, authority: Authority, version: ssl.TLSVersion, spoken: bool
) -> None:
    assert speaks(tls, version, version, authority) is spoken


async def test_socket_io_upgrades_to_a_websocket_over_tls(tls: Door, authority: Authority) -> None:
    connector = aiohttp.TCPConnector(ssl=authority.trust)
    async with aiohttp.ClientSession(connector=connector) as http:
        client = socketio.AsyncClient(http_session=http, handle_sigint=False)
        where = {"socketio_path": "/sio/socket.io", "wait_timeout": PATIENCE}
        await client.connect(tls.url, auth={"name": "ana"}, **where)
        try:
            assert client.transport() == "websocket"
            assert (await client.call("message", "over TLS", timeout=PATIENCE))["ok"]
        finally:
            await client.eio.disconnect(abort=True)


async def test_a_renewed_certificate_is_taken_up_and_nobody_is_disconnected(
    changing: Door, authority: Authority
) -> None:
    renewed = authority.signs("renewed.test")
    gone: list[object] = []
    connector = aiohttp.TCPConnector(ssl=authority.trust)
    async with aiohttp.ClientSession(connector=connector) as http:
        client = socketio.AsyncClient(http_session=http, handle_sigint=False)
        client.on("disconnect", lambda *why: gone.append(why))
        where = {"socketio_path": "/sio/socket.io", "wait_timeout": PATIENCE}
        await client.connect(changing.url, auth={"name": "ana"}, **where)
        try:
            changing.has(renewed.files)
            await soon(lambda: served(changing) == renewed.chain, what="new connections get the renewed one")
            assert (await client.call("message", "still here", timeout=PATIENCE))["ok"]
            assert gone == []
        finally:
            await client.eio.disconnect(abort=True)


def test_a_renewal_that_does_not_fit_changes_nothing_and_is_said(
    changing: Door, authority: Authority, pair: Pair
) -> None:
    """As when only one of the two files was copied; once the other follows, both are taken."""
    renewed = authority.signs("renewed.test")
    changing.has({"fullchain.pem": renewed.chain})
    eventually(lambda: "is not the key of" in changing.says(), what="it is said")
    assert served(changing) == pair.chain
    changing.has({"privkey.pem": renewed.key})
    eventually(lambda: served(changing) == renewed.chain, what="both are taken up")


def test_a_certificate_turns_tls_on_while_the_chat_runs(
    stack: Stack, authority: Authority, pair: Pair
) -> None:
    with opened_door(stack) as door:
        before = door.accepting()
        door.has(pair.files)
        eventually(lambda: served(door) == pair.chain, what="TLS is on")
        eventually(lambda: not before & door.accepting(), what="those who speak plain HTTP accept nobody")
        assert httpx.get(door.url).status_code == 308


def test_a_certificate_that_goes_away_does_not_turn_tls_off(changing: Door, pair: Pair) -> None:
    assert changing.container.exec_run(["/usr/bin/rm", "-r", "/certs"], user="0:0").exit_code in (0, 1)
    changing.container.put_archive("/", packed({"certs/": b""}, 0o755))
    eventually(lambda: "are gone from the folder" in changing.says(), what="it is said")
    assert served(changing) == pair.chain


EXPIRED = ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no key", "privkey.pem is missing"),
        ("no certificate", "fullchain.pem is missing"),
        ("another's key", "privkey.pem is not the key of the first certificate"),
        ("expired", r"the certificate has expired \(notAfter=Jan  1 00:00:00 2021 GMT\)"),
        ("unreadable", "privkey.pem can't be read by user 101, .* chgrp 101 certs/privkey.pem"),
        ("unreadable folder", "the folder of the certificate can't be read by user 101"),
        ("no PEM", "fullchain.pem holds no certificate"),
        ("no key in it", "privkey.pem holds no private key"),
    ],
)
def test_what_cannot_be_used_stops_the_door_and_is_said(
    stack: Stack, authority: Authority, pair: Pair, what: str, said: str
) -> None:
    files = {
        "no key": {"fullchain.pem": pair.chain},
        "no certificate": {"privkey.pem": pair.key},
        "another's key": pair.files | {"privkey.pem": authority.signs().key},
        "expired": authority.signs(valid=EXPIRED).files,
        "no PEM": pair.files | {"fullchain.pem": b"nonsense"},
        "no key in it": pair.files | {"privkey.pem": pair.chain},
    }.get(what, pair.files)
    with closed_door(stack, files, authority.trust) as door:
        if what == "unreadable":
            door.has({"privkey.pem": pair.key}, mode=0o600)
        if what == "unreadable folder":
            door.container.put_archive("/", packed({"certs/": b""}, 0o700))
        door.container.start()
        assert door.container.wait(timeout=PATIENCE)["StatusCode"] == 2
        assert re.search(f"^TLS: {said}", door.says(), re.MULTILINE), door.says()
        assert len(door.says().splitlines()) == 1
