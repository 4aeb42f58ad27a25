"""Deleting what one wrote oneself, within the time that there is for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat.settings import Settings

from tests.unit.chat.events.changing import LOBBY, another, watcher, watching
from tests.unit.chat.events.guarded import come_in, private_room, somebody
from tests.unit.chat.events.moderated import CODE, moderator
from tests.unit.wire import Chat


async def test_people_delete_what_they_wrote(moderated: Chat) -> None:
    """Everybody is told, on another device too; nobody else may, and it is not in the audit log."""
    ana, ben = await watcher(moderated, "Ana"), await watcher(moderated, "Ben")
    mia = await watching(await moderator(moderated))
    said, other = await ana.says("oops"), await mia.says("oops, too")
    refused = await ben.asks("delete", **said)
    assert (refused["error"], refused["detail"]) == ("forbidden", "Only a moderator can do this.")
    device = await another(moderated, ana)
    for _ in range(2):
        assert await device.asks("delete", **said) == {"ok": True, "room": LOBBY, "seq": 1}
    assert (await ben.has(3))["deletes"] == 1
    assert (await mia.asks("delete", **other))["ok"]
    assert "oops" not in str(await ben.reads())
    assert (await mia.client.asks("audit"))["entries"] == []


@pytest.mark.parametrize("minutes", [0, 1])
async def test_what_is_too_old_only_a_moderator_deletes_and_nobody_edits(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    settings = Settings(port=0, client_bundle=bundle, admin_code=CODE, edit_minutes=minutes)
    async with Chat(settings) as chat:
        ana, mia = await watcher(chat, "Ana"), await moderator(chat)
        said, late = await ana.says("old"), 0.0
        if minutes:
            assert (await ana.asks("edit", **said, text="old, and edited"))["ok"]
            late = 61.0
        now = (await ana.message(1))["at"] / 1000
        monkeypatch.setattr("chat.domain.edits.time", lambda: now + late)
        for event, options in ("edit", {"text": "new"}), ("delete", {}):
            refused = await ana.asks(event, **said, **options)
            assert (refused["error"], refused["reason"]) == ("forbidden", "too_late")
            assert refused["most"] == minutes
        again: dict[str, Any] = await ana.asks("edit", **said, text=(await ana.message(1))["text"])
        assert again["ok"], "it was edited in time, and the answer was lost"
        assert (await mia.asks("delete", {"room": LOBBY, **said}))["ok"]
        assert "deleted" in await ana.message(1)
        monkeypatch.undo()


async def test_without_a_limit_people_always_change_what_they_wrote(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the page offers it."""
    settings = Settings.read({"CLIENT_BUNDLE": str(bundle), "EDIT_MINUTES": "always"})
    async with Chat(replace(settings, port=0)) as chat:
        ana = await watcher(chat, "Ana")
        said = await ana.says("old")
        monkeypatch.setattr("chat.domain.edits.time", lambda: 4e12)
        assert (await ana.asks("edit", **said, text="new"))["ok"]
        assert (await ana.asks("delete", **said))["ok"]
        page = await chat.http.get("/")
        assert 'data-edit-minutes="Infinity"' in page.text


async def test_nobody_deletes_their_own_where_nobody_writes(moderated: Chat) -> None:
    """In an archived room, nor while they are muted."""
    ana, ben = await somebody(moderated, "Ana"), await somebody(moderated, "Ben")
    mia = await moderator(moderated)
    room = await private_room(ana, ben)
    await come_in(room, ben)
    said = await ben.client.say("mine", {"room": room})
    which = {"room": room, "seq": said["seq"], "id": said["id"]}
    await mia.asks("mute", {"person": ben.id})
    assert (await ben.asks("delete", which))["error"] == "muted"
    await mia.asks("lift", {"kind": "mute", "person": ben.id})
    await ana.asks("archive", {"room": room, "archived": True})
    for event, options in (
        ("delete", {}),
        ("edit", {"text": "again"}),
        ("react", {"emoji": "👍", "on": True}),
    ):
        assert (await ben.asks(event, {**which, **options}))["error"] == "archived", event
    assert (await ana.asks("delete", which))["ok"], "its maker keeps order"
