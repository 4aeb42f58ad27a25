"""A page that is too large for an answer is cut to what fits."""

import pytest
from relay.log.log import Entry, Head, Page
from relay.log.votes import Tally

TALLY = tuple(Tally(f"key{number}", 1, 9) for number in range(20))


def page(*, data: bytes = b"x" * 50, tally: tuple[Tally, ...] = ()) -> Page:
    entries = [Entry("tea", "epoch", seq, str(seq), 0, data, tally) for seq in range(1, 9)]
    return Page(Head("epoch", 8), entries, more=False)


@pytest.mark.parametrize(("newest", "expected"), [(True, [6, 7, 8]), (False, [1, 2, 3])])
def test_what_fits_is_the_end_that_was_asked_for(newest: bool, expected: list[int]) -> None:
    cut = page().fitting(600, newest=newest)
    assert [entry.seq for entry in cut.entries] == expected
    assert cut.more


def test_a_page_that_fits_stays_as_it_is() -> None:
    assert page().fitting(8 * 200, newest=True) == page()


def test_tallies_take_room_in_an_answer() -> None:
    assert len(page(tally=TALLY).fitting(8 * 200, newest=True).entries) == 1


def test_one_entry_fits_however_large_it_is() -> None:
    assert len(page(data=b"x" * 5000).fitting(600, newest=True).entries) == 1
