"""The address: where a client comes from, as limits and sanctions know it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from relay import Quota

from chat.domain.refusals import Refused


def address_of(client: Any) -> str:
    """Return the address of an ASGI scope's `client`; empty if there is none (a Unix socket)."""
    if not client:
        return ""
    try:
        return in_one_form(client[0])
    except ValueError:
        return str(client[0])


def check_address(address: Any) -> str:
    """Return an address that somebody gave, in its one form. Raises Refused."""
    try:
        return in_one_form(str(address).removesuffix("/64"))
    except ValueError:
        raise Refused("invalid", "`address` is an IP address, such as 192.0.2.7.") from None


@lru_cache(maxsize=1000)  # each connect asks twice, and parsing an address is 1.5 % of what it costs
def in_one_form(text: str) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one: one customer has all of it (RFC 6177). Raises
    ValueError."""
    address = ip_address(text)
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


def quotas_of(what: str, address: str, most: int, by_network: Mapping[int, int], seconds: int) -> list[Quota]:
    """Return what is counted of an address, and of the networks of IPv6 around it. `by_network`: how many, by
    the prefix."""
    quotas = [Quota(f"{what} from {address}", most, seconds)]
    for prefix, network in networks_of(address, by_network).items():
        quotas.append(Quota(f"{what} from {network}", by_network[prefix], seconds))
    return quotas


def networks_of(address: str, prefixes: Iterable[int]) -> dict[int, str]:
    """Return the networks with these prefixes around an IPv6 address, given as `address_of` has it; none
    around any other."""
    if not address.endswith("/64"):
        return {}
    return {prefix: str(IPv6Network(address).supernet(new_prefix=prefix)) for prefix in prefixes}
