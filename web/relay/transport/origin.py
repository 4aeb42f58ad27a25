"""The origin: whose page a request comes from, and which origin is our own (RFC 6454)."""

import re
from collections.abc import Collection
from ipaddress import IPv6Address
from typing import NamedTuple, Self

from starlette.datastructures import Headers
from starlette.types import Scope

DEFAULT_PORTS = {"http": 80, "https": 443}
WRITTEN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:(?P<port>[0-9]{0,5}))?"
)


class Origin(NamedTuple):
    """Two are the same if all three parts are (RFC 6454, 5). `host` is in lower case, and a dot at its end is
    part of it; `port` is None where the scheme has no default, as in capacitor://localhost."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what browsers write, in any case and with or without the scheme's own port. Raises ValueError
        for all else: `null`, several origins, a path, a user, a name that is not in ASCII (xn--…)."""
        found = WRITTEN.fullmatch(text.lower()) if text.isascii() else None
        if found is None or int(found["port"] or 0) > 65535:
            raise ValueError(f"{text!r} is not an origin, scheme://host[:port] without a path (nor *)")
        scheme, host = found["scheme"], found["host"]
        if host.startswith("["):
            host = f"[{IPv6Address(host[1:-1])}]"
        return cls(scheme, host, int(found["port"]) if found["port"] else DEFAULT_PORTS.get(scheme))

    def __str__(self) -> str:
        usual = self.port == DEFAULT_PORTS.get(self.scheme)
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


def own_origin(scope: Scope) -> Origin | None:
    """Return the origin that a request was sent to: its host, and the scheme that the server has, or that a
    proxy which it trusts names. None if there is no host, or several."""
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    try:
        return Origin.parse(f"{scheme}://{','.join(Headers(scope=scope).getlist('host'))}")
    except ValueError:
        return None


def refuse_origin(scope: Scope, others: Collection[Origin] = ()) -> str:
    """Return why a request's page may not send it: it is neither of our own origin nor of the `others`. Empty
    if it may; programs name no origin."""
    named = ",".join(Headers(scope=scope).getlist("origin"))
    if not named:
        return ""
    own = own_origin(scope)
    try:
        if Origin.parse(named) in (own, *others):
            return ""
    except ValueError:
        pass
    here = own or "a host without a name"
    return f"{named[:200]!r} is not an accepted origin; this server was reached as {here}"
