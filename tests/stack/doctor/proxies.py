"""Proxies in front of the stack under test, with or without TLS, whichever of the two the stack speaks."""

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.stack.doctor.diagnosis import TLS
from tests.support.authority import Authority
from tests.support.proxy import Proxy, Rewrite, replacing
from tests.support.stack import Stack


@asynccontextmanager
async def proxy_to(stack: Stack, **rewrites: Rewrite) -> AsyncIterator[Proxy]:
    """A proxy that speaks as the stack does, to either side."""
    shown = None
    if TLS:
        shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        folder = Path(os.environ["AUTHORITY"])
        Authority(folder).signs()
        shown.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    async with Proxy(stack.listen, **rewrites, tls=shown, onward=trust()) as proxy:
        yield proxy


@asynccontextmanager
async def tls_proxy(stack: Stack, certificates: Path, name: str) -> AsyncIterator[Proxy]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    https = replacing("X-Forwarded-Proto", "https")
    async with Proxy(stack.listen, request=https, tls=context, onward=trust()) as proxy:
        yield proxy


def trust() -> ssl.SSLContext | None:
    """Whom a client of the stack has to trust."""
    return ssl.create_default_context() if TLS else None
