"""Behind the proxies that people have, with TLS: everybody connects, and ends on a WebSocket."""

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest

from tests.support.authority import Authority
from tests.support.door import NOBODYS, Door, opened_door, packed
from tests.support.people import ORDINARY, Person
from tests.support.stack import Stack
from tests.support.waiting import eventually, soon

PEOPLE = 20

# The Host with the port, and nothing but the scheme besides.
NGINX = """
pid /tmp/nginx.pid;
events {{}}
http {{
    access_log off;
    include /etc/nginx/snippets/limits.conf;
    map $http_upgrade $upgrading {{ default upgrade; "" ""; }}
    server {{
        listen 8443 ssl;
        ssl_certificate /fullchain.pem;
        ssl_certificate_key /privkey.pem;
        location / {{
            proxy_pass http://{inner}:8080;
            proxy_http_version 1.1;
            proxy_set_header Host $host:{port};
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $upgrading;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""

HAPROXY = """
global
    log stderr local0
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 60s
    option forwardfor
frontend chat
    bind 127.0.0.1:{port} ssl crt {folder}/both.pem alpn {alpn}
    {rules}
    default_backend chat
backend chat
    server chat 127.0.0.1:{inner}
"""

# What each says of the client's side.
AS_DOCUMENTED = "http-request set-header X-Forwarded-Proto https"
AS_TRAEFIK = """
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Port {port}
    http-request set-header X-Forwarded-Server proxy
    http-request set-header X-Real-Ip %[src]
    http-request set-header X-Forwarded-Proto wss if { req.hdr(upgrade) -i websocket }
    http-request set-header X-Forwarded-Proto https if !{ req.hdr(upgrade) -i websocket }
"""
AS_OF_TWO = """
    http-request set-header X-Forwarded-Proto HTTPS,http
    http-request set-header X-Forwarded-Host "%[req.hdr(host)], inner_1.example:8080"
    http-request set-header X-Forwarded-For ::ffff:192.0.2.7
    http-request set-header Host inner_1.example
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def nginx(stack: Stack, door: Door, authority: Authority) -> Iterator[int]:
    door.container.reload()
    port, inner = free_port(), stack.address(door.container, "front")
    outer = stack.docker.containers.create(
        stack.container("nginx").image,
        labels=NOBODYS,
        entrypoint=["/usr/sbin/nginx", "-c", "/outer.conf", "-g", "daemon off;"],
        network=stack.network("front").name,
        ports={"8443/tcp": ("127.0.0.1", port)},
    )
    try:
        conf = NGINX.format(inner=inner, port=port).encode()
        outer.put_archive("/", packed(authority.signs().files | {"outer.conf": conf}, 0o644))
        outer.start()
        yield port
    finally:
        outer.remove(force=True, v=True)


def haproxy(rules: str, alpn: str = "http/1.1") -> Callable[..., AbstractContextManager[int]]:
    @contextmanager
    def running(stack: Stack, door: Door, authority: Authority) -> Iterator[int]:
        port, folder = free_port(), authority.certificate.parent
        pair = authority.signs()
        (folder / "both.pem").write_bytes(pair.chain + pair.key)
        told = rules.replace("{port}", str(port))
        conf = HAPROXY.format(port=port, inner=door.port, folder=folder, rules=told, alpn=alpn)
        (folder / "haproxy.cfg").write_text(conf)
        with subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.cfg")]) as process:
            try:
                yield port
            finally:
                process.terminate()

    return running


@pytest.mark.parametrize(
    "proxy",
    [nginx, haproxy(AS_DOCUMENTED), haproxy(AS_TRAEFIK), haproxy(AS_OF_TWO, "h2,http/1.1")],
    ids=["nginx", "haproxy", "traefik's headers", "two proxies' headers"],
)
async def test_everybody_ends_on_a_websocket(
    stack: Stack, authority: Authority, proxy: Callable[..., AbstractContextManager[int]]
) -> None:
    subnet = stack.network("front").attrs["IPAM"]["Config"][0]["Subnet"]
    with opened_door(stack, TRUSTED_PROXIES=subnet) as door, proxy(stack, door, authority) as port:
        url, trust = f"https://localhost:{port}", authority.trust
        await asyncio.to_thread(
            eventually, lambda: is_up(url, trust), what="the proxy brings requests to the chat"
        )
        people = [Person(url, ORDINARY, f"person {n}", trust=trust) for n in range(PEOPLE)]
        await asyncio.gather(*(person.arrive() for person in people))
        await soon(
            lambda: all(person.transport == "websocket" for person in people),
            what="everybody ends on a WebSocket",
        )
        assert [answer for person in people for answer in person.errors] == []
        await asyncio.gather(*(person.leave() for person in people))
        signed = await asyncio.to_thread(
            httpx.post, f"{url}/sign-in", data={"name": "Ana"}, headers={"Origin": url}, verify=trust
        )
        assert signed.status_code == 303
        assert "Secure" in signed.headers["set-cookie"]


def is_up(url: str, trust: ssl.SSLContext) -> bool:
    return httpx.get(f"{url}/health/live", verify=trust).status_code == 200
