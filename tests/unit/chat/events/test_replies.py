"""Replies: a message says which one it answers, and whose that is. And messages that call whoever is here."""

import json
from typing import Any

import pytest

from tests.unit.chat.events.changing import LOBBY, watcher
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat


async def test_a_reply_says_what_it_answers_and_whose_that_is(moderated: Chat) -> None:
    """The author is in the words of the server, whatever the client says."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    first = await ana.says("who comes?")
    await ben.says("I do", reply={**first, "author": {"id": "x", "name": "Eva"}})
    reply = {**first, "author": {"id": ana.id, "name": "Ana"}}
    told = await ana.has(2)
    assert told["reply"] == reply
    assert (await ana.message(2))["reply"] == reply


@pytest.mark.parametrize(
    "reply", [5, "1", [], {}, {"seq": 1}, {"id": "r1"}, {"seq": 2, "id": "r1"}, {"seq": 1, "id": "r2"}]
)
async def test_a_reply_to_no_message_is_refused(moderated: Chat, reply: Any) -> None:
    ana = await watcher(moderated, "Ana")
    await ana.says("one", id="r1")
    refused = await ana.client.say("two", {"room": LOBBY, "reply": reply})
    assert refused["error"] == "invalid"
    assert len(await ana.reads()) == 1


async def test_nobody_answers_what_was_deleted_and_what_was_answered_stays(moderated: Chat) -> None:
    """A reply that was kept, and whose answer was lost, gets its answer all the same."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    first = await ana.says("one")
    kept = await ana.client.say("two", {"room": LOBBY, "id": "two", "reply": first})
    await mia.asks("delete", {"room": LOBBY, **first})
    refused = await ana.client.say("three", {"room": LOBBY, "id": "three", "reply": first})
    assert (refused["error"], refused["reason"]) == ("invalid", "no_such_message")
    assert await ana.client.say("two", {"room": LOBBY, "id": "two", "reply": first}) == kept
    assert (await ana.message(2))["reply"] == {**first, "author": {"id": ana.id, "name": "Ana"}}
    assert "three" not in json.dumps(await ana.reads())


@pytest.mark.parametrize(("text", "here"), [("@here, all", True), ("nobody", False)])
async def test_a_message_calls_whoever_is_here_if_it_says_so(moderated: Chat, text: str, here: bool) -> None:
    ana = await watcher(moderated, "Ana")
    await ana.says(text, here=here)
    assert (await ana.has(1)).get("here", False) == here
    assert (await ana.message(1)).get("here", False) == here


@pytest.mark.parametrize(("text", "here"), [("all", True), ("@here", "yes"), ("@here", 1)])
async def test_a_message_calls_nobody_otherwise(moderated: Chat, text: str, here: Any) -> None:
    ana = await watcher(moderated, "Ana")
    refused = await ana.client.say(text, {"room": LOBBY, "here": here})
    assert refused["error"] == "invalid"
    await ana.says("@here, as a word")
    assert "here" not in await ana.message(1)
