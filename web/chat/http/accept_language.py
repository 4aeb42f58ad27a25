"""The language of a page: the best one that a browser asks for."""

from collections.abc import Container

LONGEST = 35
"""Characters of a tag that are looked at; no language that is spoken has more (RFC 5646, section 4.4.1)."""


def best(header: str, offered: Container[str], default: str) -> str:
    """Return the language that an Accept-Language header prefers among those offered, by their tags in lower
    case; the default if it wants none of them, or any. `es-MX` is content with `es`, as in the lookup of
    RFC 4647 (section 3.4). What can't be read in the header counts for nothing."""
    wanted = [each for each in map(_range, header.split(",")) if each[0] > 0]
    for _, tag in sorted(wanted, key=lambda each: -each[0]):
        if tag == "*":
            return default
        while tag:
            if tag in offered:
                return tag
            tag = tag.rpartition("-")[0]
    return default


def _range(text: str) -> tuple[float, str]:
    """Return the quality and the tag of a part of the header; the quality is 0 for what is not wanted."""
    tag, *parameters = (part.strip().lower() for part in text.split(";"))
    tag = tag[:LONGEST]
    if not parameters:
        return 1.0, tag
    name, _, value = parameters[0].partition("=")
    try:
        quality = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        quality = 0.0
    return (quality, tag) if 0 <= quality <= 1 else (0.0, tag)
