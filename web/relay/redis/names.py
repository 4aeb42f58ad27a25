"""Names: every key and channel that the relay uses in Redis. All begin with one prefix, so that an ACL can
confine a user to it.

The keys of one partition share a hash tag, and so do those of each part of the relay that no room belongs to.
No script or transaction touches two tags, but a call of append.lua on one Redis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from relay.redis.partitions import PARTITIONS, partition_of, tags

LAYOUT = "2"
"""Which layout of keys this is. It changes with whatever an older worker would not find any more."""
REMEMBERED = 4096
"""Rooms whose names are kept; to make them again costs 5 µs, a tenth of an append."""


@dataclass(frozen=True, slots=True)
class RoomNames:
    """The keys and the channel of a room.

    `log`: stream, the entries, with ids `<seq>-0`.
    `head`: hash, `epoch`, and `seq`, the number of the last entry.
    `ids`: hash, what was posted within the deduplication time-to-live. The field is the author and the id, or
    the id alone where there is no author; the value is number, time and fingerprint. Each field expires on
    its own.
    `amended`: sorted set by number, the entries that are not in the stream any more; see amend.lua.
    `tallies`: sorted set by number, of each entry with votes its keys: how many voters each has, and the
    number of the entry since which it has some; see vote.lua.
    `votes`: sorted set by number of the entry, the votes: number, key and voter's id.
    `voters`: hash, of each voter by id how many votes of theirs are kept, and the last name.
    `spoke`: hash, when each sender appended last in a room with slow mode, in milliseconds. A field expires
    when the sender may append again.
    `reports`: hash, the workers that have members in the room, with the version of each one's presence
    report; in a large room with the first members of each worker.
    `people`: hash, at how many of these workers each member is, by id.
    `live`: channel, a room's new entries, volatile events and presence reports.
    `partition`: the names that it shares with other rooms.
    `append`: the keys that an append touches, in entry.lua's order.
    `change`: those that it touches besides where old entries are trimmed, and where entries change."""

    log: str
    head: str
    ids: str
    amended: str
    tallies: str
    votes: str
    voters: str
    spoke: str
    reports: str
    people: str
    live: str
    partition: PartitionNames
    append: tuple[str, ...]
    change: tuple[str, ...]
    room: str

    def report(self, worker: str) -> str:
        """Hash: a worker's presence report, its members' names by their ids."""
        return f"{self.partition.tagged}report:{worker}:{self.room}"


@dataclass(frozen=True, slots=True)
class PartitionNames:
    """The keys that the rooms of a partition share, and those of records whose owners are in it.

    `number`: which partition it is.
    `tagged`: how each of its keys begins.
    `rules`: string, the version of the rules that its appends have to know; see rules.py.
    `incarnation`: string, made up when it is missing, so that workers notice that Redis lost what it had.
    Only the first partition of each shard has one.
    `changed_logs`, `changed_reports`: sorted sets, the rooms by when their log or a presence report of theirs
    changed, in milliseconds; see changes.py."""

    number: int
    tagged: str
    rules: str
    incarnation: str
    changed_logs: str
    changed_reports: str

    def probe(self, worker: str) -> str:
        """The channel on which a worker receives its own probe, and the key that it writes to prove that
        Redis takes writes. Of the first partition of each shard; while any of them is there, the worker
        lives."""
        return f"{self.tagged}probe:{worker}"

    def kept(self, name: str) -> str:
        """Hash: a record of this partition's owners, by its name."""
        return f"{self.tagged}kept:{name}"


@dataclass(frozen=True, slots=True)
class Names:
    prefix: str

    @property
    def layout(self) -> str:
        """String: `LAYOUT`, as it is in this Redis."""
        return f"{self.prefix}layout"

    @property
    def control(self) -> str:
        """The channel of python-socketio's own messages between workers."""
        return f"{self.prefix}control"

    def alive(self, worker: str) -> str:
        """The key that exists while a worker of one Redis lives: the probe of partition 0."""
        return self.partition(0).probe(worker)

    def of(self, room: str) -> RoomNames:
        """Return the names of a room."""
        return _of_room(self.prefix, room)

    def partition(self, number: int) -> PartitionNames:
        """Return the names that the rooms of a partition share."""
        return _of_partition(self.prefix, number)

    def room_of(self, live: str) -> str:
        """Return the room whose live channel this is."""
        return live[live.index(_LIVE, len(self.prefix)) + len(_LIVE) :]

    @property
    def rules(self) -> str:
        """Hash: the rules by name; each field expires on its own. It is also the channel that says that one
        was set or dropped."""
        return f"{self.prefix}{{rules}}:rules"

    @property
    def rules_version(self) -> str:
        """String: the version of the rules, which changes whenever one is set or dropped."""
        return f"{self.prefix}{{rules}}:version"

    @property
    def logs(self) -> str:
        """Set: the rooms that have a log."""
        return f"{self.prefix}logs"

    def stored(self, key: str) -> str:
        """What the store keeps under a key. The hash tag keeps them together, as one script writes
        several."""
        return f"{self.prefix}store:{{all}}:{key}"

    def bucket(self, key: str) -> str:
        """String: when the token bucket is full again. One script takes tokens of several."""
        return f"{self.prefix}{{buckets}}:bucket:{key}"


_LIVE = "}:live:"


@lru_cache(maxsize=REMEMBERED)
def _of_room(prefix: str, room: str) -> RoomNames:
    partition = _of_partition(prefix, partition_of(room))
    kinds = (
        *("log", "head", "ids", "amended", "tallies", "votes", "voters"),
        *("spoke", "reports", "people", "live"),
    )
    keys = (f"{partition.tagged}{kind}:{room}" for kind in kinds)
    log, head, ids, amended, tallies, votes, voters, spoke, reports, people, live = keys
    append = log, head, ids, amended, spoke, partition.rules, partition.changed_logs
    change = *append, tallies, votes, voters
    return RoomNames(
        *(log, head, ids, amended, tallies, votes, voters, spoke, reports, people, live),
        *(partition, append, change, room),
    )


@lru_cache(maxsize=PARTITIONS)
def _of_partition(prefix: str, number: int) -> PartitionNames:
    tagged = f"{prefix}{{{tags()[number]}}}:"
    kinds = "rules", "incarnation", "changed-logs", "changed-reports"
    return PartitionNames(number, tagged, *(f"{tagged}{kind}" for kind in kinds))
