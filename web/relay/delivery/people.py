"""The people in one room: the members at this worker and those that other workers reported.

It counts, and says what changed since the room's clients were last told. It waits for nothing and sends
nothing; see presence.py.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LISTED = 100
"""Members up to which all of them are named. Larger rooms are told a count and the first few names, because
what a room costs must not grow with the square of its members."""
FIRST = 20
"""Members that are named in a larger room."""


class Member(NamedTuple):
    """Two clients with one id are one member. `name` is only passed on."""

    id: str
    name: str


@dataclass(frozen=True)
class People:
    """`count`: members in the room. `first`: the first of them by name, and all of them up to `LISTED`."""

    count: int
    first: list[Member]


class Report(NamedTuple):
    """What one worker says of its own members of a room. `version` grows with each report. `members`: names
    by ids."""

    version: int
    members: dict[str, str]


@dataclass
class RoomPeople:
    """`local`: this worker's members, names by ids. `reports`: the last report of each other worker. `names`:
    all members, wherever they are. `due`: whether its clients are going to be told soon."""

    local: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    due: bool = False
    _workers: dict[str, int] = field(default_factory=dict)  # by member: how many workers it is at
    _clients: dict[str, str] = field(default_factory=dict)  # by sid: its member
    _clients_of: dict[str, int] = field(default_factory=dict)  # by member: how many clients it has here
    _told: dict[str, str] = field(default_factory=dict)  # `names` when the clients were last told
    _shown: dict[str, str] = field(default_factory=dict)  # members that newcomers were shown since then
    _first: list[Member] = field(default_factory=list)  # the first ones as last told, in a large room

    def arrive(self, sid: str, member: Member) -> bool:
        """Add a client. Returns whether this worker's members changed."""
        if sid not in self._clients:
            self._clients[sid] = member.id
            self._clients_of[member.id] = self._clients_of.get(member.id, 0) + 1
        if self.local.get(member.id) == member.name:
            return False
        if member.id in self.local:
            self._remove(member.id)
        self.local[member.id] = member.name
        self._add(member.id, member.name)
        return True

    def depart(self, sid: str) -> str | None:
        """Remove a client. Returns the id of its member if that was its last client here; the member stays
        until `remove_local`."""
        if (id := self._clients.pop(sid, None)) is None:
            return None
        self._clients_of[id] -= 1
        if self._clients_of[id]:
            return None
        del self._clients_of[id]
        return id

    def remove_local(self, id: str) -> None:
        """Remove a member of this worker."""
        del self.local[id]
        self._remove(id)

    def set_report(self, worker: str, report: Report | None) -> None:
        """Take the whole report of another worker; None if it has no members here any more."""
        before = self.reports.pop(worker, Report(0, {}))
        if report is not None:
            self.reports[worker] = report
            for id, name in report.members.items():
                self._add(id, name)
        for id in before.members:
            self._remove(id)

    def change_report(self, worker: str, version: int, joined: Mapping[str, str], left: list[str]) -> None:
        """Take what changed since the last report of another worker. `joined`: names by ids. `left`: ids."""
        members = self.reports.get(worker, Report(0, {})).members
        self.reports[worker] = Report(version, members)
        for id, name in joined.items():
            renamed = id in members
            members[id] = name
            self._add(id, name)
            if renamed:
                self._remove(id)
        for id in left:
            if members.pop(id, None) is not None:
                self._remove(id)

    def show(self) -> People:
        """Return who is there, for a newcomer. What it is shown counts as told: its leaving is news."""
        if len(self.names) > LISTED:
            self._first = self._first or first_of(self.names)
            return People(len(self.names), self._first)
        self._shown |= self.names
        return People(len(self.names), first_of(self.names))

    def news(self) -> dict[str, Any] | None:
        """Return what changed since the last call, as the event carries it: `count`, and `joined` and `left`
        or `people`. None if nothing did."""
        now, told, shown = dict(self.names), self._told, self._shown
        self._told, self._shown = now, {}
        joined = [Member(id, name) for id, name in now.items() if told.get(id) != name]
        left = [Member(id, name) for id, name in (shown | told).items() if id not in now]
        if not (joined or left):
            return None
        news: dict[str, Any] = {"count": len(now)}
        if max(len(told), len(now)) <= LISTED:
            news |= {"joined": _named(joined)} if joined else {}
            news |= {"left": _named(left)} if left else {}
        else:
            first = first_of(now)
            news |= {"people": _named(first)} if first != self._first or len(told) <= LISTED else {}
            self._first = first if len(now) > LISTED else []
        return news

    def _add(self, id: str, name: str) -> None:
        """Count one more worker that a member is at. Call it after the change of `local` or `reports`."""
        self._workers[id] = self._workers.get(id, 0) + 1
        self.names[id] = self.local.get(id, name)  # the name here wins: a new name is given on connecting

    def _remove(self, id: str) -> None:
        """Count one worker less that a member is at. Call it after the change of `local` or `reports`."""
        self._workers[id] -= 1
        if not self._workers[id]:
            del self._workers[id], self.names[id]
        elif id not in self.local:
            elsewhere = (report.members[id] for report in self.reports.values() if id in report.members)
            self.names[id] = next(elsewhere, self.names[id])


def first_of(names: Mapping[str, str]) -> list[Member]:
    """Return the first members by name: all of them up to `LISTED`, else `FIRST`."""
    count = len(names) if len(names) <= LISTED else FIRST
    members = (Member(id, name) for id, name in names.items())
    return heapq.nsmallest(count, members, key=lambda member: (member.name.casefold(), member.id))


def _named(members: Iterable[Member]) -> list[dict[str, str]]:
    return [member._asdict() for member in members]
