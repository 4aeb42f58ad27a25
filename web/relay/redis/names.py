"""Names: every key and channel that the relay uses in Redis. All begin with one prefix, so that an ACL can
confine a user to it.

A room's keys share the hash tag `{room}`, so one script may touch them all. An append also reads the rules
and the set of logs, which all rooms share: all keys have to be in one Redis.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    prefix: str

    @property
    def control(self) -> str:
        """The channel of python-socketio's own messages between workers."""
        return f"{self.prefix}control"

    def probe(self, worker: str) -> str:
        """The channel on which a worker receives its own probe, and the key that it writes to prove that
        Redis takes writes. The key exists while the worker lives."""
        return f"{self.prefix}probe:{worker}"

    def log(self, room: str) -> str:
        """Stream: the entries, with ids `<seq>-0`."""
        return f"{self.prefix}{{{room}}}:log"

    def head(self, room: str) -> str:
        """Hash: `epoch`, and `seq`, the number of the last entry."""
        return f"{self.prefix}{{{room}}}:head"

    def ids(self, room: str) -> str:
        """Hash: what was posted within the deduplication time-to-live. The field is the author and the id, or
        the id alone where there is no author; the value is number, time and fingerprint. Each field expires
        on its own."""
        return f"{self.prefix}{{{room}}}:ids"

    def amended(self, room: str) -> str:
        """Sorted set by number: the entries that are not in the stream any more; see amend.lua."""
        return f"{self.prefix}{{{room}}}:amended"

    def last_append(self, room: str, sender: str) -> str:
        """String: when a sender appended last in a room with slow mode, in milliseconds. It expires when the
        sender may append again."""
        return f"{self.prefix}{{{room}}}:spoke:{sender}"

    @property
    def rules(self) -> str:
        """Hash: the rules by name; each field expires on its own. It is also the channel that says that one
        was set."""
        return f"{self.prefix}rules"

    @property
    def logs(self) -> str:
        """Set: the rooms that have a log."""
        return f"{self.prefix}logs"

    def reports(self, room: str) -> str:
        """Hash: the workers that have members in the room, with the version of each one's presence report."""
        return f"{self.prefix}{{{room}}}:here"

    def report(self, room: str, worker: str) -> str:
        """Hash: a worker's presence report, its members' names by their ids."""
        return f"{self.prefix}{{{room}}}:here:{worker}"

    def stored(self, key: str) -> str:
        """What the store keeps under a key. The hash tag keeps them together, as one script writes
        several."""
        return f"{self.prefix}store:{{all}}:{key}"

    def bucket(self, key: str) -> str:
        """String: when the token bucket is full again. It belongs to no room, so it has no hash tag."""
        return f"{self.prefix}bucket:{key}"

    def live(self, room: str) -> str:
        """The channel that carries a room's new entries, volatile events and presence reports."""
        return f"{self.prefix}{{{room}}}:live"

    def room_of(self, live: str) -> str:
        """Return the room whose live channel this is."""
        return live[len(self.prefix) + 1 : -len("}:live")]
