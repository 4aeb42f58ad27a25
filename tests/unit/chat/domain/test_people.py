"""What a name may be."""

import pytest
from chat.domain.people import Person, check_name
from chat.domain.refusals import Refused

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("  Ana \n", "Ana"),
        ("Jose\u0301", "José"),
        ("x" * 40, "x" * 40),
        ("e\u0301" * 40, "é" * 40),
        ("O'Neill-Ñandú 3.", "O'Neill-Ñandú 3."),
        ("山田 太郎", "山田 太郎"),
        ("نیلوفر", "نیلوفر"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("🏳️\u200d🌈", "🏳️\u200d🌈"),
        ("👋🏽", "👋🏽"),
        (ENGLAND, ENGLAND),
        ("<b>Ana</b>", "<b>Ana</b>"),
    ],
)
def test_names_are_trimmed_and_kept_in_one_form(given: str, name: str) -> None:
    """Every script, and what emoji are made of; markup is only text."""
    assert check_name(given) == name


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (None, "invalid"),
        (7, "invalid"),
        (["Ana"], "invalid"),
        ("", "empty"),
        (" \t\n", "empty"),
        ("x" * 41, "too_long"),
        ("A\x00na", "invalid"),
        ("A\nna", "invalid"),
        ("A\x1b[31mna", "invalid"),
        ("Ana\u202egnp.exe", "invalid"),
        ("\u2066Ana\u2069", "invalid"),
        ("Ana\u200f", "invalid"),
        ("A\u2028na", "invalid"),
        ("A\u200bna", "invalid"),
        ("A\u00adna", "invalid"),
        ("\ufeffAna", "invalid"),
        ("\u200dAna", "invalid"),
        ("Ana\u200d", "invalid"),
        ("A\u200d\u200dna", "invalid"),
        ("Ana\U000e0041", "invalid"),
        ("half \ud83d", "invalid"),
        ("\u0301", "invalid"),
        ("\u3164", "invalid"),
        ("\u2800", "invalid"),
        ("\ue000", "invalid"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_a_reason(name: object, error: str) -> None:
    """What can't be seen, turns the text around or breaks the line."""
    with pytest.raises(Refused) as refusal:
        check_name(name)
    assert refusal.value.error == error
    assert refusal.value.detail.endswith(".")


def test_two_of_one_name_are_two() -> None:
    assert Person.named("Ana").id != Person.named("Ana").id
