"""Reactions over the wire: who reacted how to a message, and how many they are."""

from time import monotonic
from typing import Any

import pytest

from tests.unit.chat.events.changing import LOBBY, another, watcher
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat

EMOJI = [chr(0x1F400 + number) for number in range(20)]


async def test_a_reaction_is_told_and_read(moderated: Chat) -> None:
    """With how many people reacted so, and whether one is among them."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    said = await ana.says("cake?")
    answer = await ben.asks("react", **said, emoji="👍", on=True)
    assert answer == {"ok": True, "room": LOBBY, "seq": 1, "emoji": "👍", "count": 1}
    assert (await ana.asks("react", **said, emoji="👍", on=True))["count"] == 2
    assert (await ana.asks("react", **said, emoji="❤️", on=True))["count"] == 1
    told = await ben.has(2)
    assert {name: told[name] for name in ("reacts", "emoji", "on", "count", "author", "room", "seq")} == {
        "reacts": 1,
        "emoji": "👍",
        "on": True,
        "count": 1,
        "author": {"id": ben.id, "name": "Ben"},
        "room": LOBBY,
        "seq": 2,
    }
    thumbs = {"emoji": "👍", "count": 2, "since": 2, "mine": True}
    heart = {"emoji": "❤️", "count": 1, "since": 4}
    assert (await ben.message(1))["reactions"] == [thumbs, heart]
    assert (await ana.message(1))["reactions"] == [thumbs, {**heart, "mine": True}]
    for each in ana, ben:
        await each.has(4)
        assert each.shown.messages[1] == await each.message(1)


async def test_a_reaction_that_is_said_again_is_counted_once(moderated: Chat) -> None:
    """On another device, too; and taken back once."""
    ana = await watcher(moderated, "Ana")
    said = await ana.says("cake?")
    devices = [ana, await another(moderated, ana)]
    for on, count in (True, 1), (False, 0):
        for each in [*devices, ana]:
            assert (await each.asks("react", **said, emoji="🎂", on=on))["count"] == count
    assert [each.get("on") for each in await ana.reads()] == [None, True, False]
    assert "reactions" not in await ana.message(1)
    await ana.has(3)
    assert "reactions" not in ana.shown.messages[1]


async def test_who_reacted_is_said_to_those_who_ask(moderated: Chat) -> None:
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    said = await ana.says("cake?")
    assert (await ana.asks("reactions", **said))["reactions"] == []
    for each, emoji in (ben, "🍰"), (ana, "🍰"), (ana, "☕"):
        await each.asks("react", **said, emoji=emoji, on=True)
    answer = await ben.asks("reactions", **said)
    cake, coffee = answer["reactions"]
    people = [{"id": ana.id, "name": "Ana"}, {"id": ben.id, "name": "Ben"}]
    assert sorted(cake.pop("people"), key=lambda one: str(one["name"])) == people
    assert cake == {"emoji": "🍰", "count": 2}
    assert coffee == {"emoji": "☕", "count": 1, "people": people[:1]}


async def test_a_message_has_twenty_different_reactions_at_most(moderated: Chat) -> None:
    """Any number of people may choose among them, and who takes the last of one back makes place."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    said = await ana.says("a menagerie")
    animals = [*EMOJI, "🎂"]
    for number, emoji in enumerate(animals[:20]):
        assert (await (ana, ben)[number % 2].asks("react", **said, emoji=emoji, on=True))["ok"]
    refused = await ben.asks("react", **said, emoji=animals[20], on=True)
    assert (refused["error"], refused["reason"], refused["most"]) == ("limit", "reactions_of_message", 20)
    assert (await ben.asks("react", **said, emoji=animals[0], on=True))["count"] == 2
    assert (await ben.asks("react", **said, emoji=animals[1], on=False))["count"] == 0
    assert (await ben.asks("react", **said, emoji=animals[20], on=True))["ok"]


@pytest.mark.parametrize(
    "options",
    [
        {"emoji": "yes"},
        {"emoji": "👍👍"},
        {"emoji": ""},
        {"emoji": 5},
        {"emoji": "👍", "on": "yes"},
        {"emoji": "👍", "seq": 2},
        {"emoji": "👍", "id": "another"},
    ],
)
async def test_what_is_no_reaction_changes_nothing(moderated: Chat, options: dict[str, Any]) -> None:
    ana = await watcher(moderated, "Ana")
    said = await ana.says("as it was")
    assert (await ana.asks("react", **{"on": True, **said, **options}))["error"] == "invalid"
    assert len(await ana.reads()) == 1


@pytest.mark.parametrize(("event", "options"), [("react", {"emoji": "👍", "on": True}), ("reactions", {})])
async def test_who_is_not_in_a_room_reacts_to_nothing_there(
    moderated: Chat, event: str, options: dict[str, Any]
) -> None:
    """Nor learns who did."""
    ana, ben = await watcher(moderated, "Ana", "tea"), await watcher(moderated, "Ben")
    said = await ana.says("one")
    assert (await ben.client.asks(event, {"room": "tea", **said, **options}))["error"] == "not_joined"
    assert len(await ana.reads()) == 1


async def test_nobody_reacts_to_what_was_deleted(moderated: Chat) -> None:
    ana = await watcher(moderated, "Ana")
    said = await ana.says("one")
    await ana.asks("react", **said, emoji="👍", on=True)
    await ana.asks("delete", **said)
    for event, options in ("react", {"emoji": "👍", "on": False}), ("reactions", {}):
        refused = await ana.asks(event, **said, **options)
        assert (refused["error"], refused["reason"]) == ("invalid", "no_such_message")


async def test_a_reaction_that_a_deletion_overtakes_is_refused(
    moderated: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept or said of it."""
    ana, ben, mia = (
        await watcher(moderated, "Ana"),
        await watcher(moderated, "Ben"),
        await moderator(moderated),
    )
    said = await ana.says("one")
    log = moderated.relay.manager.log
    vote = log.vote

    async def it_is_deleted(room: str, *about: Any) -> Any:
        assert (await mia.asks("delete", {"room": LOBBY, **said}))["ok"]
        return await vote(room, *about)

    monkeypatch.setattr(log, "vote", it_is_deleted)
    refused = await ben.asks("react", **said, emoji="👍", on=True)
    assert (refused["error"], refused["reason"]) == ("invalid", "no_such_message")
    await ana.has(2)
    assert len(await ana.reads()) == 2
    assert "deleted" in await ana.message(1)


async def test_a_reaction_is_refused_as_a_message_is(moderated: Chat) -> None:
    """To who is muted, and in a room that is locked. Slow mode does not count."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    await mia.asks("slow", {"room": LOBBY, "seconds": 600})
    said = await ana.says("one")
    assert (await ana.asks("react", **said, emoji="👍", on=True))["ok"]
    await mia.asks("lock", {"room": LOBBY, "locked": True})
    assert (await ana.asks("react", **said, emoji="👍", on=False))["error"] == "locked"
    await mia.asks("lock", {"room": LOBBY, "locked": False})
    await mia.asks("mute", {"person": ana.id})
    assert (await ana.asks("react", **said, emoji="👍", on=False))["error"] == "muted"
    assert (await ana.message(1))["reactions"][0]["count"] == 1


async def test_a_flood_of_reactions_from_one_address_is_bounded(strict: Chat) -> None:
    """Each counts as a message, of the person and of the address; see `strict`."""
    people = [await watcher(strict, name) for name in ("Ana", "Ben", "Cleo")]
    said, began = await people[0].says("one"), monotonic()
    refused = []
    for emoji in EMOJI:
        answers = [await each.asks("react", **said, emoji=emoji, on=True) for each in people]
        refused += [answer["error"] for answer in answers if not answer["ok"]]
    passed = 2 * (3 + monotonic() - began)
    assert len(await people[0].reads()) <= 1 + passed
    assert {*refused} == {"rate_limited"}
