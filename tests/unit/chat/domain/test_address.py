"""Addresses have one form."""

from contextlib import suppress

from chat.domain.address import address_of, check_address
from chat.domain.refusals import Refused
from hypothesis import given
from hypothesis import strategies as st


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(Refused):
        found = check_address(text)
        assert check_address(found) == found


def test_an_address_has_one_form() -> None:
    """A household's IPv6 network counts as one address."""
    assert address_of(("192.0.2.7", 80)) == address_of(("::ffff:192.0.2.7", 80)) == "192.0.2.7"
    assert address_of(("2001:DB8::1", 80)) == check_address("2001:db8:0:0:ffff::") == "2001:db8::/64"
    assert address_of(None) == ""
