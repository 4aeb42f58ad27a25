"""Presence: who is in each room, and telling its clients of changes. Knows neither Redis nor Socket.IO.

A member is in a room while one of its clients is, on whatever worker. This worker's clients arrive and depart
here. What other workers report comes in by `set_report` and `change_report`; see redis/presence.py. Clients
are told the difference between two moments, never single arrivals: at most once in `window` seconds, and less
often in large rooms. When a client breaks off, its member stays for a grace, so that nobody is told of a
reload or a reconnect, on this worker or another.

The event `presence` carries `{room, count}`, and `joined` and `left` or `people`, lists of `{id, name}`, with
the mark of a member as a field that is true. Rooms of up to `LISTED` members are told who came and went.
Larger rooms are told the count, and the first few members by name when these change. Of these, a worker knows
no more of other workers: see `summarize`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from relay.delivery.people import Member, People, Report, RoomPeople, Summary

PER_SECOND = 400
"""Clients told per second at most of one room's changes: a room of 1,000 is told every 2.5 s. While 2,000
people connect, telling 1,000 a second is 9 % of what each connect costs (measured)."""

EVENT = "presence"


Send = Callable[[str, str, dict[str, Any]], None]
"""Sends an event to a room's clients on this worker: room, event, argument. May not wait."""


class Presence:
    def __init__(
        self,
        send: Send,
        changed: Callable[[str, str], None] = lambda room, member: None,
        *,
        window: float,
        grace: float,
    ) -> None:
        """`changed(room, id)`: called when a member of this worker came, left or changed its name; it may not
        wait. `window`: seconds for which changes are collected before a room's clients are told. `grace`:
        seconds for which a member stays after its last client broke off."""
        self._send = send
        self._changed = changed
        self._window = window
        self._grace = grace
        self._rooms: dict[str, RoomPeople] = {}
        self._leaving: dict[tuple[str, str], asyncio.TimerHandle] = {}  # by room and member: end of its grace

    def arrive(self, sid: str, room: str, member: Member) -> bool:
        """Put a client's member in a room. Returns whether it is the first here: then the reports of other
        workers have still to be read."""
        if first := room not in self._rooms:
            self._rooms[room] = RoomPeople()
        if timer := self._leaving.pop((room, member.id), None):
            timer.cancel()
        if self._rooms[room].arrive(sid, member):
            self._changed(room, member.id)
            self._tell_soon(room)
        return first

    def depart(self, sid: str, room: str, at_once: bool = False) -> None:
        """Take a client out of a room. Its member goes with its last client: after the grace, or at once."""
        people = self._rooms.get(room)
        if people is not None and (id := people.depart(sid)) is not None:
            grace = 0 if at_once else self._grace
            loop = asyncio.get_running_loop()
            self._leaving[room, id] = loop.call_later(grace, self._leave, room, id)

    def people(self, room: str) -> People:
        """Return who is in a room now. A client that is shown this is told of every change after it."""
        return self._rooms.get(room, RoomPeople()).show()

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    @property
    def rooms(self) -> list[str]:
        """The rooms with members at this worker, also those whose grace still lasts."""
        return list(self._rooms)

    def local(self, room: str) -> Mapping[str, str]:
        """Return this worker's members of a room: labels by ids. Read it before anything is awaited."""
        return self._rooms[room].local if room in self._rooms else {}

    def first_here(self, room: str) -> list[Member]:
        """Return the first of this worker's members of a room that has some, by name."""
        return self._rooms[room].first_here()

    def summary(self, room: str) -> Summary | None:
        """Return what is known of a room that is large on several workers; None of any other room."""
        return self._rooms[room].summary if room in self._rooms else None

    def summarize(self, room: str, summary: Summary) -> None:
        """Take what is known of a large room, in place of all reports of other workers."""
        if people := self._rooms.get(room):
            people.summarize(summary)
            self._tell_soon(room)

    def end_summary(self, room: str) -> None:
        """Know a room that is small again by the reports of other workers. Set these before."""
        if (people := self._rooms.get(room)) and people.summary is not None:
            people.summary = None
            self._tell_soon(room)

    def set_count(self, room: str, count: int) -> None:
        """Take a newer count of the members of a large room."""
        people = self._rooms.get(room)
        if people is not None and people.summary is not None and people.summary.count != count:
            people.summary = replace(people.summary, count=count)
            self._tell_soon(room)

    def reports(self, room: str) -> dict[str, Report]:
        """Return the other workers' reports of a room that has members here, by worker."""
        return dict(self._rooms[room].reports) if room in self._rooms else {}

    def set_report(self, room: str, worker: str, report: Report | None) -> None:
        """Take another worker's whole report; None when it has no members there any more, or is gone."""
        if people := self._rooms.get(room):
            people.set_report(worker, report)
            self._tell_soon(room)

    def change_report(
        self, room: str, worker: str, version: int, joined: Mapping[str, str], left: list[str]
    ) -> None:
        """Take what changed since another worker's last report, or all of its first report."""
        if people := self._rooms.get(room):
            people.change_report(worker, version, joined, left)
            self._tell_soon(room)

    def _leave(self, room: str, id: str) -> None:
        people = self._rooms[room]
        del self._leaving[room, id]
        people.remove_local(id)
        self._changed(room, id)
        self._tell_soon(room)
        if not people.local:
            del self._rooms[room]

    def _tell_soon(self, room: str) -> None:
        people = self._rooms[room]
        if not people.due:
            people.due = True
            wait = max(self._window, pause(people.count))
            asyncio.get_running_loop().call_later(wait, self._tell, room, people)

    def _tell(self, room: str, people: RoomPeople) -> None:
        people.due = False
        if self._rooms.get(room) is people and (news := people.news()) is not None:
            self._send(room, EVENT, {"room": room, **news})


def pause(count: int) -> float:
    """Return how many seconds lie at least between two tellings of a room of so many members."""
    return count / PER_SECOND
