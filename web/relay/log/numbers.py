"""Numbers of entries: what may be one, and how the log, which alone knows them, writes them into data that is
a JSON object, or ends with one, while it keeps an entry."""

from typing import Any

MOST = 2**53 - 1
"""The largest number of an entry: JavaScript's largest exact integer."""


def check_page(after: Any, before: Any, limit: Any) -> None:
    """Raise ValueError for a page that can't be read. What a client sends may be anything."""
    for name, number in (("after", after), ("before", before)):
        if number is not None:
            check_seq(name, number)
    if type(limit) is not int or limit < 1:
        raise ValueError(f"`limit` is a whole number, 1 or more, and not {limit!r}")


def check_seq(name: str, number: Any) -> None:
    """Raise ValueError for what is no number of an entry, nor 0."""
    if type(number) is not int or not 0 <= number <= MOST:
        raise ValueError(f"`{name}` is a whole number from 0 to 2**53 - 1, and not {number!r:.40}")


def with_number(data: bytes, field: str, number: int) -> bytes:
    """Return data that `check_object` takes, with one more field in the object at its end."""
    comma = b"" if data.endswith(b"{}") else b","
    return b'%b%b"%b":%d}' % (data[:-1], comma, field.encode(), number)


def check_object(what: str, data: bytes) -> None:
    """Raise ValueError if data does not end as a JSON object without blanks does. `what`: whose it is."""
    if not data.endswith(b"}") or data.endswith(b" }"):
        raise ValueError(
            f"the data of a {what} ends with a JSON object without blanks, and gets a field there"
        )


def check_field(field: str) -> None:
    """Raise ValueError if a field would have to be written in another way in JSON."""
    if not field.isidentifier():
        raise ValueError(f"a numbered field is called as a variable may be, and not {field!r}")
