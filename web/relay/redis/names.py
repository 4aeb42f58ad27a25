"""Names: every key and channel the relay uses in Redis, so that an ACL can confine it to one prefix.

A room's keys share the hash tag `{room}`: one script may touch them all. Appends look at the rules and the
set of logs besides, which all rooms share; so all keys have to be in one Redis.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    prefix: str = "tertulia:"

    @property
    def control(self) -> str:
        """The channel of python-socketio's own messages between workers."""
        return f"{self.prefix}control"

    def probe(self, worker: str) -> str:
        """The channel on which a worker hears itself, and the key it proves with that Redis takes writes; it
        is there while the worker lives."""
        return f"{self.prefix}probe:{worker}"

    def log(self, room: str) -> str:
        """Stream: the entries, with ids `<seq>-0`."""
        return f"{self.prefix}{{{room}}}:log"

    def head(self, room: str) -> str:
        """Hash: `epoch` and `seq`, the number given last."""
        return f"{self.prefix}{{{room}}}:head"

    def ids(self, room: str) -> str:
        """Hash: author and id of what was appended lately; each field expires on its own."""
        return f"{self.prefix}{{{room}}}:ids"

    def amended(self, room: str) -> str:
        """Sorted set by number: the entries that are no longer in the stream, see amend.lua."""
        return f"{self.prefix}{{{room}}}:amended"

    def spoke(self, room: str, who: str) -> str:
        """When somebody last spoke in a room with a pace, in milliseconds; it expires with the pace."""
        return f"{self.prefix}{{{room}}}:spoke:{who}"

    @property
    def rules(self) -> str:
        """Hash: the rules by name; each field expires on its own. And the channel that says one was set."""
        return f"{self.prefix}rules"

    @property
    def logs(self) -> str:
        """Set: the rooms that have a log."""
        return f"{self.prefix}logs"

    def reports(self, room: str) -> str:
        """Hash: which workers have members in the room, and the version of each one's report."""
        return f"{self.prefix}{{{room}}}:here"

    def report(self, room: str, worker: str) -> str:
        """Hash: the members at a worker, and their names."""
        return f"{self.prefix}{{{room}}}:here:{worker}"

    def stored(self, key: str) -> str:
        """What the store keeps under a key; all in one slot of a cluster, as they are written together."""
        return f"{self.prefix}store:{{all}}:{key}"

    def bucket(self, key: str) -> str:
        """String: when the bucket is full again. In a slot of its own, as it is not of one room: what takes a
        token needs a Redis that is not a Cluster."""
        return f"{self.prefix}bucket:{key}"

    def live(self, room: str) -> str:
        """The channel that carries the room's new entries, its ephemeral events and who comes and goes."""
        return f"{self.prefix}{{{room}}}:live"

    def room_of(self, live: str) -> str:
        """The room whose live channel this is."""
        return live[len(self.prefix) + 1 : -len("}:live")]
