"""Whom a message mentions: kept by ids, told to everybody, and gone with the message."""

from typing import Any

import pytest

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import comes, id_of, leave, moderator
from tests.unit.wire import Chat


async def test_a_mention_is_told_and_read_until_the_message_is_deleted(moderated: Chat) -> None:
    ana, ben, mia = await comes(moderated, "Ana"), await comes(moderated, "Ben"), await moderator(moderated)
    mentions = [{"id": await id_of(ben), "name": "Ben"}]
    said = await ana.asks("message", "@Ben, look", {"id": "m1", "mentions": [*mentions, *mentions]})
    await soon(lambda: ben.heard, what="Ben is told")
    assert ben.heard[0][1]["mentions"] == mentions, "once"
    [read] = (await ben.asks("history", {"room": "lobby"}))["messages"]
    assert (read["text"], read["mentions"]) == ("@Ben, look", mentions)
    await mia.asks("delete", {"room": "lobby", "seq": said["seq"], "id": "m1"})
    left = (await ben.asks("history", {"room": "lobby"}))["messages"][0]
    assert "mentions" not in left, "neither the text nor a name in it is left"
    await leave(ana, ben, mia)


@pytest.mark.parametrize(
    "mentions",
    [
        {},
        "Ben",
        ["Ben"],
        [{"id": "1"}],
        [{"id": "1", "name": "Dora"}],
        [{"id": "no id", "name": "Ben"}],
        [{"id": "1", "name": ""}],
        [{"id": "1", "name": 5}],
        [{"id": "1", "name": "Ben" + "n" * 40}],
        [{"id": f"{n}", "name": "Ben"} for n in range(21)],
    ],
)
async def test_a_message_mentions_only_whom_it_names(moderated: Chat, mentions: Any) -> None:
    """Nothing is kept otherwise, and the sender learns why."""
    ana = await comes(moderated, "Ana")
    refused = await ana.asks("message", "@Ben" + "n" * 40, {"mentions": mentions})
    assert (refused["error"], refused["reason"], refused["most"]) == ("invalid", "mentions", 20)
    assert (await ana.asks("history", {"room": "lobby"}))["messages"] == []
    await leave(ana)
