"""Who hears what of a private room, and whether they may."""

from tests.faults.ledger import Ledger, Post
from tests.faults.private_room import Heard, PrivateRoom


def room_of(*posted: tuple[str, float]) -> PrivateRoom:
    """A room in which these messages were posted, out of which somebody was put from 10 to 20."""
    room = PrivateRoom("p-room", Ledger(), outside=[(10, 20)])
    for id, at in posted:
        room.ledger.post(Post(id, "p-room", "ana", "text", at))
    return room


def test_a_member_hears_what_is_posted() -> None:
    room = room_of(("before", 9), ("after", 21))
    room.heard_by_changing = [Heard("changing", "before", 9.1), Heard("changing", "after", 21.1)]
    assert room.overheard() == []


def test_what_was_on_its_way_when_somebody_was_put_out_may_still_come() -> None:
    room = room_of(("on its way", 9.9))
    room.heard_by_changing = [Heard("changing", "on its way", 10.1)]
    assert room.overheard() == []


def test_what_was_posted_meanwhile_may_come_to_whoever_is_let_in_again() -> None:
    room = room_of(("meanwhile", 15))
    room.heard_by_changing = [Heard("changing", "meanwhile", 20.1)]
    assert room.overheard() == []


def test_whoever_was_put_out_must_not_hear_what_is_posted_then() -> None:
    room = room_of(("meanwhile", 15))
    room.heard_by_changing = [Heard("changing", "meanwhile", 15.1)]
    assert room.overheard() == ["changing heard meanwhile of p-room while put out"]


def test_a_stranger_must_never_hear_nor_be_let_do_anything() -> None:
    room = room_of(("before", 9))
    room.heard_by_stranger = [Heard("stranger", "before", 9.1)]
    room.let_in = ["{'ok': True} to join"]
    assert room.overheard() == [
        "stranger heard before of p-room",
        "a stranger was answered {'ok': True} to join",
    ]
