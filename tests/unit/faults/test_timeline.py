"""A timeline shows every message once and in order, whatever it hears."""

import itertools
from typing import Any

import pytest

from tests.faults.timeline import Timeline


class Shown:
    """A timeline, with the numbers that it showed and where it began."""

    def __init__(self) -> None:
        self.began: list[tuple[str, int]] = []
        self.seqs: list[int] = []
        self.timeline = Timeline(
            lambda *where: self.began.append(where), lambda message, _: self.seqs.append(message["seq"])
        )


def message(seq: int, epoch: str = "one") -> dict[str, Any]:
    return {"seq": seq, "id": f"{epoch}-{seq}", "text": "", "epoch": epoch}


@pytest.fixture
def shown() -> Shown:
    """Joined a room with messages 1 and 2."""
    shown = Shown()
    shown.timeline.begin("one", 2, [message(1), message(2)])
    return shown


@pytest.mark.parametrize("order", list(itertools.permutations((3, 4, 5))))
def test_live_messages_are_shown_in_order(shown: Shown, order: tuple[int, ...]) -> None:
    for seq in order:
        shown.timeline.hear(message(seq))
    assert shown.seqs == [1, 2, 3, 4, 5]


def test_nothing_is_shown_past_a_hole(shown: Shown) -> None:
    shown.timeline.hear(message(4))
    assert shown.timeline.has_hole
    assert shown.seqs == [1, 2]
    shown.timeline.fill([message(3), message(4)])
    assert not shown.timeline.has_hole
    assert shown.seqs == [1, 2, 3, 4]


def test_what_was_heard_before_the_first_page_is_not_lost() -> None:
    shown = Shown()
    shown.timeline.hear(message(3))
    assert shown.seqs == []
    shown.timeline.begin("one", 2, [message(2)])
    assert (shown.began, shown.seqs) == ([("one", 2)], [2, 3])


def test_coming_back_goes_on_where_it_ended(shown: Shown) -> None:
    """With a page that the limit cut, the rest is a hole to be filled."""
    shown.timeline.resume("one", 5, [message(3), message(4)])
    assert shown.timeline.has_hole
    shown.timeline.fill([message(5)])
    assert (shown.began, shown.seqs) == ([("one", 1)], [1, 2, 3, 4, 5])


def test_another_epoch_is_doubted_and_shown_after_starting_over(shown: Shown) -> None:
    shown.timeline.hear(message(2, epoch="two"))
    assert shown.timeline.doubted
    assert shown.seqs == [1, 2]
    shown.timeline.begin("two", 1, [message(1, epoch="two")])
    assert (shown.began, shown.seqs) == ([("one", 1), ("two", 1)], [1, 2, 1, 2])


def test_a_known_number_under_another_id_is_doubted(shown: Shown) -> None:
    shown.timeline.hear(message(2) | {"id": "another"})
    assert shown.timeline.doubted


def test_a_room_that_nobody_wrote_to_gets_its_epoch_with_its_first_message() -> None:
    shown = Shown()
    shown.timeline.begin("", 0, [])
    shown.timeline.hear(message(1))
    assert shown.timeline.doubted
    shown.timeline.resume("one", 1, [message(1)])
    assert (shown.began, shown.seqs) == ([("one", 1)], [1])
