"""What a device shows of a room whose messages are changed, and to whom."""

from types import SimpleNamespace
from typing import Any

from tests.faults.changers import Place

MESSAGE = {
    "seq": 1,
    "id": "m",
    "room": "room",
    "at": 0,
    "text": "hello",
    "author": {"id": "ben", "name": "Ben"},
}


def place(me: str) -> Place:
    person: Any = SimpleNamespace(id=me)
    made = Place("device", "room", person, [], reacts=False)
    made.show_to(me)
    return made


def test_a_device_that_is_somebody_else_now_starts_over() -> None:
    """Or it would take for its own what the person reacted who it was before."""
    device = place("ana")
    device.timeline.begin("epoch", 1, [MESSAGE])
    device.show_to("ana")
    assert (device.timeline.shown, device.given) == (1, [(1, "m")])
    device.show_to("ana, signed in again")
    assert device.timeline.shown is None
    device.timeline.begin("epoch", 1, [MESSAGE])
    assert device.given == [(1, "m")]
