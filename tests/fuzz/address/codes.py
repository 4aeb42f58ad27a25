"""The codes' attempts: guesses of the access code and of the moderators' code, on every way in."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator

from tests.fuzz.connections import Connection, Door
from tests.fuzz.senders import Sending, again_and_again, opened, post, submit

NETWORK = "2001:db8:7"
"""A network of IPv6 as a customer gets it: 65,536 networks of the size that counts as one address."""


async def guesses(door: Door, seconds: float) -> Counter[str]:
    """The access code, from one address."""
    return await _guesses(seconds, itertools.repeat(door), _access_code)


async def guesses_of_a_network(door: Door, seconds: float) -> Counter[str]:
    """The access code, from each address of a /48 once."""
    doors = (door.seen_from(f"{NETWORK}:{number:x}::1") for number in range(65_536))
    return await _guesses(seconds, doors, _access_code)


async def guesses_of_moderators(door: Door, seconds: float) -> Counter[str]:
    """The moderators' code, from one address."""
    return await _guesses(seconds, itertools.repeat(door), _moderators_code)


async def _guesses(seconds: float, doors: Iterator[Door], guess: Sending) -> Counter[str]:
    sent = Counter[str]()

    async def from_the_next(connection: Connection, sent: Counter[str]) -> None:
        connection.door = next(doors)
        await guess(connection, sent)

    await again_and_again(next(doors), seconds, 10, from_the_next, sent)
    return sent


async def _access_code(connection: Connection, sent: Counter[str]) -> None:
    status, _ = await submit(connection, "/sign-in", name="guesser", code="wrong")
    sent[f"sign-ins answered {status}"] += 1
    await _connect(connection, {"code": "wrong"}, sent)


async def _moderators_code(connection: Connection, sent: Counter[str]) -> None:
    _, cookie = await submit(connection, "/sign-in", name="guesser")
    status, _ = await submit(connection, "/moderate", cookie, code="wrong")
    sent[f"codes answered {status}"] += 1
    await _connect(connection, {"admin": "wrong"}, sent)


async def _connect(connection: Connection, auth: dict[str, str], sent: Counter[str]) -> None:
    await post(connection, await opened(connection, sent), [f"40{json.dumps(auth)}"])
    sent["connects with a wrong code"] += 1
