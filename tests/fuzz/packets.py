"""The packets: valid ones, what a seed makes of them, and which handler may run for the outcome at most."""

import json
import random
import re
from typing import Any

EVENTS = (
    *(
        "message",
        "edit",
        "delete",
        "react",
        "reactions",
        "join",
        "leave",
        "history",
        "typing",
        "rooms",
        "read",
        "level",
    ),
    *("create", "members", "invite", "remove", "describe"),
)

VALID = (
    "3",
    "2probe",
    "40",
    '40{"name":"Ana"}',
    "41",
    '42["message","%s"]',
    '421["message","%s",{"room":"lobby","id":"%s"}]',
    '422["join",{"room":"tea","after":3,"epoch":"x"}]',
    '423["leave",{"room":"tea"}]',
    '4211["message","%s",{"room":"lobby","here":true,"reply":{"seq":1,"id":"%s"}}]',
    '4212["edit",{"room":"lobby","seq":1,"id":"%s","text":"%s","mentions":[{"id":"1","name":"Ana"}]}]',
    '4213["delete",{"room":"lobby","seq":1,"id":"%s"}]',
    '4214["react",{"room":"lobby","seq":1,"id":"%s","emoji":"👍","on":true}]',
    '4215["reactions",{"room":"lobby","seq":1,"id":"%s"}]',
    '424["history",{"room":"lobby","before":9,"limit":5}]',
    '42["typing",{"room":"lobby","typing":true}]',
    '425["rooms"]',
    '426["read",{"room":"lobby","seq":3,"epoch":"x"}]',
    '427["level",{"room":"lobby","level":"mentions"}]',
    '428["create",{"kind":"private","title":"%s"}]',
    '429["members",{"room":"lobby"}]',
    "43[1]",
    "4312[null]",
    "40/other,",
    '42/other,["message","%s"]',
    '451-["message",{"_placeholder":true,"num":0}]\x1ebAAAA',
    '452-6["message","%s",{"room":{"_placeholder":true,"num":0},"id":{"_placeholder":true,"num":1}}]\x1eb\x1eb/w==',
    '451-/other,["message","%s",{"_placeholder":true,"num":0}]\x1ebAAAA',
    '451-["nobody",{"_placeholder":true,"num":0}]\x1ebAAAA',
    '461-12[{"_placeholder":true,"num":0}]\x1ebAAAA',
)
NAMES = (
    "connect",
    "disconnect",
    "connect_error",
    "__disconnect_final",
    "*",
    "",
    "__init__",
    "Message",
    "\x00",
    *EVENTS,
)
VALUES = (
    "null",
    "true",
    "-0",
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "9" * 99,
    "9" * 101,
    "9" * 5000,
    "1.5e-400",
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\u0000"',
    '"\u202e"',
    "[" * 900 + "]" * 900,
    "[" * 30000,
    '{"a":' * 9000,
    '{"_placeholder":true,"num":0}',
    '{"_placeholder":true,"num":1}',
    '{"_placeholder":true,"num":-1}',
    '{"_placeholder":true,"num":{"_placeholder":true,"num":0}}',
    '{"__proto__":{"room":"lobby"}}',
    '{"room":"lobby","room":"../etc"}',
    '{"room":["lobby"]}',
    '{"id":{}}',
    '"' + "x" * 9000 + '"',
    "[]",
    "{}",
)
BYTES = (
    b"\x1e",
    b"\x1e\x1e",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\x00",
    b"\xe2\x80\xa8",
    "²".encode(),
    "٣".encode(),
    b"451-",
    b"450-",
    b"4511-",
    b"\x1ebAAAA",
    b"\x1eb=",
    b"\x1e3\x1e",
    b"459999999999-",
    b"46",
    b"44{}",
    b"b4AAAA",
    b"0{}",
    b"/a,",
    b"/?x=1,",
    b"," * 50,
    b"7" * 150,
    b"-",
    b"]" * 9,
)


def valid(chance: random.Random) -> str:
    text = chance.choice(VALID)
    return text.replace("%s", f"{chance.getrandbits(40):x}")


def packet(chance: random.Random) -> bytes:
    """A valid packet with its attachments, most often with one to three things wrong with it."""
    data = _named(_argued(valid(chance), chance), chance).encode(errors="surrogatepass")
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        data = _broken(data, chance)
    return data[:70_000]


def handler(frame: bytes) -> tuple[str, list[Any]] | None:
    """The event whose handler may run for one Engine.IO packet, and its arguments; written after the
    protocol, and not after the server's parser."""
    try:
        found = re.fullmatch(
            r"4(?:2|5[0-9]{1,9}-)(?:/(?:\?[^,]*)?,)?([0-9]{0,100})(\[.*\])",
            frame.decode(),
            re.DOTALL | re.ASCII,
        )
        name, *arguments = json.loads(found[2]) if found else (None,)
    except (ValueError, RecursionError, TypeError):
        return None
    return (name, arguments) if isinstance(name, str) and name in EVENTS else None


def _argued(text: str, chance: random.Random) -> str:
    """One of its JSON values is another."""
    places = [found.span() for found in re.finditer(r'(?<=[:,\[])("[^"]*"|\d+|true|\{[^{}]*\})', text)]
    if not places or chance.random() < 0.5:
        return text
    start, end = chance.choice(places)
    return text[:start] + chance.choice(VALUES) + text[end:]


def _named(text: str, chance: random.Random) -> str:
    """The event is another."""
    if chance.random() < 0.75:
        return text
    return re.sub(r'\["[a-z]+"', lambda _: "[" + json.dumps(chance.choice(NAMES)), text, count=1)


def _broken(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    to = min(len(data), at + chance.randint(1, 8))
    match chance.randrange(7):
        case 0:
            return data[:at] + chance.choice(BYTES) + data[at:]
        case 1:
            return data[:at] + data[to:]
        case 2:
            return data[:at] + data[at:to] * chance.randint(2, 40) + data[to:]
        case 3:
            return data[:at] + chance.randbytes(chance.randint(1, 6)) + data[to:]
        case 4:
            return data[:at]
        case 5:
            return chance.choice(b"0123456789ab").to_bytes(1, "big") + data[1:]
        case _:
            return data + b"\x1e" * chance.randint(0, 1) + valid(chance).encode()
