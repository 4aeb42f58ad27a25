"""Deleting over the wire: the text and the author's name are gone, the message's place stays."""

import json
from typing import Any

import pytest

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import comes, leave, moderator
from tests.unit.wire import Chat


async def test_a_deleted_message_is_gone_in_its_place(moderated: Chat) -> None:
    """Those here are told at once, those away when they come back; nobody is told its text any more, nor its
    author's name."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    said = [await ann.say(text, {"id": text}) for text in ("one", "secret", "three")]
    told: list[dict[str, Any]] = []
    ann.sio.on("deleted", told.append)
    assert await mia.asks("delete", {"room": "lobby", "seq": 2, "id": "secret"}) == {
        "ok": True,
        "room": "lobby",
        "seq": 2,
    }
    await soon(lambda: told, what="Ann is told")
    author = {"id": (await ann.who())["id"]}
    assert told[0] == {
        "deletes": 2,
        "id": "deleted:2",
        "room": "lobby",
        "seq": 4,
        "at": told[0]["at"],
        "epoch": said[0]["epoch"],
    }
    page = await ann.asks("history", {"room": "lobby"})
    tombstone = {"id": "secret", "room": "lobby", "seq": 2, "at": said[1]["at"]}
    assert page["messages"][1] == tombstone | {"deleted": True, "author": author}
    assert [message["seq"] for message in page["messages"]] == [1, 2, 3, 4]
    assert "secret" not in json.dumps([message.get("text") for message in page["messages"]])
    back = await ann.asks("join", {"room": "lobby", "after": 3, "epoch": said[0]["epoch"]})
    assert [message["deletes"] for message in back["messages"]] == [2]
    assert await ann.say("secret", {"id": "secret"}) == said[1]
    assert (await ann.asks("history", {"room": "lobby"}))["head"] == 4
    await leave(ann, mia)


async def test_only_a_message_that_is_meant_is_deleted_and_once(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await ann.say("one", {"id": "one"})
    for wrong in (
        {"room": "lobby", "seq": 1, "id": "two"},
        {"room": "lobby", "seq": 2, "id": "one"},
        {"room": "lobby", "seq": 0, "id": "one"},
        {"room": "tea", "seq": 1, "id": "one"},
        {"room": "lobby", "id": "one"},
        {"room": "lobby", "seq": 1},
        {"seq": 1, "id": "one"},
        {"room": "lobby", "seq": "1", "id": "one"},
    ):
        assert (await mia.asks("delete", wrong))["error"] == "invalid"
    for _ in range(2):
        assert (await mia.asks("delete", {"room": "lobby", "seq": 1, "id": "one"}))["ok"]
    assert (await mia.asks("history", {"room": "lobby"}))["head"] == 2
    assert len((await mia.asks("audit"))["entries"]) == 1
    await leave(ann, mia)


async def test_a_message_that_is_purged_while_it_is_deleted_is_said_to_be_none(
    moderated: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await ann.say("one", {"id": "one"})
    log = moderated.relay.manager.log
    amend_each = log.amend_each

    async def too_late(room: str, *amendment: Any) -> Any:
        await log.clear(room)
        return await amend_each(room, *amendment)

    monkeypatch.setattr(log, "amend_each", too_late)
    answer = await mia.asks("delete", {"room": "lobby", "seq": 1, "id": "one"})
    assert (answer["error"], answer["reason"]) == ("invalid", "no_such_message")
    await leave(ann, mia)
