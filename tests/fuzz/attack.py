"""The attack: sessions that send fuzzed packets over both transports, and what was answered.

Each session has a seed of its own, made from the run's: `SESSION=<seed>` alone sends its packets again.
"""

import asyncio
import json
import random
from base64 import b64decode
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from tests.fuzz import frames, packets
from tests.fuzz.connections import Connection, Door

ALLOWED = {101, 200, 307, 400, 403, 404, 405, 411, 413, 414, 431, 501, 505}
"""What bad input may be answered with; 501 and 505 are nginx's own, of transfer encodings and versions."""
BUSY = {429, 503}
PACKETS = 12
"""Packets that a session sends at most."""


@dataclass
class Outcome:
    sent: int = 0
    bad: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    may_run: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)
    """What may be heard in a room: the texts of messages that are well formed."""
    wrong: list[str] = field(default_factory=list)
    """What must not happen, with the seed of its session and the packet."""

    def count(self, packet: bytes) -> None:
        self.sent += 1
        for each in packet.split(b"\x1e"):
            if called := packets.handler(each):
                self.may_run[called[0]] += 1
                if called[0] == "message" and called[1] and isinstance(called[1][0], str):
                    self.texts.add(called[1][0])

    def answered(self, transport: str, status: int | str, seed: int, packet: bytes) -> None:
        self.answers[f"{transport} {status}"] += 1
        if status not in (200, "open", *BUSY):
            self.bad += 1
        if (isinstance(status, int) and status not in ALLOWED | BUSY) or status == "silent":
            self.wrong.append(f"{transport} {status} SESSION={seed} {packet[:200]!r}")


async def attack(door: Door, seed: int, count: int, outcome: Outcome, at_once: int = 12) -> None:
    """Send so many packets."""
    chance = random.Random(seed)

    async def attacker() -> None:
        while outcome.sent < count:
            await session(door, chance.getrandbits(48), outcome)

    async with asyncio.TaskGroup() as attackers:
        for _ in range(at_once):
            attackers.create_task(attacker())


async def session(door: Door, seed: int, outcome: Outcome) -> None:
    """Send one session's packets, all of which follow from its seed."""
    chance = random.Random(seed)
    way = chance.choices((_polls, _sockets, _knocks), (10, 10, 1))[0]
    try:
        await way(Connection(door), chance, seed, outcome)
    except (TimeoutError, ConnectionError) as error:
        outcome.wrong.append(f"{way.__name__} {error!r} SESSION={seed}")


async def _polls(connection: Connection, chance: random.Random, seed: int, outcome: Outcome) -> None:
    async with connection:
        status, body = await connection.get("")
        if status != 200:
            outcome.answers[f"handshake {status}"] += 1
            return await asyncio.sleep(0.2)
        sid = json.loads(body[1:])["sid"]
        joined = chance.random() < 0.8
        for _ in range(PACKETS):
            packet = packets.packet(chance)
            body = b"40\x1e" + packet if joined else packet
            outcome.count(packet)
            status = await connection.post(sid, body[:65_536])
            outcome.answered("polling", status, seed, packet)
            joined = False
            if status != 200:
                return
        await connection.post(sid, b"1")


async def _sockets(connection: Connection, chance: random.Random, seed: int, outcome: Outcome) -> None:
    async with connection:
        status = await connection.upgrade()
        if status != 101:
            outcome.answers[f"handshake {status}"] += 1
            return await asyncio.sleep(0.2)
        if chance.random() < 0.8:
            connection.writer.write(frames.frame(b"40"))
        for _ in range(PACKETS):
            packet = packets.packet(chance)
            garbled = chance.random() < 0.4
            outcome.count(packet)
            connection.writer.write((frames.garbled if garbled else _plain)(packet, chance))
            # A ping after it: its answer, or the end, says that the packet was read.
            connection.writer.write(frames.frame(b"read", frames.PING))
            fate = await _fate(connection, 0.3 if garbled else 5)
            outcome.answered("websocket", "waits" if garbled and fate == "silent" else fate, seed, packet)
            if fate != "open":
                return


def _plain(packet: bytes, _: random.Random) -> bytes:
    """Attachments are frames of their own."""
    text, *attachments = packet.split(b"\x1eb")
    return frames.frame(text) + b"".join(_attachment(each) for each in attachments)


def _attachment(text: bytes) -> bytes:
    with suppress(ValueError):
        return frames.frame(b64decode(text, validate=True), frames.BINARY)
    return frames.frame(b"b" + text)


async def _fate(connection: Connection, patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            while (await connection.frame()) != (frames.PONG, b"read"):
                pass
            return "open"
    except ConnectionError:
        return "closed"
    except TimeoutError:
        return "silent"


async def _knocks(connection: Connection, chance: random.Random, seed: int, outcome: Outcome) -> None:
    """Requests that lead nowhere: others' sids, wrong versions and transports, bytes that are no HTTP."""
    sid = chance.choice(
        ("", "&sid=" + "0" * 54, f"&sid={chance.randbytes(9).hex()}", "&sid=%ff%00", "&j=0", "&sid=")
    )
    method = chance.choice(("GET", "POST", "PUT", "OPTIONS", "GET", "BREW"))
    version = chance.choice(("4", "3", "9" * 40, "four"))
    transport = chance.choice(("polling", "websocket", "pigeon"))
    upgrade = chance.choice(
        ("", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "Transfer-Encoding: chunked\r\n")
    )
    path = f"/sio/socket.io/?EIO={version}&transport={transport}{sid}"
    rest = f"Host: localhost\r\n{upgrade}Content-Length: 0\r\nConnection: close\r\n\r\n"
    data = bytearray(f"{method} {path} HTTP/1.1\r\n{rest}".encode())
    if chance.random() < 0.3:
        data[chance.randrange(len(data) - 4)] = chance.randrange(256)
    outcome.sent += 1
    async with connection:
        try:
            async with asyncio.timeout(0.5):
                connection.writer.write(bytes(data))
                head = await connection.reader.readuntil(b"\r\n")
            # HTTP/0.9, which a request without a version is, has no line of status.
            status = int(head.split()[1]) if head.startswith(b"HTTP/") else "0.9"
            outcome.answered("http", status, seed, bytes(data))
        except (TimeoutError, asyncio.IncompleteReadError):
            outcome.answered("http", "waits", seed, bytes(data))  # for the rest of what the bytes announce
