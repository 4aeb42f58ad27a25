"""Partitions: every room is in one of 256, by its name. The keys of a partition lie together, so that one
script may touch them all, and so that all of its rooms can be asked about at once.

A Redis Cluster has 16,384 hash slots. A key's slot is the CRC-16 of its hash tag, the part between braces:
https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Key distribution model".
A partition has 64 slots in a row for its rooms' names, and one tag for their keys, whose slot is among these.
So partitions spread evenly over the nodes of a cluster. One Redis has the same layout, so that nothing is
renamed when its data moves to a cluster.
"""

from __future__ import annotations

from binascii import crc_hqx
from functools import cache, lru_cache
from itertools import count

PARTITIONS = 256
SLOTS = 16_384


@lru_cache(maxsize=4096)
def slot_of(tag: str) -> int:
    """Return the hash slot of the keys with this hash tag, and of a key without one."""
    return crc_hqx(tag.encode(), 0) % SLOTS


def tag_of(key: str) -> str:
    """Return what decides a key's slot: what is between its first braces, or else the whole key."""
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    return tag if opened and closed and tag else key


def partition_of(room: str) -> int:
    """Return the partition that a room is in, from 0 to `PARTITIONS` - 1."""
    return slot_of(room) * PARTITIONS // SLOTS


@cache
def tags() -> tuple[str, ...]:
    """Return the hash tag of each partition: the lowest number whose slot is one of the partition's."""
    found: dict[int, str] = {}
    for number in count():
        found.setdefault(partition_of(str(number)), str(number))
        if len(found) == PARTITIONS:
            return tuple(found[partition] for partition in range(PARTITIONS))
    raise AssertionError  # count() does not end
