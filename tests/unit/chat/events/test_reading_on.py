"""A page of history counts messages, however many entries lie among them that are none."""

import json

import pytest
from chat.domain import messages
from chat.events import history
from relay import Post, Relay

from tests.unit.chat.events.changing import watcher
from tests.unit.wire import Chat

REACTION = json.dumps({"reacts": 1, "emoji": "👍", "on": True, "author": {"id": "1", "name": "A"}}).encode()


async def filled(relay: Relay, room: str, *kinds: str) -> None:
    """A room with these entries: `m`, a message; `r`, a reaction; `d`, what is left of a message."""
    data = {
        "m": b'"hello"\n{"author":{"id":"1","name":"A"}}',
        "r": REACTION,
        "d": b'{"deleted":true,"author":{"id":"1"}}',
    }
    for number, kind in enumerate("".join(kinds), 1):
        await relay.log.append(room, Post(f"{kind}{number}", data[kind]))


async def test_a_page_goes_on_past_entries_that_are_no_messages(chat: Chat) -> None:
    """Both ways, and it ends before the next message. What is left of a message counts as one."""
    ana = await watcher(chat, "Ana", "elsewhere")
    await filled(chat.relay.manager, "changes-a", "m" * 3, "r" * 5, "d", "r" * 4, "m", "r" * 2)
    ana.room = "changes-a"
    assert (await ana.asks("join"))["ok"]
    for options, first, last, more in (
        ({"limit": 2}, 4, 16, True),
        ({"limit": 3}, 3, 16, True),
        ({"limit": 5}, 1, 16, False),
        ({"limit": 2, "before": 9}, 2, 8, True),
        ({"limit": 2, "after": 2}, 3, 13, True),
        ({"limit": 1, "after": 0}, 1, 1, True),
        ({"limit": 9, "after": 3}, 4, 16, False),
    ):
        page = await ana.asks("history", **options)
        seqs = [each["seq"] for each in page["messages"]]
        assert (seqs, page["more"]) == ([*range(first, last + 1)], more), options


async def test_a_page_has_so_many_entries_and_bytes_at_most(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await watcher(chat, "Ana", "elsewhere")
    await filled(chat.relay.manager, "changes-b", "m", "r" * 40, "m")
    ana.room = "changes-b"
    assert (await ana.asks("join"))["ok"]
    monkeypatch.setattr(history, "PAGE", 10)
    monkeypatch.setattr(history, "MOST_ENTRIES", 25)
    page = await ana.asks("history", limit=5)
    assert ([each["seq"] for each in page["messages"]], page["more"]) == ([*range(18, 43)], True)
    page = await ana.asks("history", limit=5, after=0)
    assert ([each["seq"] for each in page["messages"]], page["more"]) == ([*range(1, 26)], True)
    monkeypatch.setattr(history, "ANSWER_MAX_BYTES", 12 * (len(REACTION) + 150))
    page = await ana.asks("history", limit=5)
    assert page["more"]
    assert 8 <= len(page["messages"]) <= 13
    assert messages.ANSWER_MAX_BYTES == 256 * 1024


async def test_who_comes_back_gets_all_that_changed(chat: Chat) -> None:
    """In one answer, though only two of the entries are messages."""
    ana = await watcher(chat, "Ana", "elsewhere")
    await filled(chat.relay.manager, "changes-c", "m" * 2, "r" * 300, "m")
    ana.room = "changes-c"
    first = await ana.asks("join")
    back = await ana.asks("join", after=1, epoch=first["epoch"])
    assert [each["seq"] for each in back["messages"]] == [*range(2, 304)]
    assert not back["more"]
