"""Every room has a partition, and all keys of a partition lie in one hash slot of a cluster."""

import random

from redis.crc import key_slot
from relay.redis.names import Names
from relay.redis.partitions import PARTITIONS, SLOTS, partition_of, slot_of, tags

NAMES = Names("test:")
ROOMS = [f"room {number}" for number in range(5000)]


def test_slots_are_those_of_redis_cluster() -> None:
    assert slot_of("123456789") == 0x31C3, "the value in the cluster's specification"
    for _ in range(1000):
        text = random.randbytes(5).hex()
        assert slot_of(text) == key_slot(text.encode())


def test_partitions_are_spread_evenly_over_the_slots() -> None:
    assert len(set(tags())) == PARTITIONS
    assert [slot_of(tag) * PARTITIONS // SLOTS for tag in tags()] == list(range(PARTITIONS))


def test_rooms_are_spread_over_all_partitions() -> None:
    assert {partition_of(room) for room in ROOMS} == set(range(PARTITIONS))


def test_all_keys_of_a_partition_are_in_one_slot() -> None:
    for room in (*ROOMS, "{a}", "été", "a:log:b"):
        names = NAMES.of(room)
        keys = {*names.append, names.reports, names.live, names.report("w"), names.partition.changed_reports}
        assert {key_slot(key.encode()) for key in keys} == {slot_of(tags()[partition_of(room)])}


def test_a_live_channel_tells_its_room() -> None:
    for room in (*ROOMS, "{a}", "été", "}:live:x", "a:live:b"):
        assert NAMES.room_of(NAMES.of(room).live) == room


def test_no_two_rooms_share_a_key() -> None:
    rooms = [*ROOMS, "a", "a:log", "log:a", "log", ""]
    keys = [key for room in rooms for key in NAMES.of(room).append[:5]]
    assert len(set(keys)) == 5 * len(rooms)
