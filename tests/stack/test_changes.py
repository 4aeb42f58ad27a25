"""Edits, deletions and reactions at two workers at once: everybody shows the same, and nothing is left that
was replaced."""

import asyncio
import random
from typing import Any

from tests.stack.test_erasing import keys_with
from tests.stack.test_moderation import Client, Two, cookie_at, here, two  # noqa: F401
from tests.support.folding import Shown
from tests.support.stack import Stack
from tests.support.waiting import soon

EMOJI = ("👍", "❤️", "🎂")


class Person(Client):
    """Somebody with a cookie at one worker, who shows what they are told."""

    def __init__(self, url: str, cookie: str) -> None:
        super().__init__(url, cookie=cookie)
        self.room = ""
        self.entries: list[dict[str, Any]] = []
        self.sio.on("response", lambda text, about: self._hear({"text": text, **about}))
        for event in "changed", "deleted":
            self.sio.on(event, self._hear)

    def _hear(self, entry: dict[str, Any]) -> None:
        if entry["room"] == self.room:
            self.entries.append(entry)

    async def does(self, event: str, **options: Any) -> dict[str, Any]:
        return await self.asks(event, {"room": self.room, **options})

    async def says(self, text: str, **options: Any) -> dict[str, Any]:
        """Write a message, and return what names it."""
        said = await self.asks("message", text, {"room": self.room, **options})
        assert said["ok"], said
        return {"seq": said["seq"], "id": said["id"]}

    async def reads(self) -> list[dict[str, Any]]:
        page = await self.does("history", after=0)
        assert page["ok"], page
        return list(page["messages"])

    async def has_all(self) -> None:
        """Everything that is in the log was delivered."""
        head = (await self.does("history"))["head"]
        await soon(lambda: head in {each["seq"] for each in self.entries}, what="being told all")

    async def shows(self) -> dict[int, dict[str, Any]]:
        """The messages as they are told one after the other, each once."""
        await self.has_all()
        shown = Shown(await self.id())
        by_number = {each["seq"]: each for each in reversed(self.entries)}
        shown.take([by_number[seq] for seq in sorted(by_number)])
        return shown.messages


async def people(two: Two, *names: str) -> list[Person]:  # noqa: F811
    """Each of these people at both workers, one after the other."""
    cookies = [await asyncio.to_thread(cookie_at, two.here, name) for name in names]
    return [Person(url, cookie) for cookie in cookies for url in two]


async def messages(one: Person) -> dict[int, dict[str, Any]]:
    return {each["seq"]: each for each in await one.reads() if "text" in each or "deleted" in each}


async def test_of_two_edits_at_two_workers_the_later_one_stands(stack: Stack, two: Two) -> None:  # noqa: F811
    """Everybody shows it, and no other text is in Redis. A retry writes nothing."""
    ana, again = devices = await people(two, "Ana Changes")
    async with here(*devices) as room:
        ana.room = again.room = room
        said = await ana.says("zero-text")
        for number in range(8):
            texts = [f"text-{number}-{each}" for each in "ab"]
            edits = [one.does("edit", **said, text=text) for one, text in zip(devices, texts, strict=True)]
            answers = await asyncio.gather(*edits)
            assert all(each["ok"] for each in answers), answers
            last = max(answers, key=lambda answer: int(answer["edited"]))
            message = (await messages(again))[said["seq"]]
            assert (message["text"], message["edited"]) == (texts[answers.index(last)], last["edited"])
        assert (await ana.does("edit", **said, text=message["text"]))["edited"] == message["edited"]
        every = {f"text-{number}-{each}" for number in range(8) for each in "ab"} | {"zero-text"}
        left = {text for text in every if await asyncio.to_thread(keys_with, stack, text)}
        assert left == {message["text"]}
        for each in devices:
            assert await each.shows() == await messages(each)


async def test_of_an_edit_against_a_deletion_nothing_is_left(stack: Stack, two: Two) -> None:  # noqa: F811
    """Nor of a reaction against one, whichever comes first. A deletion that is said again is answered so."""
    ana, again = devices = await people(two, "Ana Deletes")
    async with here(*devices) as room:
        ana.room = again.room = room
        for number in range(8):
            said = await ana.says(f"gone-text-{number}")
            await ana.does("edit", **said, text=f"gone-text-{number}, edited")
            edit, react, deletion = await asyncio.gather(
                again.does("edit", **said, text=f"gone-text-{number}, late"),
                again.does("react", **said, emoji="👍", on=True),
                ana.does("delete", **said),
            )
            assert deletion["ok"], deletion
            for answer in edit, react:
                assert answer["ok"] or answer["reason"] == "no_such_message", answer
            assert (await again.does("delete", **said))["ok"]
        assert await asyncio.to_thread(keys_with, stack, "gone-text") == []
        for each in devices:
            assert all("deleted" in message for message in (await messages(each)).values())
            assert await each.shows() == await messages(each)


async def test_a_reaction_at_two_workers_is_counted_once_for_each_person(two: Two) -> None:  # noqa: F811
    devices = await people(two, "Ana Reacts", "Ben Reacts")
    async with here(*devices) as room:
        for each in devices:
            each.room = room
        said = await devices[0].says("cake?")
        for on, count in (True, 2), (False, 0), (True, 2):
            answers = await asyncio.gather(*(one.does("react", **said, emoji="🎂", on=on) for one in devices))
            assert all(answer["ok"] for answer in answers), answers
            reactions = (await messages(devices[1]))[said["seq"]].get("reactions", [])
            assert [each["count"] for each in reactions] == ([count] if count else [])
        named = (await devices[2].does("reactions", **said))["reactions"][0]["people"]
        assert sorted(each["name"] for each in named) == ["Ana Reacts", "Ben Reacts"]
        for each in devices:
            assert await each.shows() == await messages(each)


async def test_whatever_several_people_do_all_show_the_same(two: Two) -> None:  # noqa: F811
    """At two workers at once, and the log comes to the same from its beginning."""
    devices = await people(two, "Ana Same", "Ben Same")
    async with here(*devices) as room:
        for each in devices:
            each.room = room
        said = [await devices[0].says(f"message {number}") for number in range(4)]

        async def changes(one: Person, seed: int) -> None:
            chance = random.Random(seed)
            for step in range(12):
                which = chance.choice(said)
                match chance.choice(["reply", "edit", "delete", "react", "react", "react"]):
                    case "reply":
                        await one.asks("message", f"{seed}, {step}", {"room": room, "reply": which})
                    case "edit":
                        await one.does("edit", **which, text=f"{seed} edits, {step}")
                    case "delete" if which is not said[0]:
                        await one.does("delete", **which)
                    case "react":
                        on = chance.random() < 0.6
                        await one.does("react", **which, emoji=chance.choice(EMOJI), on=on)

        await asyncio.gather(*(changes(each, number) for number, each in enumerate(devices)))
        for each in devices:
            assert await each.shows() == await messages(each)
            folded = Shown(await each.id())
            folded.take(await each.reads())
            assert folded.messages == await messages(each)
