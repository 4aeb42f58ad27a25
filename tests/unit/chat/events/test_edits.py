"""Editing over the wire: a message has another text for everybody, and the old one is nowhere."""

import asyncio
from typing import Any

import pytest

from tests.unit.chat.events.changing import LOBBY, another, watcher, watching
from tests.unit.chat.events.guarded import come_in, private_room, somebody
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat


async def all_that_is_kept(chat: Chat, room: str = LOBBY) -> bytes:
    """What the log has of a room, whatever clients are shown."""
    page = await chat.relay.manager.log.read(room)
    return b"\n".join(entry.data for entry in page.entries)


async def test_an_edited_message_has_its_new_text_for_everybody(moderated: Chat) -> None:
    """Those here are told, and those who come later read nothing else."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    said = await ana.says("teh first", id="e1")
    answer = await ana.asks("edit", **said, text="the first")
    assert answer == {"ok": True, "room": LOBBY, "seq": 1, "epoch": answer["epoch"], "edited": 2}
    told = await ben.has(2)
    assert told == {
        "edits": 1,
        "now": {"text": "the first"},
        "author": {"id": ana.id, "name": "Ana"},
        **{name: told[name] for name in ("id", "at")},
        "room": LOBBY,
        "seq": 2,
        "epoch": answer["epoch"],
    }
    message = await ben.message(1)
    assert (message["text"], message["edited"], message["id"]) == ("the first", 2, "e1")
    assert message == ben.shown.messages[1] == ana.shown.messages[1]
    assert b"teh" not in await all_that_is_kept(moderated)


async def test_the_text_of_an_earlier_edit_is_nowhere_either(moderated: Chat) -> None:
    """Its notice says that it was superseded. A deletion strips the last notice as well."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    said = await ana.says("one")
    for text in "two", "three":
        assert (await ana.asks("edit", **said, text=text))["ok"]
    kept = await all_that_is_kept(moderated)
    assert (b'"one"' in kept, b'"two"' in kept, b'"three"' in kept) == (False, False, True)
    notice = await ana.message(2)
    assert {name: notice[name] for name in ("edits", "superseded")} == {"edits": 1, "superseded": True}
    assert "author" not in notice
    assert (await mia.asks("delete", {"room": LOBBY, **said}))["ok"]
    assert b"three" not in await all_that_is_kept(moderated)
    assert [each.get("superseded") for each in await ana.reads()] == [None, True, True, None]


async def test_an_edit_says_anew_whom_it_mentions(moderated: Chat) -> None:
    """What it answers stays, and it calls those in the room no longer if it does not say so."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    first = await ben.says("who comes?")
    people = [{"id": ben.id, "name": "Ben"}]
    said = await ana.says("@here, @Ben", mentions=people, here=True, reply=first)
    reply = {**first, "author": {"id": ben.id, "name": "Ben"}}
    assert (await ana.asks("edit", **said, text="@Ben, @here", mentions=people))["ok"]
    message = await ben.message(2)
    assert (message["mentions"], message["here"], message["reply"]) == (people, True, reply)
    assert (await ana.asks("edit", **said, text="@Ben, I do"))["ok"]
    message = await ben.message(2)
    assert {"mentions", "here"} & {*message} == set()
    assert message["reply"] == reply
    await ben.has(4)
    assert message == ben.shown.messages[2]


async def test_an_edit_that_is_said_again_is_written_once(moderated: Chat) -> None:
    """Also one with the text that was always there."""
    ana = await watcher(moderated, "Ana")
    said = await ana.says("as it was")
    answer = await ana.asks("edit", **said, text="as it was")
    assert answer == {"ok": True, "room": LOBBY, "seq": 1, "epoch": answer["epoch"]}
    first = await ana.asks("edit", **said, text="another")
    assert await ana.asks("edit", **said, text="another") == first
    assert len(await ana.reads()) == 2


async def test_of_two_edits_at_once_the_later_one_stands(moderated: Chat) -> None:
    """Both are answered, everybody shows the same, and the log has no other text."""
    ana = await watcher(moderated, "Ana")
    said = await ana.says("zero")
    devices = [ana, *[await another(moderated, ana) for _ in range(5)]]
    texts = [f"number {number}" for number in range(6)]
    edits = (each.asks("edit", **said, text=text) for each, text in zip(devices, texts, strict=True))
    answers = await asyncio.gather(*edits)
    last = max(answers, key=lambda answer: int(answer["edited"]))
    message = await ana.message(1)
    assert all(answer["ok"] for answer in answers)
    assert (message["edited"], message["text"]) == (last["edited"], texts[answers.index(last)])
    kept = await all_that_is_kept(moderated)
    assert [text for text in texts if text.encode() in kept] == [message["text"]]


async def test_a_message_that_changes_meanwhile_is_read_again(
    moderated: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As another worker might change it, between the reading and the writing."""
    ana = await watcher(moderated, "Ana")
    said = await ana.says("zero")
    log = moderated.relay.manager.log
    amend_by, late = log.amend_by, ["meanwhile"]

    async def another_was_first(room: str, *about: Any) -> Any:
        if late:
            await ana.asks("edit", **said, text=late.pop())
        return await amend_by(room, *about)

    monkeypatch.setattr(log, "amend_by", another_was_first)
    other = await another(moderated, ana)  # events of one client wait for each other
    assert (await other.asks("edit", **said, text="at last"))["edited"] == 3
    message = await ana.message(1)
    assert (message["text"], message["edited"]) == ("at last", 3)
    assert b"meanwhile" not in await all_that_is_kept(moderated)


async def test_an_edit_against_a_deletion_leaves_nothing(
    moderated: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever comes first."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    said = await ana.says("zero")
    log = moderated.relay.manager.log
    amend_by, late = log.amend_by, [said]

    async def it_is_deleted(room: str, *about: Any) -> Any:
        if late:
            assert (await mia.asks("delete", {"room": LOBBY, **late.pop()}))["ok"]
        return await amend_by(room, *about)

    monkeypatch.setattr(log, "amend_by", it_is_deleted)
    refused = await ana.asks("edit", **said, text="too late")
    assert (refused["error"], refused["reason"]) == ("invalid", "no_such_message")
    assert "deleted" in await ana.message(1)
    assert b"too late" not in await all_that_is_kept(moderated)


async def test_a_deletion_against_an_edit_leaves_nothing(
    moderated: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    said = await ana.says("zero")
    log = moderated.relay.manager.log
    amend_each, late = log.amend_each, ["just now"]

    async def it_is_edited(room: str, *about: Any) -> Any:
        if late:
            assert (await ana.asks("edit", **said, text=late.pop()))["ok"]
        return await amend_each(room, *about)

    monkeypatch.setattr(log, "amend_each", it_is_edited)
    assert (await mia.asks("delete", {"room": LOBBY, **said}))["ok"]
    assert "deleted" in await ana.message(1)
    assert b"just now" not in await all_that_is_kept(moderated)


async def test_only_who_wrote_a_message_edits_it(moderated: Chat) -> None:
    """No moderator does."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    mia = await watching(await moderator(moderated))
    said = await ana.says("mine")
    for each in ben, mia:
        refused = await each.asks("edit", **said, text="yours")
        assert (refused["error"], refused["reason"]) == ("forbidden", "not_yours")
    assert (await ana.message(1))["text"] == "mine"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"text": " "}, "empty"),
        ({"text": "x" * 5000}, "too_long"),
        ({"text": "a\0b"}, "invalid"),
        ({"text": 5}, "invalid"),
        ({}, "invalid"),
        ({"text": "@Ben", "mentions": [{"id": "1", "name": "Eva"}]}, "invalid"),
        ({"text": "x", "seq": 2}, "invalid"),
        ({"text": "x", "id": "another"}, "invalid"),
        ({"text": "x", "room": "unheard-of"}, "not_joined"),
    ],
)
async def test_what_is_no_edit_changes_nothing(moderated: Chat, options: dict[str, Any], error: str) -> None:
    ana = await watcher(moderated, "Ana")
    said = await ana.says("as it was")
    assert (await ana.asks("edit", **{**said, **options}))["error"] == error
    assert [each["text"] for each in await ana.reads()] == ["as it was"]


async def test_what_is_no_message_is_not_edited(moderated: Chat) -> None:
    """A notice has a number and an id, too."""
    ana = await watcher(moderated, "Ana")
    said = await ana.says("one")
    await ana.asks("edit", **said, text="two")
    notice = await ana.message(2)
    refused = await ana.asks("edit", seq=2, id=notice["id"], text="three")
    assert refused["error"] == "invalid"


async def test_an_edit_is_refused_as_a_message_is(moderated: Chat) -> None:
    """To who is muted, and in a room that is locked. Slow mode does not count."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    await mia.asks("slow", {"room": LOBBY, "seconds": 600})
    said = await ana.says("one")
    assert (await ana.asks("edit", **said, text="two"))["ok"]
    for event, options, back, error in (
        ("lock", {"room": LOBBY, "locked": True}, {"room": LOBBY, "locked": False}, "locked"),
        ("mute", {"person": ana.id}, None, "muted"),
    ):
        assert (await mia.asks(event, options))["ok"]
        assert (await ana.asks("edit", **said, text="three"))["error"] == error
        if back:
            await mia.asks(event, back)
    assert (await ana.message(1))["text"] == "two"


async def test_edits_count_as_messages(moderated: Chat) -> None:
    ana = await watcher(moderated, "Ana")
    said = await ana.says("zero")
    answers = [await ana.asks("edit", **said, text=f"text {number}") for number in range(40)]
    refused = [answer for answer in answers if not answer["ok"]]
    assert refused, "twenty at once, then five a second"
    assert {answer["error"] for answer in refused} == {"rate_limited"}


async def test_who_was_put_out_of_a_room_edits_nothing_in_it(moderated: Chat) -> None:
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    room = await private_room(ana, ben)
    said = await ben.client.say("mine", {"room": room})
    which = {"room": room, "seq": said["seq"], "id": said["id"]}
    await ana.asks("remove", {"room": room, "person": ben.id})
    for event, options in (
        ("edit", {"text": "again"}),
        ("edit", {"text": "mine"}),
        ("delete", {}),
        ("react", {"emoji": "👍", "on": True}),
        ("reactions", {}),
    ):
        refused = await ben.asks(event, {**which, **options})
        assert (refused["error"], refused["reason"]) == ("no_such_room", "unknown_room"), event
    page = await ana.asks("history", {"room": room})
    assert [each.get("text") for each in page["messages"]] == [None, "mine"]


async def test_an_edit_in_a_direct_room_that_somebody_left_lets_them_in_again(moderated: Chat) -> None:
    """As a message does."""
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    room = (await ana.asks("create", {"kind": "direct", "people": [ben.id]}))["room"]
    await come_in(room, ana, ben)
    said = await ana.client.say("hello", {"room": room})
    await ben.asks("leave", {"room": room})
    assert room not in await ben.rooms()
    edit = {"room": room, "seq": said["seq"], "id": said["id"], "text": "hello, Ben"}
    assert (await ana.asks("edit", edit))["ok"]
    assert room in await ben.rooms()
