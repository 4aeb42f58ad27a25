"""A locked room and a slow one, over the wire."""

from typing import Any

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import comes, leave, moderator
from tests.unit.wire import Chat


async def test_a_locked_room_is_written_in_by_moderators_only(moderated: Chat) -> None:
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    told: list[dict[str, Any]] = []
    ann.sio.on("rules", told.append)
    assert (await mia.asks("lock", {"room": "lobby", "locked": True}))["ok"]
    await soon(lambda: told, what="Ann is told")
    assert told == [{"room": "lobby", "locked": True}]
    assert (await ann.say("hello"))["error"] == "locked"
    assert (await mia.say("hello"))["ok"]
    assert (await ann.asks("join", {"room": "lobby"}))["rules"]["locked"] is True
    assert (await ann.asks("join", {"room": "tea"}))["rules"]["locked"] is False
    await mia.asks("lock", {"room": "lobby", "locked": False})
    assert (await ann.say("hello"))["ok"]
    await leave(ann, mia)


async def test_a_slow_room_lets_each_speak_once_in_a_while(moderated: Chat) -> None:
    """A retry of what was said is no second message."""
    ann, ben, mia = await comes(moderated, "Ann"), await comes(moderated, "Ben"), await moderator(moderated)
    assert (await mia.asks("slow", {"room": "lobby", "seconds": 30}))["ok"]
    assert (await ann.say("one", {"id": "one"}))["ok"]
    refused = await ann.say("two")
    assert (refused["error"], refused["retry_after"] in (29, 30)) == ("slow", True)
    assert (await ann.say("one", {"id": "one"}))["ok"]
    assert (await ben.say("one"))["ok"]
    assert all([(await mia.say(text))["ok"] for text in ("one", "two")])
    assert (await ben.asks("join", {"room": "lobby"}))["rules"]["slow"] == 30
    await mia.asks("slow", {"room": "lobby", "seconds": 0})
    assert (await ann.say("two"))["ok"]
    await leave(ann, ben, mia)
