"""Numbers that only the log knows: it writes them into data that is a JSON object, or ends with one, while it
keeps an entry."""


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
