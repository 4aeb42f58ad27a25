"""Prints what it costs that replicas confirm each message, and what it costs if they don't."""

import asyncio
import sys

from tests.cluster.cost import cost_of_appends
from tests.cluster.failover import fail_over
from tests.support.redis_cluster import RedisCluster

PORT = 18541
AGAIN = 6
"""Seconds after which a replica that was about to be elected may try again: four node timeouts."""


async def measure(program: str) -> None:
    cluster = RedisCluster("tertulia-replicas", PORT, replicas=2, program=program, on_disk=True)
    await asyncio.to_thread(cluster.start)
    try:
        print(f"{program}\nwriters  confirmed by  appends  p50 ms  p99 ms  primary us  replica us")
        for writers in (1, 10, 50):
            for replicas in (0, 1, 2):
                cost = await cost_of_appends(cluster, replicas=replicas, writers=writers)
                print(
                    f"{writers:7}  {replicas:12}  {cost.appends:7}  {cost.p50:6.2f}  {cost.p99:6.2f}"
                    f"  {cost.primary:10.0f}  {cost.replica:10.0f}",
                    flush=True,
                )
        print("confirmed by  cut off  others paused  acknowledged meanwhile  lost  two messages of a number")
        for replicas, cut, pause in ((0, 2, False), (1, 2, False), (1, 1, False), (1, 1, True), (2, 1, True)):
            outcome = await fail_over(cluster, replicas=replicas, cut=cut, pause=pause)
            print(
                f"{replicas:12}  {cut:7}  {pause!s:>13}  {outcome.in_danger:22}  {outcome.lost:4}"
                f"  {outcome.doubled:25}",
                flush=True,
            )
            await asyncio.sleep(AGAIN)
    finally:
        await asyncio.to_thread(cluster.stop)


asyncio.run(measure(*sys.argv[1:] or ["redis"]))
