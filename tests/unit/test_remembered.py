"""The table of what is remembered names every key there is."""

import inspect
from pathlib import Path

from relay.names import Names

DOCUMENT = (Path(__file__).parents[2] / "docs/operating.md").read_text()
CHANNELS = {"control", "live", "room_of"}
"""Names of no keys."""


def test_every_key_of_the_relay_is_in_the_table() -> None:
    names, keys = Names(prefix=""), set()
    for name, member in inspect.getmembers(Names):
        if name.startswith("_") or name in CHANNELS | {"prefix", "stored"}:
            continue
        if isinstance(member, property):
            keys.add(getattr(names, name))
        else:
            given = [f"<{each}>" for each in list(inspect.signature(member).parameters)[1:]]
            keys.add(member(names, *given).replace("<who>", "<person>"))
    assert len(keys) > 9
    assert [key for key in sorted(keys) if f"`{key}`" not in DOCUMENT] == []
