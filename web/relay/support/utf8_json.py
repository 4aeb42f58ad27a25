"""JSON as the wire and the log have it: UTF-8, without blanks. This module is python-socketio's `json=`.

Escaped, as Python writes it by default, an emoji of 4 bytes takes 12. What UTF-8 can't hold, half of a
surrogate pair, is escaped all the same: a client may put one into any text, as `"\\ud800"`.
"""

import json
from typing import Any

from engineio.json import loads  # refuses numbers that take long to read

__all__ = ["dumps", "encode", "loads"]

_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode(value: Any) -> bytes:
    """Return a value as bytes."""
    # JSON escapes a half just as Python's handler does. It stands in a string, after whole escapes.
    return _text(value).encode(errors="backslashreplace")


def dumps(value: Any, **options: Any) -> str:
    """Return a value as text that can be encoded. Options, which callers of the standard library's function
    give, are ours already."""
    text = _text(value)
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
