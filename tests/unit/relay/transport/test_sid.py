"""Session ids that name their worker."""

import re
from hashlib import md5

import pytest
from relay.transport.sid import current_route, log_name, new_sid, route_of


@pytest.mark.parametrize(
    ("server", "address"),
    [
        (("172.18.0.4", 8000), b"172.18.0.4:8000"),
        (["172.18.0.4", 8000], b"172.18.0.4:8000"),
        (("fd00::4", 8000), b"[fd00::4]:8000"),
    ],
)
def test_a_route_is_what_nginx_makes_of_a_peers_address(server: tuple[str, int], address: bytes) -> None:
    """The md5 of ip:port in hex, IPv6 in brackets."""
    assert route_of(server) == md5(address).hexdigest()


def test_a_unix_socket_has_no_route() -> None:
    """There is no address to make one of."""
    assert route_of(("/run/chat.sock", None)) == ""
    assert route_of(None) == ""


def test_ids_never_repeat_and_begin_with_the_route() -> None:
    """The random part has 128 bits, in characters that need no quoting in an address."""
    token = current_route.set("a" * 32)
    ids = {new_sid() for _ in range(1000)}
    current_route.reset(token)
    assert len(ids) == 1000
    assert all(sid.startswith("a" * 32) and len(sid) == 54 and sid.isascii() for sid in ids)
    assert len(new_sid()) == 22


def test_the_log_names_a_session_without_its_id() -> None:
    """Always alike, so that its lines are found; whoever reads them cannot speak as it."""
    sid = new_sid()
    assert log_name(sid) == log_name(sid) != log_name(new_sid())
    assert re.fullmatch("[0-9a-f]{12}", log_name(sid))
