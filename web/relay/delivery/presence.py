"""Presence: who is in each room, and telling its members of changes. Knows neither Redis nor Socket.IO.

A member is in a room while one of its clients is, on whatever worker. Those of this worker's clients come
and go here; what other workers report is put in by `see` and `amend` (see redis/presence.py). Members are
told the difference between two moments, never single comings and goings: at most once in `WINDOW`, less often
in large rooms. A client that breaks off leaves its member here for `GRACE`, so that a reload or a reconnect,
on this worker or another, shows nothing.

The event `presence` carries `{room, count}`, and `joined` and `left` or `people`, lists of `{id, name}`.

Rooms of up to `LISTED` members are told who came and went. Larger ones are told how many are there, and the
first few by name when these change: what a room costs must not grow with the square of its members.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

WINDOW = 0.5
"""Seconds that changes of a room are gathered before its members are told."""
PER_SECOND = 400
"""Members a second at most that are told of a room's changes; a room of 1,000 is told every 2.5 s.
While 2,000 people connect, telling 1,000 a second is 9 % of what each connect costs (measured)."""
GRACE = 3.0
"""Seconds for which a member stays after its last client broke off."""
LISTED = 100
"""Members up to which all of them are named."""
FIRST = 20
"""Members that are named in a larger room."""

EVENT = "presence"


class Member(NamedTuple):
    """Two clients with one id are one member. `name` is only passed on."""

    id: str
    name: str


@dataclass(frozen=True)
class People:
    """How many are in a room, and the first of them by name; all up to `LISTED`."""

    count: int
    first: list[Member]


class Seen(NamedTuple):
    """What another worker reported: its members by id with their names, and the number of that report."""

    version: int
    members: dict[str, str]


Tell = Callable[[str, str, dict[str, Any]], None]
"""Tells a room's clients on this worker: room, event, argument. May not wait."""


@dataclass
class _Room:
    clients: dict[str, str] = field(default_factory=dict)  # sid: member
    tabs: dict[str, int] = field(default_factory=dict)  # member: how many clients
    leaving: dict[str, asyncio.TimerHandle] = field(default_factory=dict)  # member: the end of its grace
    here: dict[str, str] = field(default_factory=dict)  # member: name; in grace too
    others: dict[str, Seen] = field(default_factory=dict)  # worker: report
    names: dict[str, str] = field(default_factory=dict)  # member: name, wherever
    places: dict[str, int] = field(default_factory=dict)  # member: workers it is at
    told: dict[str, str] = field(default_factory=dict)  # `names` when it was last told
    shown: dict[str, str] = field(default_factory=dict)  # whom a newcomer was shown since
    first: list[Member] = field(default_factory=list)  # the first as last told; of a large room only
    due: bool = False

    def put(self, who: str, name: str) -> None:
        """Call this when the member is in `here` or `others` …"""
        self.places[who] = self.places.get(who, 0) + 1
        self.names[who] = self.here.get(who, name)  # who came back under another name came here

    def take(self, who: str) -> None:
        """… and this when it is there no more."""
        self.places[who] -= 1
        if not self.places[who]:
            del self.places[who], self.names[who]
        elif who not in self.here:
            left = (seen.members[who] for seen in self.others.values() if who in seen.members)
            self.names[who] = next(left, self.names[who])


class Presence:
    def __init__(
        self,
        tell: Tell,
        changed: Callable[[str], None] = lambda room: None,
        window: float = WINDOW,
        grace: float = GRACE,
    ) -> None:
        """`changed(room)` is called whenever the members at this worker change; it may not wait."""
        self._tell = tell
        self._changed = changed
        self._window = window
        self._grace = grace
        self._rooms: dict[str, _Room] = {}

    def arrive(self, sid: str, room: str, member: Member) -> bool:
        """Put a client's member in a room; True if nobody was here: others' reports are yet to be read."""
        if first := room not in self._rooms:
            self._rooms[room] = _Room()
        there = self._rooms[room]
        if sid not in there.clients:
            there.clients[sid] = member.id
            there.tabs[member.id] = there.tabs.get(member.id, 0) + 1
        if timer := there.leaving.pop(member.id, None):
            timer.cancel()
        if there.here.get(member.id) != member.name:
            if member.id in there.here:
                there.take(member.id)
            there.here[member.id] = member.name
            there.put(member.id, member.name)
            self._changed(room)
            self._touch(room)
        return first

    def depart(self, sid: str, room: str, at_once: bool = False) -> None:
        """Take a client out; its member goes with its last one, after the grace or at once."""
        there = self._rooms.get(room)
        if there is None or (who := there.clients.pop(sid, None)) is None:
            return
        there.tabs[who] -= 1
        if not there.tabs[who]:
            del there.tabs[who]
            grace = 0 if at_once else self._grace
            there.leaving[who] = asyncio.get_running_loop().call_later(grace, self._go, room, who)

    def people(self, room: str) -> People:
        """Who is there now. Whoever is shown this is told of every change after it."""
        there = self._rooms.get(room, _Room())
        if len(there.names) > LISTED:
            there.first = there.first or _first(there.names)
            return People(len(there.names), there.first)
        there.shown |= there.names
        return People(len(there.names), _first(there.names))

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    @property
    def rooms(self) -> list[str]:
        """The rooms with members at this worker."""
        return list(self._rooms)

    def here(self, room: str) -> dict[str, str]:
        """The members at this worker, with their names."""
        return dict(self._rooms[room].here) if room in self._rooms else {}

    def others(self, room: str) -> dict[str, Seen]:
        """What other workers reported of a room with members here, by worker."""
        return dict(self._rooms[room].others) if room in self._rooms else {}

    def see(self, room: str, worker: str, seen: Seen | None) -> None:
        """Take another worker's whole report; None when it has nobody there any more, or is gone itself."""
        if (there := self._rooms.get(room)) is None:
            return
        before = there.others.pop(worker, Seen(0, {}))
        if seen is not None:
            there.others[worker] = seen
            for who, name in seen.members.items():
                there.put(who, name)
        for who in before.members:
            there.take(who)
        self._touch(room)

    def amend(self, room: str, worker: str, version: int, joined: Mapping[str, str], left: list[str]) -> None:
        """Take what changed since another worker's last report, or all of its first."""
        if (there := self._rooms.get(room)) is None:
            return
        members = there.others.get(worker, Seen(0, {})).members
        there.others[worker] = Seen(version, members)
        for who, name in joined.items():
            renamed = who in members
            members[who] = name
            there.put(who, name)
            if renamed:
                there.take(who)
        for who in left:
            if members.pop(who, None) is not None:
                there.take(who)
        self._touch(room)

    def _go(self, room: str, who: str) -> None:
        there = self._rooms[room]
        del there.leaving[who], there.here[who]
        there.take(who)
        self._changed(room)
        self._touch(room)
        if not there.here:
            del self._rooms[room]

    def _touch(self, room: str) -> None:
        there = self._rooms[room]
        if not there.due:
            there.due = True
            wait = max(self._window, len(there.names) / PER_SECOND)
            asyncio.get_running_loop().call_later(wait, self._report, room, there)

    def _report(self, room: str, there: _Room) -> None:
        there.due = False
        now, told, shown = dict(there.names), there.told, there.shown
        there.told, there.shown = now, {}
        joined = [Member(who, name) for who, name in now.items() if told.get(who) != name]
        left = [Member(who, name) for who, name in (shown | told).items() if who not in now]
        if self._rooms.get(room) is not there or not (joined or left):
            return
        what: dict[str, Any] = {"room": room, "count": len(now)}
        if max(len(told), len(now)) <= LISTED:
            what |= {"joined": _named(joined)} if joined else {}
            what |= {"left": _named(left)} if left else {}
        else:
            first = _first(now)
            what |= {"people": _named(first)} if first != there.first or len(told) <= LISTED else {}
            there.first = first if len(now) > LISTED else []
        self._tell(room, EVENT, what)


def _first(names: Mapping[str, str]) -> list[Member]:
    """The first members by name, few enough to be named."""
    count = len(names) if len(names) <= LISTED else FIRST
    members = (Member(who, name) for who, name in names.items())
    return heapq.nsmallest(count, members, key=lambda member: (member.name.casefold(), member.id))


def _named(members: Iterable[Member]) -> list[dict[str, str]]:
    return [member._asdict() for member in members]
