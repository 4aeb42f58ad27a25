"""What goes out is as short as JSON can be, and can always be sent."""

import dataclasses
import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from relay.support import utf8_json

from tests.unit.anything import JSON


def plain(text: str) -> str:
    """JSON without the words that are none: NaN and Infinity."""
    return json.dumps(json.loads(text, parse_constant=lambda _: None))


def test_an_emoji_takes_its_four_bytes() -> None:
    """Python's own default makes twelve of them."""
    assert utf8_json.encode(["\U0001f600"]) == b'["\xf0\x9f\x98\x80"]'
    assert utf8_json.dumps(["\U0001f600", 1], separators=(", ", ": ")) == '["\U0001f600",1]'


@given(JSON)
def test_any_json_is_encoded_and_read_again(value: Any) -> None:
    """Halves of surrogate pairs too, which UTF-8 has no bytes for. NaN is null: at the word itself clients in
    JavaScript close their connection."""
    for encoded in (utf8_json.encode(value), utf8_json.dumps(value).encode()):
        assert plain(encoded.decode()) == plain(json.dumps(value))


@given(JSON)
def test_any_json_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    """Halves of surrogate pairs too, and numbers of any size."""
    text = json.dumps(value)
    assert json.dumps(utf8_json.loads(text)) == text
    assert json.dumps(utf8_json.loads(text.encode())) == text


@pytest.mark.parametrize(
    "text", ["NaN", "[-Infinity]", r'"\ud800"', "1e999", "18446744073709551616", "-9223372036854775808"]
)
def test_what_is_unusual_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert repr(utf8_json.loads(text)) == repr(json.loads(text))


@pytest.mark.parametrize(
    "text", ["", "[", "[1,]", "{1:2}", "'a'", "[1] 2", '"\x01"', b"\xff", "[" * 50_000, "." * 101]
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        utf8_json.loads(text)


def test_what_json_has_no_number_for_is_null_or_refused() -> None:
    assert utf8_json.encode([float("nan"), float("inf")]) == b"[null,null]"
    with pytest.raises(ValueError, match="not JSON compliant"):
        utf8_json.encode([float("nan")], allow_nan=False)


@pytest.mark.parametrize(
    "beside", [2**70, "\ud800", {1: 2}], ids=["a long number", "half of a pair", "a key"]
)
def test_what_json_has_no_number_for_is_null_beside_what_is_unusual(beside: Any) -> None:
    """What orjson leaves to the standard library, which writes NaN."""
    for nan in (float("nan"), float("-inf")):
        encoded = utf8_json.encode({"a": [nan, (nan, beside)], "b": nan})
        assert json.loads(encoded, parse_constant=pytest.fail) == json.loads(
            json.dumps({"a": [None, [None, beside]], "b": None})
        )


def test_keys_that_are_no_texts_become_texts() -> None:
    assert utf8_json.encode({2: 1, True: None}) == b'{"2":1,"true":null}'


@dataclasses.dataclass
class Thing:
    name: str


@pytest.mark.parametrize(
    "value",
    [b"bytes", bytearray(1), {1}, object(), Thing("a"), datetime.date(2026, 1, 1)],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_json_is_not_encoded(value: object) -> None:
    """Bytes go beside the JSON, and who calls learns of them by this."""
    with pytest.raises(TypeError):
        utf8_json.encode([value])
