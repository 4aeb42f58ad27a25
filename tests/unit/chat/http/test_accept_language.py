"""The language of a page, by what the browser asks for."""

import pytest
from chat.http.accept_language import best


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("ES-mx", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,es;q=0.9", "en"),
        ("en;q=0.1, es;q=0.9", "es"),
        ("de,fr;q=0.9", "en"),
        ("de,es;q=0.5", "es"),
        ("*", "en"),
        ("*;q=0.5, es;q=0.4", "en"),
        ("es;q=0", "en"),
        ("es;q=0, pt-BR", "pt-br"),
        ("pt-BR-x-private", "pt-br"),
        ("pt", "en"),
        ("es;q=nonsense", "en"),
        ("es;q=2", "en"),
        ("es;q=nan", "en"),
        ("es;level=1", "en"),
        (";q=1,,es", "es"),
        ("est", "en"),
    ],
)
def test_the_best_language_there_is_is_chosen(header: str, language: str) -> None:
    """By quality, then by order; a region is content with its language."""
    assert best(header, {"en", "es", "pt-br"}, "en") == language


def test_a_long_header_takes_no_time() -> None:
    """64 KiB of it, whatever is in it."""
    assert best("-" * 65_536, {"en"}, "en") == "en"
    assert best("a-" * 32_768, {"en"}, "en") == "en"
