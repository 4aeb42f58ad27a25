"""The verdict finds each way in which a chat can break its promise, and nothing else."""

from collections.abc import Sequence

import pytest

from tests.faults.ledger import Ack, Entry, Ledger, Mark, Post, RoomLog
from tests.faults.verdict import Verdict, judge

ROOM = "lobby"


class Story:
    """Messages a, b, c … of one room, numbered 1, 2, 3 … in the epoch `one`, all posted and acked."""

    def __init__(self, messages: str = "abc", epoch: str = "one") -> None:
        self.epoch = epoch
        self.ledger = Ledger()
        for seq, each in enumerate(messages, 1):
            self.posts(each)
            self.acks(each, seq)
        self.logs(messages)

    def posts(self, id: str) -> None:
        self.ledger.post(Post(id, ROOM, "ana", f"text of {id}", posted_at=1))

    def acks(self, id: str, seq: int) -> None:
        self.ledger.ack(Ack(id, ROOM, self.epoch, seq, at=seq, acked_at=2))

    def logs(self, messages: str) -> None:
        self.ledger.keep(
            ROOM, RoomLog(self.epoch, tuple(self.entry(each, seq) for seq, each in enumerate(messages, 1)))
        )

    def shows(self, client: str, messages: str, seqs: Sequence[int] = (), first: int = 1) -> None:
        self.ledger.begin(client, ROOM, self.epoch, first)
        for seq, each in zip(seqs or range(first, first + len(messages)), messages, strict=True):
            self.ledger.show(client, ROOM, self.entry(each, seq), live=True)

    def entry(self, id: str, seq: int) -> Entry:
        return Entry(seq if self.epoch else 0, id, f"text of {id}")

    def judged(self) -> Verdict:
        return judge(self.ledger)


def found(verdict: Verdict) -> dict[str, int]:
    return {name: count for name, count in verdict.faults().items() if count}


def test_a_chat_that_kept_its_promise_is_clean() -> None:
    """A newcomer is shown less, from where it came, and that is all right."""
    story = Story("abc")
    story.shows("ana", "abc")
    story.shows("ben", "bc", first=2)
    story.shows("newcomer", "", first=4)
    verdict = story.judged()
    assert verdict.clean
    assert verdict.acked == 3


def test_an_acked_message_that_is_not_in_the_log_is_lost() -> None:
    story = Story("abc")
    story.posts("d")
    story.acks("d", 4)
    story.shows("ana", "abc")
    assert found(story.judged()) == {"lost": 1}


def test_a_message_that_one_client_was_never_shown_is_a_hole_and_lost() -> None:
    story = Story("abc")
    story.shows("ana", "abc")
    story.shows("ben", "ac", seqs=(1, 3))
    assert found(story.judged()) == {"lost": 1, "holes": 1}


@pytest.mark.parametrize(
    ("absence", "count"), [((0.0, 0.9), 1), ((0.0, 1.5), 0), ((1.5, 9.0), 0), ((2.1, 9.0), 1)]
)
def test_a_hole_is_told_from_an_absence(absence: tuple[float, float], count: int) -> None:
    """Everything was posted at second 1 and acked at second 2."""
    story = Story("ab")
    story.shows("ana", "ab")
    story.shows("ben", "a")
    story.ledger.absences["ben"] = [absence]
    assert story.judged().holes_while_connected == count


def test_one_message_out_of_place_does_not_put_the_others_out_of_place() -> None:
    story = Story("abcdefgh")
    story.shows("ana", "abcdefgh")
    story.shows("ben", "habcdefg", seqs=(8, 1, 2, 3, 4, 5, 6, 7))
    assert found(story.judged()) == {"out_of_order": 1}


def test_the_last_message_can_be_missing_too() -> None:
    story = Story("abc")
    story.shows("ana", "ab")
    assert found(story.judged()) == {"lost": 1, "holes": 1}


def test_a_log_that_hides_a_number_has_a_hole() -> None:
    """Even if nobody was acked what should be there."""
    story = Story("")
    story.posts("a")
    story.posts("c")
    story.acks("a", 1)
    story.acks("c", 3)
    story.ledger.keep(ROOM, RoomLog("one", (story.entry("a", 1), story.entry("c", 3))))
    story.shows("ana", "ac", seqs=(1, 3))
    assert found(story.judged()) == {"holes": 1}


def test_a_message_twice_in_the_log_is_doubled_there_and_for_everybody() -> None:
    story = Story("ab")
    story.logs("aba")
    story.shows("ana", "aba")
    story.shows("ben", "aba")
    assert found(story.judged()) == {"doubled": 3, "renumbered": 1}


def test_a_message_shown_again_is_doubled() -> None:
    story = Story("ab")
    story.shows("ana", "aab", seqs=(1, 1, 2))
    assert found(story.judged()) == {"doubled": 1}


def test_starting_over_without_a_new_epoch_shows_all_again() -> None:
    story = Story("ab")
    story.shows("ana", "ab")
    story.shows("ana", "ab")
    assert found(story.judged()) == {"doubled": 2}


def test_two_clients_with_different_orders_are_out_of_order() -> None:
    story = Story("abc")
    story.shows("ana", "abc")
    story.shows("ben", "bac", seqs=(2, 1, 3))
    assert found(story.judged()) == {"out_of_order": 1}


def test_two_messages_with_one_number_are_renumbered() -> None:
    story = Story("abc")
    story.shows("ana", "abc")
    story.shows("ben", "acb")
    assert found(story.judged())["renumbered"] == 4


def test_an_ack_with_another_number_than_the_log_is_renumbered() -> None:
    story = Story("ab")
    story.acks("b", 7)
    story.shows("ana", "ab")
    assert found(story.judged()) == {"renumbered": 1}


def test_what_nobody_sent_is_invented() -> None:
    """So is what was changed on its way."""
    story = Story("ab")
    story.logs("abx")
    story.shows("ana", "abx")
    story.ledger.posts["b"].text = "something else"
    assert found(story.judged()) == {"invented": 2}


def test_a_destroyed_log_takes_its_acks_along_and_is_counted_apart() -> None:
    story = Story("abc")
    story.shows("ana", "abc")
    story.shows("ben", "a")
    story.epoch = "two"
    story.posts("d")
    story.acks("d", 1)
    story.logs("d")
    story.shows("ana", "d")
    story.shows("ben", "d")
    verdict = story.judged()
    assert verdict.clean
    assert (verdict.acked, verdict.lost_with_log) == (4, 3)


def test_whoever_still_shows_a_destroyed_log_was_not_told() -> None:
    story = Story("a")
    story.shows("ana", "a")
    story.epoch = "two"
    story.logs("a")
    assert found(story.judged())["untold"] == 1


def test_the_order_of_a_destroyed_log_was_the_same_for_all() -> None:
    story = Story("ab")
    story.shows("ana", "ab")
    story.shows("ben", "ba")
    story.epoch = "two"
    story.logs("")
    assert found(story.judged())["renumbered"] == 4


def test_posts_that_were_refused_or_never_answered_are_found() -> None:
    story = Story("a")
    story.shows("ana", "a")
    story.posts("b")
    story.posts("c")
    story.ledger.refuse("b", "invalid")
    assert found(story.judged()) == {"refused": 1, "unanswered": 1}


def test_without_numbers_clients_are_compared_with_each_other() -> None:
    """As for stock python-socketio: what was acked must be shown to everybody, in one order, once."""
    story = Story("", epoch="")
    story.ledger.logs.clear()
    for each in "abcd":
        story.posts(each)
        story.acks(each, 0)
    story.shows("ana", "abc", first=0, seqs=(0, 0, 0))
    story.shows("ben", "bac", first=0, seqs=(0, 0, 0))
    story.shows("cleo", "aab", first=0, seqs=(0, 0, 0))
    assert found(story.judged()) == {"lost": 2, "doubled": 1, "out_of_order": 1, "holes": 4}


def after_a_failover(kept: str, in_the_first: str = "abc") -> Story:
    """Messages were acked in the epoch `one`. The room went on in the epoch `two`, with what was kept."""
    story = Story(in_the_first)
    story.ledger.lasting = True
    story.epoch = "two"
    story.logs(kept)
    return story


def test_what_was_acked_before_a_failover_has_to_be_there_after_it() -> None:
    assert found(after_a_failover("abc").judged()) == {}
    assert found(after_a_failover("ab").judged()) == {"lost": 1}


def test_what_was_acked_before_a_failover_keeps_its_number() -> None:
    assert found(after_a_failover("acb").judged()) == {"renumbered": 2}


def test_what_was_not_acked_before_a_failover_may_be_numbered_anew() -> None:
    story = after_a_failover("abcd")
    story.acks("d", 4)
    story.posts("d")
    story.epoch = "one"
    story.shows("ana", "abcx")
    story.posts("x")
    story.epoch = "two"
    story.shows("ana", "abcd")
    assert found(story.judged()) == {"unanswered": 1}


def test_what_nobody_was_shown_before_a_failover_is_no_hole_in_the_log() -> None:
    """Number 2 was acked to nobody yet when the epoch ended."""
    story = after_a_failover("abcd", in_the_first="a")
    story.epoch = "one"
    story.posts("c")
    story.acks("c", 3)
    story.epoch = "two"
    for each, seq in (("b", 2), ("d", 4)):
        story.posts(each)
        story.acks(each, seq)
    assert found(story.judged()) == {}


def test_a_client_that_skipped_a_message_before_a_failover_has_a_hole() -> None:
    story = after_a_failover("abc")
    story.epoch = "one"
    story.shows("ana", "ac", seqs=(1, 3))
    story.epoch = "two"
    story.shows("ana", "abc")
    assert found(story.judged()) == {"holes": 1}


def told(
    story: Story, seq: int, asked_at: float, told_at: float, epoch: str = "one", person: str = "ana"
) -> None:
    """Somebody was told of their mark."""
    story.ledger.mark(Mark(person, ROOM, epoch, seq, asked_at, told_at))


def test_a_mark_that_is_below_what_was_told_before_went_back() -> None:
    """Whichever device asked."""
    story = Story()
    for seq, asked_at, told_at in ((1, 1, 2), (3, 3, 4), (2, 5, 6), (3, 7, 8)):
        told(story, seq, asked_at, told_at)
    assert found(story.judged()) == {"went_back": 1}


def test_marks_that_were_asked_for_at_the_same_time_are_in_any_order() -> None:
    story = Story()
    told(story, 3, asked_at=1, told_at=4)
    told(story, 2, asked_at=2, told_at=5)
    assert found(story.judged()) == {}
    assert story.judged().marks == 2


def test_marks_of_another_log_or_of_another_person_are_others() -> None:
    story = Story()
    told(story, 3, asked_at=1, told_at=2)
    told(story, 1, asked_at=3, told_at=4, epoch="two")
    told(story, 1, asked_at=3, told_at=4, person="ben")
    assert found(story.judged()) == {}
