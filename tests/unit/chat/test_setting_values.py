"""What the text of a setting becomes, up to the bounds of what it may be."""

import pytest
from chat.setting_values import access_code, between, comma_list, one_of, secret_key, size, unless


@pytest.mark.parametrize(
    ("text", "bytes"),
    [("1024k", 2**20), ("1m", 2**20), ("64M", 2**26), ("64mb", 2**26), ("1g", 2**30), ("2GB", 2**31)],
)
def test_a_size_is_counted_in_bytes(text: str, bytes: int) -> None:
    assert size(text) == bytes


@pytest.mark.parametrize("text", ["1023k", "0g", "1", "1t", "-1m", "1.5g", "m", "1 m", "1234567k"])
def test_what_is_no_size_of_a_megabyte_or_more_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        size(text)


def test_both_ends_of_a_range_are_in_it() -> None:
    parse = between(2, 10)
    assert [parse("2"), parse("10"), parse("07")] == [2, 10, 7]
    for text in ("1", "11", "", "-2", "2.0", "1234567890"):
        with pytest.raises(ValueError, match="is not a whole number from 2 to 10"):
            parse(text)


def test_a_word_may_stand_for_no_limit() -> None:
    parse = unless("always", between(0, 10))
    assert [parse("always"), parse("Always"), parse("0")] == [None, None, 0]
    with pytest.raises(ValueError, match="'never' is not a whole number from 0 to 10, nor is it 'always'"):
        parse("never")


def test_a_code_has_at_most_200_characters_and_a_key_at_least_32() -> None:
    assert access_code("x" * 200) == "x" * 200
    assert secret_key("x" * 32) == "x" * 32
    with pytest.raises(ValueError, match="201"):
        access_code("x" * 201)
    with pytest.raises(ValueError, match="31"):
        secret_key("x" * 31)


def test_words_are_read_in_any_case_and_lists_in_any_spacing() -> None:
    assert one_of("text", "json")("JSON") == "json"
    assert comma_list(" a,b , ,c,") == ("a", "b", "c")
