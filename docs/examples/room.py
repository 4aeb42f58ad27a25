"""A room on the command line: shows it complete, and appends each line of its input."""

import asyncio
import json
import sys
from typing import Any

from relay.client import Answer, Client, Entry


def show(entries: list[Entry], reset: bool) -> None:
    if reset:
        print("--")
    for entry in entries:
        print(entry["seq"], json.dumps(entry["data"]), flush=True)


def refused(answer: Answer, entry: dict[str, Any] | None) -> None:
    print("refused:", answer["error"], answer.get("detail"), entry, file=sys.stderr)


async def main(url: str, name: str) -> None:
    async with Client(url) as client:
        room = client.join(name, show, refused=refused)
        answers = []
        while line := await asyncio.to_thread(sys.stdin.readline):
            answers.append(room.append(line.rstrip("\n")))
        await asyncio.gather(*answers)


asyncio.run(main(sys.argv[1], sys.argv[2]))
