"""The table of what is remembered names every key there is."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from chat.people.program import Token
from chat.settings import Settings
from relay.memory.store import MemoryStore
from relay.redis.names import Names

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import CODE, leave
from tests.unit.chat.http.programming import refused
from tests.unit.visitors import browser
from tests.unit.wire import Chat

DOCUMENT = (Path(__file__).parents[3] / "docs/operating.md").read_text()
NO_KEYS = {"prefix", "control", "stored", "alive", "of", "partition", "room_of"}


def test_every_key_of_the_relay_is_in_the_table() -> None:
    names, keys = Names(prefix=""), set()
    for name, member in inspect.getmembers(Names):
        if name.startswith("_") or name in NO_KEYS:
            continue
        if isinstance(member, property):
            keys.add(getattr(names, name))
        else:
            given = [f"<{each}>" for each in list(inspect.signature(member).parameters)[1:]]
            keys.add(member(names, *given))
    room = names.of("<room>")
    every = {getattr(part, field.name) for part in (room, room.partition) for field in fields(part)}
    of_room = {key for key in every if isinstance(key, str)} - {room.room, room.live, room.partition.tagged}
    tag = room.partition.tagged.strip("{}:")
    keys |= {
        key.replace(tag, "<tag>", 1)
        for key in (
            *of_room,
            room.report("<worker>"),
            room.partition.probe("<worker>"),
            room.partition.kept("<name>"),
        )
    }
    assert len(keys) > 15
    assert [key for key in sorted(keys) if f"`{key}`" not in DOCUMENT] == []


async def test_every_key_of_the_chats_store_is_in_the_table(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as they are found by doing all that people and moderators do besides writing."""
    kept: set[str] = set()
    keep = MemoryStore._keep

    def noted(store: MemoryStore, key: str, *rest: Any) -> None:
        kept.add(key)
        keep(store, key, *rest)

    monkeypatch.setattr(MemoryStore, "_keep", noted)
    settings = Settings(
        port=0, client_bundle=bundle, admin_code=CODE, access_code="open, open", trusted_proxies=("*",)
    )
    async with Chat(settings) as chat, browser(chat) as visitor:
        await visitor.post("/sign-in", data={"name": "Eve", "code": "wrong"})
        await visitor.post("/sign-in", data={"name": "Ana", "code": "open, open"})
        ana = await chat.client("websocket", cookie=visitor.cookies["tertulia"])
        mia = await chat.client("websocket", auth={"name": "Mia", "code": "open, open", "admin": CODE})
        await ana.asks("join", {"room": "tea"})
        await soon(lambda: "people" in chat.relay.manager.records._kept, what="Ana is known")
        await ana.asks("create", {"kind": "private", "title": "Plans", "id": "1"})
        await ana.asks("level", {"room": "tea", "level": "mentions"})
        await mia.asks("lock", {"room": "tea", "locked": True})
        await soon(lambda: any(key.startswith("addresses of") for key in kept), what="addresses are noted")
        await soon(lambda: len(chat.relay.manager.records._kept) > 2, what="Ana is kept")
        records = list(chat.relay.manager.records._kept)
        await visitor.post("/moderate", data={"code": CODE})
        await visitor.post("/programs", data={"name": "Bot", "days": "0"})
        records += [name for name in chat.relay.manager.records._kept if name not in records]
        await refused(chat, {"token": Token.new().text})
        await visitor.post("/sign-out")
        await leave(mia)
    assert len(kept) > 9, kept
    assert unnamed(kept, r"`store:\{all\}:([^`]+)`") == []
    assert len(records) == 8, records
    assert unnamed(records, r"`\{<tag>\}:kept:(?:<name>`: `)?([^<`][^`]*)`") == []


def unnamed(keys: Iterable[str], row: str) -> list[str]:
    """The keys that no row of the table names. `row`: what finds a name in it."""
    names = [re.sub(r"<.*?>|…", ".*", re.escape(name)) for name in re.findall(row, DOCUMENT)]
    return [key for key in sorted(keys) if not re.fullmatch("|".join(names), key)]
