"""docs/examples/nginx.conf in a real nginx. Where no DNS names the workers, it is with what
docs/relay-deploying.md puts in its place."""

import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from hashlib import md5
from pathlib import Path

import docker
import httpx
from docker.errors import ImageNotFound
from docker.models.containers import Container

from tests.stack.relay.worker import until
from tests.support import relay_document
from tests.support.door import packed
from tests.support.waiting import PATIENCE

REPOSITORY = Path(__file__).parents[3]
EXAMPLE = REPOSITORY / "docs/examples/nginx.conf"
[IMAGE] = re.findall(r"^FROM (nginx:\S+)$", (REPOSITORY / "nginx/Dockerfile").read_text(), re.MULTILINE)
BLOCKS = relay_document.blocks("nginx")
POLLING = "/socket.io/?EIO=4&transport=polling"
"""What begins a session. With `&sid=` it goes on."""


def listed(addresses: list[str]) -> str:
    """The document's example, with its listed addresses in the place of what DNS names."""
    [upstreams] = [block for block in BLOCKS if block.startswith("upstream web {")]
    first, second = re.findall(r"^    server (\S+) route=\w+", upstreams, re.MULTILINE)
    for documented, address in zip((first, second), addresses, strict=True):
        upstreams = upstreams.replace(f"server {documented}", f"server {address}")
        route = f"route={md5(documented.encode()).hexdigest()}"
        upstreams = upstreams.replace(route, f"route={md5(address.encode()).hexdigest()}")
    text = re.sub(r"^    resolver .*\n", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^    upstream pages \{.*?^    \}\n", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(
        r"^    upstream web \{.*?^    \}\n", lambda _: upstreams, text, flags=re.MULTILINE | re.DOTALL
    )


@contextmanager
def container(configuration: str, *arguments: str) -> Iterator[Container]:
    """One of nginx that was not started yet."""
    engine = docker.from_env()
    try:
        engine.images.get(IMAGE)
    except ImageNotFound:
        engine.images.pull(IMAGE)
    made = engine.containers.create(IMAGE, entrypoint=["/usr/sbin/nginx", *arguments], network_mode="host")
    try:
        made.put_archive("/", packed({"etc/nginx/nginx.conf": configuration.encode()}, 0o644))
        yield made
    finally:
        made.remove(force=True, v=True)
        engine.close()


@asynccontextmanager
async def nginx(addresses: list[str], at_home: bool = False) -> AsyncIterator[str]:
    """A real one, and its address. `at_home`: with what the document says of the cookie."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = listed(addresses)
    if at_home:
        [sticky] = re.findall(r"write `(sticky route [^`]*;)`", " ".join(relay_document.text().split()))
        text = text.replace("sticky route $route;", sticky).replace("http://pages;", "http://web;")
    assert "listen 8080;" in text
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    with container(text, "-g", "daemon off;") as running:
        running.start()

        async def answers() -> bool:
            try:
                async with httpx.AsyncClient(timeout=PATIENCE) as client:
                    return (await client.get(f"http://127.0.0.1:{port}{POLLING}")).status_code == 200
            except httpx.TransportError:
                running.reload()
                assert running.status == "running", running.logs().decode()
                return False

        await until(answers, "nginx reaches a worker")
        yield f"http://127.0.0.1:{port}"
