"""What looks like a moderator's name is one, whatever it is written with."""

import pytest
from chat.domain.look_alikes import skeletons


@pytest.mark.parametrize(
    "other",
    [
        "anna",
        "ANNA",
        "Änna",
        "A\u0308nn\u0301a",
        "Аnna",  # a Cyrillic letter
        "ΑΝΝΑ",  # Greek capitals
        "Ａｎｎａ",
        "𝐀𝐧𝐧𝐚",
        "An\u200dna",
        "Ann\u034fa",
        "A n n a",
        "A\u00a0nna",
        "Anna.",
        "\U0001f6e1 Anna",
    ],
)
def test_a_look_alike_is_seen_through(other: str) -> None:
    assert skeletons("Anna") & skeletons(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lia", "Iia"),
        ("Tom", "Torn"),
        ("Bob", "B0b"),
        ("Мария", "Maрия"),
        ("Mia", "МІА"),
        ("\U0001f6e1", "\U0001f6e1"),
    ],
)
def test_other_names_have_look_alikes_too(one: str, other: str) -> None:
    assert skeletons(one) & skeletons(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "Anne"), ("Nina", "Hina"), ("Mia", "Mio"), ("李", "王"), ("\U0001f6e1", "\U0001f431")],
)
def test_other_names_are_others(one: str, other: str) -> None:
    assert not skeletons(one) & skeletons(other)
