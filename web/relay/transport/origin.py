"""Origins: which site's page sends a request, and which origin is the server's own (RFC 6454)."""

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
    """Two origins are the same if all three parts are (RFC 6454, section 5). `host`: in lower case; a dot at
    its end is part of it. `port`: None if there is none and the scheme has no default, as in
    capacitor://localhost."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the origin that a text names, in upper or lower case, with or without the scheme's default
        port. Raises ValueError for all else: `null`, several origins, a path, a user, or a host that is not
        in ASCII."""
        found = WRITTEN.fullmatch(text.lower()) if text.isascii() else None
        if found is None or int(found["port"] or 0) > 65535:
            raise ValueError(
                f"{text!r} is not an origin: write scheme://host or scheme://host:port, without a path and "
                "without a slash at its end"
            )
        scheme, host = found["scheme"], found["host"]
        if host.startswith("["):
            host = f"[{IPv6Address(host[1:-1])}]"
        return cls(scheme, host, int(found["port"]) if found["port"] else DEFAULT_PORTS.get(scheme))

    def __str__(self) -> str:
        usual = self.port == DEFAULT_PORTS.get(self.scheme)
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


def own_origin(scope: Scope) -> Origin | None:
    """Return the origin that a request was sent to: its host, and the scheme of the server or of a proxy that
    it trusts. None if there is no host, or several."""
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    try:
        return Origin.parse(f"{scheme}://{','.join(Headers(scope=scope).getlist('host'))}")
    except ValueError:
        return None


def refuse_origin(scope: Scope, others: Collection[Origin] = ()) -> str:
    """Return why a request is refused: its page is neither of our own origin nor of the `others`. Empty if it
    is not refused. Programs that are not browsers name no origin, and are not refused."""
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
