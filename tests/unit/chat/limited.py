"""What people say to a chat with strict limits; see conftest.py."""

from typing import Any

from tests.unit.wire import Client


async def says(client: Client, *numbers: int) -> list[dict[str, Any]]:
    """Say messages with these numbers for ids."""
    return [await client.say(f"message {number}", {"id": f"id{number}"}) for number in numbers]
