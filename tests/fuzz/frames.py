"""A client's WebSocket frames (RFC 6455, section 5), right ones and wrong ones."""

import random

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x0a\x0b\x0c\x0d"


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    announced: int | None = None,
    wide: bool = False,
) -> bytes:
    """`announced`: a length that is not the payload's; `wide`: written in more bytes than it needs."""
    size = len(payload) if announced is None else announced
    head = bytes([fin << 7 | reserved << 4 | opcode])
    bit = masked << 7
    if size < 126 and not wide:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    key = (MASK * (len(payload) // 4 + 1))[: len(payload)]
    return (
        head
        + MASK
        + (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")
    )


def garbled(payload: bytes, chance: random.Random) -> bytes:
    """The payload in frames that have something wrong with them, or are at least unusual."""
    cut = chance.randint(0, len(payload))
    match chance.randrange(12):
        case 0:
            return frame(payload, reserved=chance.randint(1, 7))
        case 1:
            return frame(payload, masked=False)
        case 2:
            return frame(
                payload, announced=chance.choice((2**63, 2**64 - 1, 2**31, 70_000, len(payload) + 9))
            )
        case 3:
            return frame(payload, chance.choice((0, 3, 4, 7, 11, 15)))
        case 4:
            return frame(payload[:cut], fin=False) + frame(payload[cut:], 0)
        case 5:
            return frame(payload[:cut], fin=False) + frame(b"", PING) + frame(payload[cut:], 0)
        case 6:
            return frame(payload[:cut], fin=False) + frame(payload[cut:])
        case 7:
            return frame(b"x" * chance.randint(126, 300), chance.choice((CLOSE, PING, PONG)))
        case 8:
            return frame(b"", chance.choice((PING, PONG)), fin=False)
        case 9:
            return frame(
                chance.choice((b"\x03", b"\x03\xe8\xff", b"\x00\x00", b"\xff\xff", b"\x03\xed")), CLOSE
            )
        case 10:
            return frame(payload, BINARY)
        case _:
            return frame(payload[:40], wide=True) + chance.randbytes(chance.randint(0, 20))
