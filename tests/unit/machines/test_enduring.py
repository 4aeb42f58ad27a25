"""What is said of a fault: how long nobody got an ack, and how long each client's slowest message waited."""

from types import SimpleNamespace
from typing import Any

from tests.faults.ledger import Ack, Ledger, Post
from tests.machines.enduring import Outcome, Pause, as_text, pauses, silence, waits, way_elsewhere
from tests.machines.lateness import Lateness
from tests.machines.roaming import Step


def crowd(*posts: tuple[str, float, float]) -> Any:
    """With one message for each (author, posted at, acked at)."""
    ledger = Ledger()
    for number, (author, posted, acked) in enumerate(posts):
        ledger.post(Post(str(number), "room", author, "text", posted))
        ledger.ack(Ack(str(number), "room", "epoch", number, 0, acked))
    return SimpleNamespace(ledger=ledger)


def clients(*names: str) -> list[Any]:
    return [SimpleNamespace(name=name) for name in names]


def test_silence_is_the_longest_time_without_an_ack_of_anybody() -> None:
    said = crowd(("ana", 10, 11), ("ben", 10, 12), ("ana", 12, 17), ("ben", 17, 18))
    assert silence(said, ["room"], 10, 19) == Pause(5, began=2)


def test_silence_at_the_beginning_and_at_the_end_counts() -> None:
    assert silence(crowd(("ana", 1, 2), ("ana", 16, 17)), ["room"], 10, 20).seconds == 7
    assert silence(crowd(("ana", 10, 11), ("ana", 29, 30)), ["room"], 10, 20).seconds == 9


def test_acks_in_other_rooms_do_not_end_a_silence() -> None:
    assert silence(crowd(("ana", 10, 11), ("ben", 12, 13)), ["another room"], 10, 19).seconds == 9


def test_a_client_waited_for_its_slowest_message_of_that_time() -> None:
    said = crowd(("ana", 1, 2), ("ana", 9, 12), ("ana", 12, 13), ("ben", 15, 16), ("ben", 30, 60))
    assert waits(said, clients("ana", "ben"), 10, 20) == [1, 3]


def test_what_others_wait_for_does_not_count() -> None:
    assert waits(crowd(("ana", 10, 11), ("restless", 10, 19)), clients("ana"), 10, 20) == [1]


def test_faults_of_one_kind_are_one_row() -> None:
    outcomes = [
        Outcome(
            "a host killed",
            [Pause(1.0, 30.2)],
            [5.0],
            [0.4],
            [1.0, 2.0],
            3.0,
            0.1,
            31.0,
            {"who talk": [8.0]},
        ),
        Outcome(
            "a host killed",
            [Pause(2.0)],
            [7.0],
            [0.6],
            [3.0],
            5.0,
            0.3,
            31.0,
            {"who talk": [10.0, 12.0], "who listen": [20.0]},
        ),
        Outcome("scaled", [Pause(0.1)], [], [0.1], [0.2], 0.3, 0.0, 5.0, {}),
    ]
    killed, listen, talk, scaled = (" ".join(row.split()) for row in as_text(outcomes).splitlines()[2:])
    assert killed == "a host killed 2× 6.0, 7.0 1.5, 2.0 0.5, 0.6 2.0, 3.0 4.0, 5.0 0.2, 0.3"
    assert listen == "1 clients who listen: live elsewhere after 20.0, 20.0"
    assert talk == "3 clients who talk: live elsewhere after 10.0, 12.0"
    assert scaled == "scaled 1× – 0.1, 0.1 0.1, 0.1 0.2, 0.2 0.3, 0.3 0.0, 0.0"


def test_it_is_said_when_other_shards_made_their_pauses() -> None:
    outcome = Outcome("killed", [Pause(1.5, 30.25), Pause(0.5, 2)], [], [], [], 3.0, 0.1, 31.0, {})
    said = "other shards, seconds after it began: 1.5 s from 30.2, 0.5 s from 2.0; undone at 31.0"
    assert pauses(outcome).strip() == said


def test_it_is_said_what_a_client_did_before_it_lived_elsewhere() -> None:
    steps = [
        Step(3.0, "lost", "tried"),
        Step(15.0, "lost", "lost (silence)"),
        Step(19.0, "other", "tried"),
        Step(40.0, "other", "lost"),
    ]
    client: Any = SimpleNamespace(transports=["polling", "websocket"], steps=steps)
    said = way_elsewhere(client, "lost", began=10.0, lived=20.5)
    assert said.strip() == "the last one, by polling and websocket: 5.0 lost (silence) there, 9.0 tried"


def test_the_lab_was_late_for_the_part_that_lies_in_the_time_that_is_asked_about() -> None:
    lateness = Lateness()
    lateness.note(due=10.0, done=10.01)
    lateness.note(due=11.0, done=11.5)
    lateness.note(due=14.0, done=18.0)
    assert (lateness.within(0, 13), lateness.within(11.25, 13), lateness.within(17, 20)) == (0.5, 0.25, 1.0)
    assert lateness.within(0, 10.5) == lateness.within(20, 30) == 0.0
