"""Addresses have one form."""

from contextlib import suppress

import pytest
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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("testclient", "", False),
    ],
)
def test_an_ipv6_customer_is_one_whatever_of_its_addresses_is_used(one: str, other: str, same: bool) -> None:
    assert (address_of((one, 1)) == address_of((other, 1))) is same
