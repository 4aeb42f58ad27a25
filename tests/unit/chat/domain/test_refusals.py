"""The refusals, as a client is told of them."""

import pytest
from chat.domain.messages import check_text
from chat.domain.people import check_name
from chat.domain.refusals import Refused


def test_a_refusal_has_its_sentences_values_beside_it() -> None:
    """So a page can say the same in another language."""
    with pytest.raises(Refused) as refused:
        check_text("x" * 5, 4)
    answer = refused.value.answer()
    assert answer.pop("detail") == "The message has 5 characters; the most is 4."
    assert answer == {"ok": False, "error": "too_long", "length": 5, "most": 4}


def test_a_code_with_several_meanings_has_a_reason() -> None:
    """A name with a bell in it is invalid, and so is one of spaces that show nothing."""
    with pytest.raises(Refused) as refused:
        check_name("A\x07na")
    about = {"reason": "name_unseen_character", "character": "U+0007"}
    assert refused.value.answer() == {
        "ok": False,
        "error": "invalid",
        "detail": refused.value.detail,
        **about,
    }
