"""The memory: how much of it clients' data may take in this process."""

from collections.abc import Iterable
from pathlib import Path

LIMITS = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container finds its limit, with cgroups of version 2 and of version 1."""
SHARE = 4
"""A quarter is for what clients have not read, or sent and not had handled: see docs/operating.md."""
WITHOUT = 512 << 20
"""Bytes that are reckoned with where there is no limit."""
ANY = 1 << 50
"""What version 1 calls no limit is more than this."""


def for_buffers(files: Iterable[Path] = LIMITS) -> int:
    """Return bytes: a share of the container's limit, or of `WITHOUT`."""
    for file in files:
        try:
            limit = file.read_text().strip()
        except OSError:
            continue
        if limit.isdecimal() and int(limit) < ANY:
            return int(limit) // SHARE
    return WITHOUT // SHARE
