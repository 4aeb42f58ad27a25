"""What is said in the walk of events. A new event needs one more line of EVENTS."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.unit.chat.walk.world import SAID, World

Arguments = Callable[[World, str], list[Any]]
"""Makes the arguments, for a room's name; empty if the event is about none."""
NOBODY = "nobody-here"


class Row(NamedTuple):
    """`where`: what its row in the table says besides the event's name. `private`: whether it is said of a
    private room, or of an open one; None: of none."""

    where: str
    arguments: Arguments
    private: bool | None = None


def once(arguments: Arguments, where: str = "") -> Row:
    """What is about no room."""
    return Row(where, arguments)


def both(arguments: Arguments) -> list[Row]:
    """What is said of an open room, and of a private one."""
    return [Row("in an open room", arguments, False), Row("in a private room", arguments, True)]


def options(**besides: Any) -> Arguments:
    """An object with the room's name, and this."""
    return lambda world, room: [{"room": room, **besides}]


EVENTS: dict[str, list[Row]] = {
    "message": both(lambda world, room: ["hello", {"room": room}]),
    "edit": both(lambda world, room: [{"room": room, "seq": world.seq, "id": SAID, "text": "edited"}]),
    "react": both(
        lambda world, room: [{"room": room, "seq": world.seq, "id": SAID, "emoji": "👍", "on": True}]
    ),
    "reactions": both(lambda world, room: [{"room": room, "seq": world.seq, "id": SAID}]),
    "join": both(options()),
    "leave": both(options()),
    "history": both(options()),
    "typing": both(options(typing=True)),
    "rooms": [once(lambda world, room: [])],
    "directory": [once(lambda world, room: [{}])],
    "read": both(options(seq=0, epoch="")),
    "level": both(options(level="all")),
    "create": [
        once(lambda world, room: [{"kind": "private", "title": "Mine"}], "a private room"),
        once(lambda world, room: [{"kind": "direct", "people": [world.bystander.id]}], "a direct room"),
    ],
    "members": both(options()),
    "invite": both(lambda world, room: [{"room": room, "person": world.bystander.id}]),
    "remove": both(options(person=NOBODY)),
    "describe": both(options(title="Plans")),
    "archive": both(options(archived=False)),
    "delete": both(lambda world, room: [{"room": room, "seq": world.seq, "id": SAID}]),
    "purge": [
        *both(options()),
        once(lambda world, room: [{"person": NOBODY}], "of a person"),
    ],
    "mute": [once(lambda world, room: [{"person": NOBODY, "seconds": 1}])],
    "ban": [once(lambda world, room: [{"person": NOBODY, "seconds": 1}])],
    "lift": [once(lambda world, room: [{"person": NOBODY, "kind": "mute"}])],
    "lock": both(options(locked=False)),
    "slow": both(options(seconds=0)),
    "sanctions": [once(lambda world, room: [{}])],
    "audit": [once(lambda world, room: [{}])],
}
