"""Pages: how a room's entries are read. The stream has most of them, and a sorted set those that were amended
and their neighbours; reads merge the two. A third has the tallies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from relay.log.log import Entry, Head, Page
from relay.redis.commands import Command
from relay.redis.names import RoomNames
from relay.redis.votes import tallies


def reading(names: RoomNames, after: int | None, before: int | None, limit: int) -> tuple[Command, ...]:
    """Return the commands that read a page in one transaction."""
    low, first = ("-", "-inf") if after is None else (f"{after + 1}-0", f"({after}")
    # Not "(0-0": Redis takes an error for what lies before the first number there is.
    high, last = ("+", "+inf") if before is None else (f"{max(before - 1, 0)}-0", f"({before}")
    # One entry beyond the limit tells whether there is more.
    count = limit + 1
    by_score: tuple[str | int, ...]
    if after is not None:
        rows: Command = ("XRANGE", names.log, low, high, "COUNT", count)
        by_score = (first, last, "BYSCORE", "LIMIT", 0, count)
    else:
        rows = ("XREVRANGE", names.log, high, low, "COUNT", count)
        by_score = (last, first, "BYSCORE", "REV", "LIMIT", 0, count)
    # Both have one member for an entry at most, so as many cover the page.
    aside = (("ZRANGE", key, *by_score) for key in (names.amended, names.tallies))
    return (head_command(names), rows, *aside)


def page_of(room: str, replies: list[Any], *, newest: bool, limit: int) -> Page:
    """Return the page that Redis replied. `newest`: it was not read after a number, so the newest entries
    come first."""
    top, rows, amended, voted = replies
    head = head_of(top)
    entries = [_entry(room, head.epoch, *row) for row in rows]
    if amended:
        entries += [_amended_entry(room, head.epoch, row) for row in amended]
        entries.sort(key=lambda entry: entry.seq, reverse=newest)
    found = entries[:limit]
    if newest:
        found.reverse()
    if voted and found:
        of = tallies(voted, range(found[0].seq, found[-1].seq + 1))
        found = [replace(entry, tally=of[entry.seq]) if entry.seq in of else entry for entry in found]
    return Page(head, found, more=len(entries) > limit)


def head_command(names: RoomNames) -> Command:
    """Return the command that reads the top of a log."""
    return ("HMGET", names.head, "epoch", "seq")


def head_of(reply: list[bytes | None]) -> Head:
    """Return the top of a log that Redis replied."""
    epoch, seq = reply
    return Head((epoch or b"").decode(), int(seq or 0))


def live_entry(room: str, payload: bytes) -> Entry:
    """Return the entry in a broadcast of entry.lua."""
    epoch, seq, at, length, rest = payload.split(b" ", 4)
    cut = int(length)
    return Entry(room, epoch.decode(), int(seq), rest[:cut].decode(), int(at), rest[cut:])


def _entry(room: str, epoch: str, key: bytes, fields: list[bytes]) -> Entry:
    _, id, _, at, _, data = fields
    return Entry(room, epoch, int(key.split(b"-")[0]), id.decode(), int(at), data)


def _amended_entry(room: str, epoch: str, row: bytes) -> Entry:
    seq, at, length, rest = row.split(b" ", 3)
    cut = int(length)
    return Entry(room, epoch, int(seq), rest[:cut].decode(), int(at), rest[cut:])
