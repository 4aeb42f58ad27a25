"""The handshakes that an address may make: on every spelling of their path, and of the address."""

from collections import Counter
from collections.abc import Sequence

from tests.fuzz.connections import Door
from tests.fuzz.floods import handshakes

RATE = 500.0
"""Offered a second."""
SPELLINGS = (
    "/sio/socket.io/?EIO=4&transport=polling",
    "/sio/socket.io/%3Fsid=x?EIO=4&transport=polling",
    "/sio/socket.io/%3fEIO=4&sid=x?EIO=4&transport=polling",
    "/sio/socket.io/sid=x/?EIO=4&transport=polling",
    "/sio/socket.io/../../x?EIO=4&transport=polling",
    "/sio/socket.io/%2e%2e/%2e%2e/x?EIO=4&transport=polling",
    "/x/../sio/socket.io/?EIO=4&transport=polling",
    "//sio//socket.io//?EIO=4&transport=polling",
    "/sio/./socket.io/?EIO=4&transport=polling",
    "/sio/socket%2eio/?EIO=4&transport=polling",
    "/sio/socket.io?EIO=4&transport=polling",
    "/sio/socket.io/x?EIO=4&transport=polling",
    "/sio/socket.io/;sid=x?EIO=4&transport=polling",
    "/sio/socket.io/?EIO=4&transport=polling&sid=",
    "/sio/socket.io/?EIO=4&transport=polling&sid",
    "/sio/socket.io/?EIO=4&transport=polling&SID=x",
    "/sio/socket.io/?EIO=4&transport=polling&s%69d=",
    "/sio/socket.io/?EIO=4&transport=polling&sid=&sid=",
    "/sio/socket.io/?EIO=4&transport=polling;sid=x",
    "/sio/socket.io/?EIO=4&transport=polling&x=?sid=x",
    "/sio/socket.io/?EIO=4&transport=polling&sid=%00",
    "/sio/socket.io/?&&sid=&EIO=4&transport=polling",
)
MAPPED = ("::ffff:198.51.100.7", "::ffff:c633:6407", "::1")
"""Two addresses; the first is written in two ways."""


async def spelt_otherwise(door: Door, seconds: float) -> Counter[str]:
    return await _storm(door, seconds, [_request(path, door) for path in SPELLINGS])


async def mapped(door: Door, seconds: float) -> Counter[str]:
    """From addresses as a proxy writes them that listens for IPv6 and is reached by IPv4."""
    return await _storm(door, seconds, [_request(SPELLINGS[0], door.seen_from(each)) for each in MAPPED])


def _request(path: str, door: Door) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: chat\r\n{door.headers}\r\n".encode()


async def _storm(door: Door, seconds: float, requests: Sequence[bytes]) -> Counter[str]:
    answers = Counter[str]()
    await handshakes(door, RATE, seconds, answers, requests=requests)
    return Counter({f"answered {status}": times for status, times in answers.items()})
