"""Writes the tables of docs/who-may-what.md, as everybody is answered now:

python -m tests.unit.chat.walk
"""

import asyncio
import tempfile
from pathlib import Path

from chat.app import build
from chat.settings import Settings

from tests.unit.chat.walk import document
from tests.unit.chat.walk.walks import walk_addresses, walk_events


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder)
        (bundle / "socket.io.js").write_text("// the client")
        events = build(Settings(client_bundle=bundle)).registry.events
        document.write("events", await walk_events(bundle, events))
        document.write("addresses", await walk_addresses(bundle))


asyncio.run(main())
