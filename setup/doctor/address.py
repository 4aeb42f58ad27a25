"""The address: where the deployment is reached, and plain requests to it with bounded waits."""

import ipaddress
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

PATIENCE = 5.0
"""Seconds that any single answer may take."""


class WrongUse(Exception):
    """The doctor was called in a way it cannot make sense of; the text says what was expected."""


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`https://chat.example.org[:port][/]`. Raises WrongUse."""
        expected = "expected http:// or https://, a host and perhaps a port, as in https://chat.example.org"
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError:
            raise WrongUse(f"{text!r} is no address; {expected}") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise WrongUse(f"{text!r} is no address; {expected}")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise WrongUse(f"{text!r} has a path, and the chat stands at the root of its host; {expected}")
        return cls(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80))

    @property
    def origin(self) -> str:
        """As browsers write it: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")

    @property
    def websocket(self) -> str:
        return "ws" + self.origin.removeprefix("http")

    @property
    def tls(self) -> bool:
        return self.scheme == "https"

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(verify: bool) -> ssl.SSLContext:
    """What the system trusts (`SSL_CERT_FILE` names another authority), or, without `verify`, anybody."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def requests(address: Address, context: ssl.SSLContext) -> httpx.AsyncClient:
    """A client without kept connections: whatever stands in front decides anew for each request, which is
    what shows whether it is sticky."""
    return httpx.AsyncClient(
        base_url=address.origin,
        verify=context,
        timeout=PATIENCE,
        limits=httpx.Limits(max_keepalive_connections=0),
        # A proxy for the outside world has no way to what listens on this machine only.
        trust_env=not address.loopback,
        headers={"User-Agent": "tertulia-doctor"},
    )
