"""What containers hold in memory, as the engine reads it from their cgroups."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from docker.models.containers import Container

EVERY = 0.3
"""Seconds between two looks."""


def held_by(container: Container) -> int:
    """Bytes that its processes hold by themselves, and those of files on its tmpfs. What the kernel keeps of
    files on a disk is not counted: it takes that back when it likes."""
    stats = container.stats(stream=False, one_shot=True)["memory_stats"]["stats"]
    # cgroup v1 says `total_` of a group with those inside.
    return sum(stats.get(f"total_{name}", stats.get(name, 0)) for name in ("active_anon", "inactive_anon"))


@asynccontextmanager
async def watched(containers: Sequence[Container]) -> AsyncIterator[dict[str, int]]:
    """By how many bytes each has grown at most since entry, by its name; complete at the exit."""
    growth: dict[str, int] = defaultdict(int)
    before = await asyncio.to_thread(_all, containers)
    over = asyncio.Event()

    async def watch() -> None:
        while not over.is_set():
            for name, held in (await asyncio.to_thread(_all, containers)).items():
                growth[name] = max(growth[name], held - before[name])
            await asyncio.wait([waiting], timeout=EVERY)

    waiting = asyncio.create_task(over.wait())
    watching = asyncio.create_task(watch())
    try:
        yield growth
    finally:
        over.set()
        await asyncio.gather(watching, waiting)


def _all(containers: Sequence[Container]) -> dict[str, int]:
    return {str(each.name): held_by(each) for each in containers}
