"""Whoever is live, whoever comes back and whoever reads the log from its beginning show the same."""

import asyncio
import random

from tests.support.folding import Shown
from tests.unit.chat.events.changing import Watcher, another, watcher, watching
from tests.unit.chat.events.moderated import moderator
from tests.unit.wire import Chat

EMOJI = ["👍", "❤️", "🎂"]


async def changes(one: Watcher, said: list[dict[str, object]], seed: int) -> None:
    """Somebody who writes, answers, edits, deletes and reacts, whatever the others do."""
    chance = random.Random(seed)
    for step in range(25):
        which = {**chance.choice(said)} if said else {}
        match chance.choice(["write", "reply", "edit", "delete", "react", "react"]) if which else "write":
            case "write":
                said.append(await one.says(f"{seed}, {step}"))
            case "reply":
                await one.client.say(f"{seed} answers", {"room": one.room, "reply": which})
            case "edit":
                await one.asks("edit", **which, text=f"{seed} edits, {step}")
            case "delete":
                await one.asks("delete", **which)
            case "react":
                on = chance.random() < 0.6
                await one.asks("react", **which, emoji=chance.choice(EMOJI), on=on)


async def test_everybody_shows_the_same_in_the_end(moderated: Chat) -> None:
    """Which is what the server has, and what the log comes to from its beginning."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    mia = await watching(await moderator(moderated))
    said: list[dict[str, object]] = []
    people = [ana, await another(moderated, ana), ben, mia]
    await asyncio.gather(*(changes(each, said, number) for number, each in enumerate(people)))
    head = (await ana.asks("history"))["head"]
    for each in people:
        await each.has(head)
        entries = await each.reads()
        assert [entry["seq"] for entry in entries] == [*range(1, head + 1)]
        kept = {entry["seq"]: entry for entry in entries if "text" in entry or "deleted" in entry}
        assert each.shown.messages == kept
        folded = Shown(each.id)
        folded.take(entries)
        assert folded.messages == kept, "all of it is in the page already"
        backwards = (await each.asks("history"))["messages"]
        assert [entry for entry in backwards if "folded" not in entry] == [*kept.values()]
        late = Shown(each.id)
        late.take([entry for entry in each.told if entry["seq"] <= head // 2])
        late.take([entry for entry in entries if entry["seq"] > head // 2])
        assert late.messages == kept, "who comes back in the middle"
