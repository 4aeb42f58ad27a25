"""What goes out is as short as JSON can be, and can always be sent."""

import json
from typing import Any

from hypothesis import given
from relay.support import utf8_json

from tests.unit.anything import JSON


def test_an_emoji_takes_its_four_bytes() -> None:
    """Python's own default makes twelve of them."""
    assert utf8_json.encode(["\U0001f600"]) == b'["\xf0\x9f\x98\x80"]'
    assert utf8_json.dumps(["\U0001f600", 1], separators=(", ", ": ")) == '["\U0001f600",1]'


@given(JSON)
def test_any_json_is_encoded_and_read_again(value: Any) -> None:
    """Halves of surrogate pairs too, which UTF-8 has no bytes for."""
    expected = json.loads(json.dumps(value))
    for encoded in (utf8_json.encode(value), utf8_json.dumps(value).encode()):
        assert json.dumps(json.loads(encoded.decode())) == json.dumps(expected)
