"""What a client sent is taken apart, and each argument is what its reader says, or refused."""

from typing import Any

import pytest
from chat.domain.refusals import Refused
from chat.events.arguments import taken_apart, whole_number

EXACT = 2**53 - 1
"""The largest whole number that JavaScript writes and reads as it is."""


@pytest.mark.parametrize("number", [0, 1, EXACT])
def test_a_whole_number_is_taken_as_it_is(number: int) -> None:
    assert whole_number("seq")({"seq": number}) == number


@pytest.mark.parametrize("value", [-1, EXACT + 1, 0.5, "1", True, False, [1]])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(Refused) as refused:
        whole_number("seq")({"seq": value})
    assert (refused.value.error, "`seq`" in refused.value.detail) == ("invalid", True)


def test_a_number_may_be_left_out() -> None:
    assert whole_number("seq")({}) is whole_number("seq")({"seq": None}) is None


@pytest.mark.parametrize(
    ("arguments", "text", "found"),
    [
        ((), False, (None, {})),
        ((None,), False, (None, {})),
        (({"room": "tea"},), False, (None, {"room": "tea"})),
        ((), True, (None, {})),
        (("hello",), True, ("hello", {})),
        (("hello", None), True, ("hello", {})),
        (("hello", {"room": "tea"}), True, ("hello", {"room": "tea"})),
    ],
)
def test_options_may_be_left_out_and_a_text_comes_before_them(
    arguments: tuple[Any, ...], text: bool, found: tuple[Any, Any]
) -> None:
    assert taken_apart(arguments, text=text) == found


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(("tea",), False), (({}, {}), False), (("hello", "tea"), True), ((1, {}, 2), True)],
)
def test_nothing_else_is_taken(arguments: tuple[Any, ...], text: bool) -> None:
    with pytest.raises(Refused):
        taken_apart(arguments, text=text)
