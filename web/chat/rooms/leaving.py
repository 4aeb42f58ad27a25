"""What changes in a room's records when a member leaves."""

from collections.abc import Mapping

from relay import Drop, Expect, Fewer, Put

from chat.rooms import room_record
from chat.rooms.access import kind_of
from chat.rooms.room_record import DIRECT, Member


def leaving(
    room: str, person: str, kept: Mapping[str, bytes]
) -> tuple[list[Put | Drop], list[Expect | Fewer]]:
    """Return what changes when a member leaves, and what has to be as it was found: whoever is last must
    be the last, and of others one must stay who is a maker then. For whoever has left before, nothing
    changes."""
    expected: list[Expect | Fewer] = [room_record.expect_member(room, person, kept.get(person))]
    if person not in kept:
        return [], expected
    drop = room_record.drop_member(room, person)
    members = members_of(kept)
    own = members.pop(person)
    if not members:
        return [drop, *room_record.end(room)], [*expected, room_record.expect_members_below(room, 2)]
    makers = [each for each, member in members.items() if member.maker]
    stays = [*makers, *members][0]
    expected.append(room_record.expect_member(room, stays, kept[stays]))
    if kind_of(room) == DIRECT:
        return [drop, room_record.end_whole(room)], expected
    if makers or not own.maker:
        return [drop], expected
    return [drop, members[stays].as_maker().put(room, stays)], expected


def members_of(kept: Mapping[str, bytes]) -> dict[str, Member]:
    """Return the members of a room by their ids, in the order in which they came. `kept`: as the record has
    them."""
    members = {person: Member.read(data) for person, data in kept.items()}
    return dict(sorted(members.items(), key=lambda each: (each[1].at, each[0])))
