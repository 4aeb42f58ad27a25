"""Somebody is put out of a private room while the answer to what they asked is on its way."""

import asyncio
from typing import Any

import pytest
from relay import Ask, Drop, Post

from tests.unit.chat.events.guarded import Somebody, private_room, somebody
from tests.unit.wire import Chat


def ends_while_read(chat: Chat, monkeypatch: pytest.MonkeyPatch, room: str, person: str) -> None:
    """Before the next page of the room is read, somebody is put out, and then something is written. The order
    to this worker is still on its way."""
    log, records = chat.relay.manager.log, chat.relay.manager.records
    read = log.read

    async def late(name: str, **options: Any) -> Any:
        if name == room:
            await records.change(room, Drop(f"members:{room}", person))
            await log.append(room, Post("secret", b'"secret"\n{"author":{"id":"1","name":"Ana"}}'))
        return await read(name, **options)

    monkeypatch.setattr(log, "read", late)


async def private(chat: Chat) -> tuple[str, Somebody, Somebody]:
    ana, ben = await somebody(chat, "Ana"), await somebody(chat, "Ben")
    return await private_room(ana, ben), ana, ben


@pytest.mark.parametrize("event", ["history", "join"])
async def test_who_is_put_out_while_a_page_is_read_is_not_shown_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    """Nor what comes live from then on."""
    room, ana, ben = await private(chat)
    ends_while_read(chat, monkeypatch, room, ben.id)
    answer = await ben.asks(event, {"room": room})
    assert answer["reason"] == "unknown_room"
    monkeypatch.undo()
    assert (await ana.client.say("for members", {"room": room}))["ok"]
    await ana.client.hears("secret", "for members")
    assert "for members" not in [text for text, _ in ben.client.heard]


async def test_who_is_put_out_while_they_join_is_not_in_the_room(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right ends after it was asked for."""
    room, ana, ben = await private(chat)
    records = chat.relay.manager.records
    read, asked, go_on = records.read, asyncio.Event(), asyncio.Event()

    async def slow(*asks: Ask) -> Any:
        found = await read(*asks)
        if not asked.is_set() and any(ask.name == f"members:{room}" for ask in asks):
            asked.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(records, "read", slow)
    joining = asyncio.create_task(ben.asks("join", {"room": room}))
    await asked.wait()
    assert (await ana.asks("remove", {"room": room, "person": ben.id}))["ok"]
    go_on.set()
    assert (await joining)["reason"] == "unknown_room"
    assert (await ana.client.say("for members", {"room": room}))["ok"]
    await ana.client.hears("for members")
    assert ben.client.heard == []


async def test_who_is_put_out_while_they_read_is_not_told_how_much_is_written(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark is cut to the head."""
    room, ana, ben = await private(chat)
    epoch = (await ana.client.say("for members", {"room": room}))["epoch"]
    mark = {"room": room, "epoch": epoch, "seq": 99}
    assert (await ben.asks("read", mark))["ok"]
    log, records = chat.relay.manager.log, chat.relay.manager.records
    head = log.head

    async def late(name: str) -> Any:
        await records.change(room, Drop(f"members:{room}", ben.id))
        return await head(name)

    monkeypatch.setattr(log, "head", late)
    assert (await ben.asks("read", mark))["reason"] == "unknown_room"
