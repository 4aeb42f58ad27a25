"""The people in one room: the members at this worker and those that other workers reported.

It counts, and says what changed since the room's clients were last told. It waits for nothing and sends
nothing; see presence.py.

A worker knows all members of a small room by name. Of a large one it knows its own, and a summary of all: how
many there are and the first names.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LISTED = 100
"""Members up to which all of them are named. Larger rooms are told a count and the first few names, because
what a room costs must not grow with the square of its members."""
MARK = "\0"
"""What is between a member's name and its mark."""
FIRST = 20
"""Members that are named in a larger room."""


class Member(NamedTuple):
    """Two clients with one id are one member. `name` is only passed on; and so is `mark`, a word for what
    the member is besides, such as `moderator`."""

    id: str
    name: str
    mark: str = ""

    @property
    def label(self) -> str:
        """The name and the mark as workers tell them to each other."""
        return f"{self.name}{MARK}{self.mark}" if self.mark else self.name

    @classmethod
    def labelled(cls, id: str, label: str) -> Member:
        """Return the member of this id and label."""
        return cls(id, *label.split(MARK, 1))

    def named(self) -> dict[str, Any]:
        """Return the member as clients are told of it: `{id, name}`, and the mark as a field that is true."""
        about: dict[str, Any] = {"id": self.id, "name": self.name}
        return about | {self.mark: True} if self.mark else about

    def check(self) -> None:
        """Raise ValueError if it can't be told to others."""
        if MARK in self.name or MARK in self.mark or self.mark in ("id", "name"):
            raise ValueError(f"A member's name and mark have no {MARK!r}, and a mark is not `id` or `name`.")


@dataclass(frozen=True)
class People:
    """`count`: members in the room. `first`: the first of them by name, and all of them up to `LISTED`."""

    count: int
    first: list[Member]


class Report(NamedTuple):
    """What one worker says of its own members of a room. `version` grows with each report. `members`: labels
    by ids."""

    version: int
    members: dict[str, str]


@dataclass(frozen=True)
class Summary:
    """What is known of a large room. `count`: its members on all workers, each once. `first`: the first
    members of each other worker. `workers`: the other workers that have members there."""

    count: int
    first: list[Member]
    workers: frozenset[str]


@dataclass
class RoomPeople:
    """`local`: this worker's members, labels by ids. `reports`: the last report of each other worker.
    `names`: the labels of all members that are known by name. `summary`: what is known of all in place of
    reports, if the room is large on several workers. `due`: whether its clients are going to be told
    soon."""

    local: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    summary: Summary | None = None
    due: bool = False
    _workers: dict[str, int] = field(default_factory=dict)  # by member: how many workers it is at
    _clients: dict[str, str] = field(default_factory=dict)  # by sid: its member
    _clients_of: dict[str, int] = field(default_factory=dict)  # by member: how many clients it has here
    _told: dict[str, str] | None = field(default_factory=dict)  # who, when clients were last told; None: many
    _told_count: int = 0
    _shown: dict[str, str] = field(default_factory=dict)  # members that newcomers were shown since then
    _first: list[Member] = field(default_factory=list)  # the first ones as last told, in a large room
    _first_here: list[Member] | None = None  # the first ones of this worker, unless they may have changed

    @property
    def count(self) -> int:
        """How many members there are, each once."""
        return len(self.names) if self.summary is None else max(self.summary.count, len(self.local))

    def arrive(self, sid: str, member: Member) -> bool:
        """Add a client. Returns whether this worker's members changed."""
        if sid not in self._clients:
            self._clients[sid] = member.id
            self._clients_of[member.id] = self._clients_of.get(member.id, 0) + 1
        if self.local.get(member.id) == member.label:
            return False
        if member.id in self.local:
            self._forget_first_here(Member.labelled(member.id, self.local[member.id]))
            self._remove(member.id)
        self.local[member.id] = member.label
        self._add(member.id, member.label)
        self._forget_first_here(member)
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
        self._forget_first_here(Member.labelled(id, self.local.pop(id)))
        self._remove(id)

    def first_here(self) -> list[Member]:
        """Return the first `FIRST` of this worker's members by name."""
        if self._first_here is None:
            self._first_here = heapq.nsmallest(FIRST, _members(self.local), key=by_name)
        return self._first_here

    def summarize(self, summary: Summary) -> None:
        """Know a summary of all members from now on, and no report of another worker."""
        for worker in list(self.reports):
            self.set_report(worker, None)
        self.summary = summary

    def set_report(self, worker: str, report: Report | None) -> None:
        """Take the whole report of another worker; None if it has no members here any more."""
        before = self.reports.pop(worker, Report(0, {}))
        if report is not None:
            self.reports[worker] = report
            for id, label in report.members.items():
                self._add(id, label)
        for id in before.members:
            self._remove(id)

    def change_report(self, worker: str, version: int, joined: Mapping[str, str], left: list[str]) -> None:
        """Take what changed since the last report of another worker. `joined`: labels by ids. `left`: ids."""
        members = self.reports.get(worker, Report(0, {})).members
        self.reports[worker] = Report(version, members)
        for id, label in joined.items():
            renamed = id in members
            members[id] = label
            self._add(id, label)
            if renamed:
                self._remove(id)
        for id in left:
            if members.pop(id, None) is not None:
                self._remove(id)

    def show(self) -> People:
        """Return who is there, for a newcomer. What it is shown counts as told: its leaving is news."""
        if self._large:
            self._first = self._first or self._first_of_large()
            return People(self.count, self._first)
        self._shown |= self.names
        return People(len(self.names), in_order(self.names))

    def news(self) -> dict[str, Any] | None:
        """Return what changed since the last call, as the event carries it: `count`, and `joined` and `left`
        or `people`. None if nothing did."""
        told, shown = self._told, self._shown
        self._shown = {}
        if self._large:
            return self._news_of_large(was_small=told is not None)
        now = self._told = dict(self.names)
        self._first = []
        if told is None:
            return {"count": len(now), "people": _named(in_order(now))}
        joined = [Member.labelled(id, label) for id, label in now.items() if told.get(id) != label]
        left = [Member.labelled(id, label) for id, label in (shown | told).items() if id not in now]
        if not (joined or left):
            return None
        news: dict[str, Any] = {"count": len(now)}
        news |= {"joined": _named(joined)} if joined else {}
        news |= {"left": _named(left)} if left else {}
        return news

    @property
    def _large(self) -> bool:
        return self.summary is not None or len(self.names) > LISTED

    def _news_of_large(self, *, was_small: bool) -> dict[str, Any] | None:
        before = self._told_count, self._first
        self._told, self._told_count, self._first = None, self.count, self._first_of_large()
        if not was_small and before == (self._told_count, self._first):
            return None
        news: dict[str, Any] = {"count": self._told_count}
        news |= {"people": _named(self._first)} if was_small or before[1] != self._first else {}
        return news

    def _first_of_large(self) -> list[Member]:
        if self.summary is None:
            return heapq.nsmallest(FIRST, _members(self.names), key=by_name)
        first = {member.id: member for member in (*self.summary.first, *self.first_here())}
        return heapq.nsmallest(FIRST, first.values(), key=by_name)

    def _forget_first_here(self, changed: Member) -> None:
        """Find the first members here anew if this one is or was among them."""
        first = self._first_here
        if first is not None and (len(first) < FIRST or by_name(changed) <= by_name(first[-1])):
            self._first_here = None

    def _add(self, id: str, label: str) -> None:
        """Count one more worker that a member is at. Call it after the change of `local` or `reports`."""
        self._workers[id] = self._workers.get(id, 0) + 1
        self.names[id] = self.local.get(id, label)  # the name here wins: a new name is given on connecting

    def _remove(self, id: str) -> None:
        """Count one worker less that a member is at. Call it after the change of `local` or `reports`."""
        self._workers[id] -= 1
        if not self._workers[id]:
            del self._workers[id], self.names[id]
        elif id not in self.local:
            elsewhere = (report.members[id] for report in self.reports.values() if id in report.members)
            self.names[id] = next(elsewhere, self.names[id])


def in_order(names: Mapping[str, str]) -> list[Member]:
    """Return members by name, in capitals or not."""
    return sorted(_members(names), key=by_name)


def _members(names: Mapping[str, str]) -> Iterable[Member]:
    return (Member.labelled(id, label) for id, label in names.items())


def by_name(member: Member) -> tuple[str, str]:
    """What members are sorted by: their name, in capitals or not."""
    return member.name.casefold(), member.id


def _named(members: Iterable[Member]) -> list[dict[str, Any]]:
    return [member.named() for member in members]
