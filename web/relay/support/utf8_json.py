"""JSON for the wire and the log: UTF-8, without blanks. This module is python-socketio's `json=`.

By default Python escapes what is not ASCII: an emoji of 4 bytes becomes 12. Half of a surrogate pair, which
UTF-8 can't hold, is still escaped; a client may put one into any text, as `"\\ud800"`.

orjson writes nearly everything, in a tenth of the time. What it does not take, the standard library decides
about: half of a pair, and keys that are no texts. It reads nothing here: it makes floats of whole numbers of
more than 64 bits.
"""

import json
from math import isfinite
from typing import Any

import orjson

__all__ = ["dumps", "encode", "loads"]

LONGEST_NUMBER = 100
"""Digits of a whole number at most. Longer ones take long to read; upstream has the same limit."""


def _whole_number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


_read = json.JSONDecoder(parse_int=_whole_number).decode  # json.loads makes one for each call with options
# What the standard library refuses, as bytes in a dataclass may be in it.
_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
)

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(value: Any, *, allow_nan: bool = True) -> bytes:
    """Return a value as bytes. NaN and Infinity, which JSON does not have, become null; without `allow_nan`
    they raise ValueError. Raises TypeError for what is no JSON."""
    if allow_nan:
        try:
            return orjson.dumps(value, option=_OPTIONS)
        except TypeError:
            text = _text_of(value)
    else:
        text = _text(value)
    # Python's handler escapes a half of a pair just as JSON does, and it only stands inside strings.
    return text.encode(errors="backslashreplace")


def _text_of(value: Any) -> str:
    """What the standard library makes of a value, with null for what JSON does not have. It writes NaN by
    itself, and clients in JavaScript close their connection when they get that."""
    try:
        return _text(value)
    except ValueError as error:
        if "float" not in str(error):
            raise
        return _text(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def dumps(value: Any, **options: Any) -> str:
    """Return a value as text that can be encoded as UTF-8. `options`: ignored; callers of the standard
    library's function give some."""
    return encode(value).decode()


def loads(text: str | bytes, **options: Any) -> Any:
    """Return the value that a text means. `options`: as of the standard library's function. Raises ValueError
    for what is no JSON, and RecursionError for what is too deep."""
    if options or not isinstance(text, str):
        return json.loads(text, **{"parse_int": _whole_number, **options})
    return _read(text)
