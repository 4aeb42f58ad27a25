"""The list of a person's guarded rooms. It lies in the person's partition and is a hint: the record of a room
says who is in it. A room that the list has in vain is dropped from it, and one that it lacks is put there
again when the person joins it."""

import json

from relay import Ask, Drop, Put, encode

from chat.rooms.room_record import MEMBERS_LAST

MOST = 4000
"""Rooms in a list: more than a person may be in, so that none is dropped for another."""


def ask(person: str, *rooms: str) -> Ask:
    """Return the question for some rooms in a person's list; for all if none are named."""
    return Ask(person, name_of(person), rooms)


def name_of(person: str) -> str:
    """Return the name of the record that holds a person's list, by the rooms' addresses."""
    return f"rooms:{person}"


def put(person: str, room: str, others: list[str]) -> Put:
    """Return what puts a room into the list. `others`: ids of the others in a direct room, so that their
    names can be asked for together with the room."""
    return Put(name_of(person), room, encode({"others": others}), MEMBERS_LAST, MOST)


def others_of(data: bytes) -> list[str]:
    """Return the others in a direct room, by what the list has of it."""
    found: list[str] = json.loads(data)["others"]
    return found


def drop(person: str, room: str) -> Drop:
    """Return what takes a room from the list."""
    return Drop(name_of(person), room)
