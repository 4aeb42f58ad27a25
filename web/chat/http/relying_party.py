"""The relying party of a request: the host and the origin at which passkeys are made and used.

Browsers make passkeys for host names only, and only on pages that nobody on the line can change: those that
came by https, or from this machine (Web Authentication, 5.1.3).
"""

from ipaddress import ip_address

from relay import Origin
from starlette.requests import Request

from chat.domain.refusals import Refused
from chat.people.ceremony import RelyingParty


def of(request: Request) -> RelyingParty:
    """Return it, by the address that the request was sent to. Raises Refused where there can be none."""
    try:
        origin = Origin.parse(str(request.base_url).rstrip("/"))
    except ValueError:
        raise no_name() from None
    here = origin.host == "localhost" or origin.host.endswith(".localhost")
    if _is_address(origin.host) or not (origin.scheme == "https" or here):
        raise no_name()
    return RelyingParty(origin.host, str(origin))


def can_be(request: Request) -> bool:
    """Return whether there can be passkeys at the address that the request was sent to."""
    try:
        of(request)
    except Refused:
        return False
    return True


def no_name() -> Refused:
    """Return the refusal of an address at which there can be no passkeys."""
    detail = "Passkeys need an address with a host name and https."
    return Refused("invalid", detail, reason="passkey_host")


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
