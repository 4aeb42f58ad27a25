"""Buckets in memory: those that are full again are forgotten, and no others."""

import pytest
from relay.log.token_buckets import Limited, TokenBucket
from relay.memory.token_buckets import MemoryBuckets

SECOND = 1_000_000


def test_a_bucket_that_is_full_again_takes_no_memory() -> None:
    """However many people came, each under a name of their own."""
    buckets = MemoryBuckets()
    for number in range(5000):
        buckets.take([TokenBucket(f"person {number}", per_second=1, burst=1)], number * 2 * SECOND)
    assert len(buckets._full) <= 1001


def test_a_bucket_that_is_not_full_is_remembered_whatever_others_take() -> None:
    buckets = MemoryBuckets()
    ana = TokenBucket("ana", per_second=0.001, burst=1)
    buckets.take([ana], 0)
    for number in range(5000):
        buckets.take([TokenBucket(f"person {number}", per_second=1, burst=1)], number)
    with pytest.raises(Limited):
        buckets.take([ana], 2 * SECOND)


def test_the_wait_is_that_of_the_bucket_that_lacks_most() -> None:
    """And a token is there at the very moment that was told."""
    buckets = MemoryBuckets()
    fast, slow = TokenBucket("fast", per_second=1, burst=1), TokenBucket("slow", per_second=0.1, burst=1)
    buckets.take([slow, fast], 0)
    with pytest.raises(Limited) as limited:
        buckets.take([fast, slow], 0)
    assert (limited.value.bucket.key, limited.value.retry_after) == ("slow", 10)
    buckets.take([fast, slow], 10 * SECOND)


def test_what_takes_of_no_bucket_is_not_limited() -> None:
    MemoryBuckets().take([], 0)
