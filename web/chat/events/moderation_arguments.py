"""The arguments of moderators' events, besides those that other events have too; see arguments.py."""

from typing import NamedTuple

from chat.domain.address import check_address
from chat.domain.messages import check_id
from chat.domain.people import check_name
from chat.domain.refusals import Refused
from chat.domain.room_names import check_room
from chat.domain.room_rules import SLOWEST
from chat.domain.sanctions import KINDS, LONGEST, Subject
from chat.events.arguments import Options, room, whole_number


class PersonPurge(NamedTuple):
    """What a person wrote within `seconds` (None: ever), from `room` and its message `before` on."""

    whom: Subject
    name: str | None
    seconds: int | None
    room: str | None
    before: int | None


def subject(options: Options) -> Subject:
    """Read whom a sanction is about: `person`, by id, or `address`."""
    match options.get("person"), options.get("address"):
        case str(person), None:
            return Subject("person", check_id(person))
        case None, str(address):
            return Subject("address", check_address(address))
    raise Refused("invalid", "Name either a `person`, by id, or an `address`.")


def name(options: Options) -> str | None:
    """Read the person's name, which is only written down; None if there is none."""
    return None if options.get("name") is None else check_name(options["name"])


def kind(options: Options) -> str:
    """Read which sanction is meant."""
    value = options.get("kind")
    if value not in KINDS:
        raise Refused("invalid", "`kind` is mute or ban.")
    return str(value)


def duration(options: Options) -> int | None:
    """Read the seconds that a sanction lasts; None until it is lifted."""
    seconds: int | None = whole_number("seconds")(options)
    if seconds is not None and not 1 <= seconds <= LONGEST:
        raise Refused("invalid", f"`seconds` is from 1 to {LONGEST}; without it, until it is lifted.")
    return seconds


def pause(options: Options) -> int:
    """Read the seconds between two messages of a person; 0 for none."""
    seconds: int | None = whole_number("seconds")(options)
    if seconds is None or seconds > SLOWEST:
        raise Refused("invalid", f"`seconds` is a whole number, at most {SLOWEST}; 0 ends it.")
    return seconds


def purge(options: Options) -> str | PersonPurge:
    """Read what is to be emptied: a room, or what a person wrote, from where an earlier answer ended."""
    if options.get("person") is None:
        return room(options)
    begin = options.get("next")
    if not isinstance(begin, dict | None):
        raise Refused("invalid", "`next` is what an earlier answer gave.")
    begin = begin or {}
    return PersonPurge(
        subject(options),
        name(options),
        whole_number("seconds")(options),
        None if begin.get("room") is None else check_room(begin["room"]),
        whole_number("before")(begin),
    )
