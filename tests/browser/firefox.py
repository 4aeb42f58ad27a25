#!/usr/local/bin/python
"""Firefox ESR as Playwright starts it, by WebDriver BiDi, of which it knows less than Playwright expects.

Playwright gives up when its wish for a colour scheme is an unknown command, which it is to this Firefox. So
this stands between the two, and answers that wish itself; everything else passes as it is.
"""

import asyncio
import json
import re
import sys

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

FIREFOX = "/usr/bin/firefox-esr"
LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
UNKNOWN = frozenset(["emulation.setMediaFeaturesOverride"])


async def main() -> int:
    firefox = await asyncio.create_subprocess_exec(FIREFOX, *sys.argv[1:], stderr=asyncio.subprocess.PIPE)
    assert firefox.stderr
    async for line in firefox.stderr:
        if found := LISTENS.search(line):
            break
        sys.stderr.buffer.write(line)
    else:
        return await firefox.wait()
    address = found[1].decode()

    async def passes_on(playwright: ServerConnection) -> None:
        assert playwright.request
        async with connect(address + playwright.request.path, max_size=None, compression=None) as session:
            await asyncio.wait(
                [
                    asyncio.create_task(to_firefox(playwright, session)),
                    asyncio.create_task(to_playwright(session, playwright)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )

    async with serve(passes_on, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        async for _ in firefox.stderr:
            pass
        return await firefox.wait()


async def to_firefox(playwright: ServerConnection, session: ClientConnection) -> None:
    async for message in playwright:
        asked = json.loads(message)
        if asked["method"] in UNKNOWN:
            await playwright.send(json.dumps({"type": "success", "id": asked["id"], "result": {}}))
        else:
            await session.send(message)


async def to_playwright(session: ClientConnection, playwright: ServerConnection) -> None:
    async for message in session:
        await playwright.send(message)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
