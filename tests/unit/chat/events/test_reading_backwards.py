"""A page that is read backwards has messages as they are by now. What changed them says nothing any more."""

from typing import Any

from tests.unit.chat.events.changing import Watcher, watcher
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat


async def changed(ana: Watcher, mia: Any) -> None:
    """Three messages: one that was edited and reacted to, one that was deleted, one as it was."""
    first, second = await ana.says("frist"), await ana.says("oops")
    assert (await ana.asks("edit", **first, text="first"))["ok"]
    assert (await ana.asks("react", **first, emoji="🎂", on=True))["ok"]
    assert (await mia.asks("delete", {"room": ana.room, **second}))["ok"]
    await ana.says("third")


def folded(entries: list[dict[str, Any]]) -> list[int]:
    """The numbers of the entries that say nothing else, of which each has what every entry has."""
    told = [each for each in entries if "folded" in each]
    for each in told:
        assert each.keys() == {"id", "room", "seq", "at", "folded"}
        assert each["folded"] is True
    return [each["seq"] for each in told]


async def test_what_changed_messages_says_only_its_number(moderated: Chat) -> None:
    """Without a hole, and the messages say all of it."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    await changed(ana, mia)
    for page in (await ana.asks("join"), await ana.asks("history"), await ana.asks("history", before=7)):
        entries = page["messages"]
        assert [each["seq"] for each in entries] == [1, 2, 3, 4, 5, 6]
        assert folded(entries) == [3, 4, 5]
        first, second, third = (each for each in entries if "folded" not in each)
        assert (first["text"], first["edited"], third["text"]) == ("first", 3, "third")
        [reaction] = first["reactions"]
        assert (reaction["emoji"], reaction["count"], reaction["mine"]) == ("🎂", 1, True)
        assert second["deleted"]


async def test_who_goes_on_after_a_number_is_told_what_changed(moderated: Chat) -> None:
    """They may hold the messages as they were."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    await changed(ana, mia)
    epoch = (await ana.asks("join"))["epoch"]
    for page in (
        await ana.asks("join", after=2, epoch=epoch),
        await ana.asks("history", after=2),
        await ana.asks("history", after=2, before=6),
    ):
        entries = page["messages"]
        assert folded(entries) == []
        assert [next(iter({"edits", "reacts", "deletes"} & each.keys())) for each in entries[:3]] == [
            "edits",
            "reacts",
            "deletes",
        ]


async def test_who_starts_over_is_not(moderated: Chat) -> None:
    """Their numbers meant another log, so they hold nothing."""
    ana, mia = await watcher(moderated, "Ana"), await moderator(moderated)
    await changed(ana, mia)
    page = await ana.asks("join", after=2, epoch="another")
    assert page["reset"]
    assert folded(page["messages"]) == [3, 4, 5]
