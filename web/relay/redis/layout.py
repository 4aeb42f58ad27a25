"""The layout of keys: whether what Redis holds is where this version looks for it.

It is asked for on every connection to one Redis, and when a cluster's nodes are known (see
cluster/layout.py), so that nobody begins a room's log anew that stands under another name.
Redis says which layout it has under one key. One that has none is new, or has the data of 0.1.0.
"""

from __future__ import annotations

from redis.exceptions import ConnectionError as RedisConnectionError

from relay.redis.connector import Dialogue
from relay.redis.names import LAYOUT, Names


def check_layout(names: Names) -> Dialogue[None]:
    """Ask whether Redis has this layout, and give it to one that is new. Raises redis-py's
    ConnectionError."""
    found = yield ("GET", names.layout)
    if found is None:
        # Apart, since nodes of a cluster have them.
        if (yield ("EXISTS", names.logs)) or (yield ("EXISTS", f"{names.prefix}rules")):
            raise RedisConnectionError(
                f"Redis has the data of an older version under {names.prefix!r}. Stop all workers and "
                "migrate it: `make migrate`, or as docs/upgrades.md says. One Redis can do it, no cluster."
            )
        yield ("SET", names.layout, LAYOUT, "NX")
    elif found.decode() != LAYOUT:
        raise RedisConnectionError(
            f"Redis has the data of a newer version under {names.prefix!r}: it is in layout "
            f"{found.decode()}, and this version reads {LAYOUT}."
        )
