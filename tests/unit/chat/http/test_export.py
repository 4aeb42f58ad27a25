"""The file of what is one's own: what is in it, and what is not."""

from typing import Any

import httpx
import pytest
from chat.rooms import export

from tests.unit.chat.events.guarded import come_in, private_room, somebody, writes
from tests.unit.chat.http.exporting import asks, file_of, texts_in
from tests.unit.wire import Chat


async def test_the_file_has_the_person_their_logins_rooms_and_messages(chat: Chat) -> None:
    ana, ben = [await somebody(chat, name) for name in ("Ximena Export", "Yago Export")]
    room = await private_room(ben, ana, title="Plans")
    await writes(ana, "export-a", "first", "second")
    await writes(ben, "export-a", "of Ben, who names " + ana.id)
    await writes(ana, room, "among us")
    await ana.asks("level", {"room": room, "level": "none"})
    answer = await asks(chat, ana)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="tertulia-20')
    assert name.endswith('.json"')
    file = answer.json()
    assert file["complete"] is True
    assert texts_in(file) == [("export-a", "first"), ("export-a", "second"), (room, "among us")]
    first = file["messages"][0]
    assert first.keys() == {"id", "room", "seq", "at", "author", "text"}
    assert first["author"] == {"id": ana.id, "name": "Ximena Export"}
    assert (file["person"]["id"], file["person"]["name"]) == (ana.id, "Ximena Export")
    [login] = file["logins"]
    assert file["passkeys"] == []
    assert login.keys() == {"at", "seen", "address", "browser", "system"}
    rooms = {each["room"]: each for each in file["rooms"]}
    assert rooms.keys() == {"lobby", "export-a", room}
    assert (rooms[room]["level"], rooms[room]["about"]["title"]) == ("none", "Plans")
    assert ana.cookie not in answer.text


async def test_what_was_written_where_one_may_not_read_any_more_is_left_out(chat: Chat) -> None:
    """And what others wrote, and what was deleted. What was written in an open room that one has left is in
    it."""
    ana, ben = [await somebody(chat, name) for name in ("Zoila Export", "Waldo Export")]
    removed, left = await private_room(ben, ana), await private_room(ben, ana)
    direct = (await ana.asks("create", {"kind": "direct", "people": [ben.id]}))["room"]
    for room in (removed, left, direct, "export-b"):
        await writes(ana, room, f"in {room}")
    await ben.asks("remove", {"room": removed, "person": ana.id})
    for room in (left, direct, "export-b"):
        await ana.asks("leave", {"room": room})
    file = await file_of(chat, ana)
    assert texts_in(file) == [("export-b", "in export-b")]
    assert "no longer in" in file["about"]
    assert {each["room"] for each in file["rooms"]} == {"lobby"}
    await ana.asks("create", {"kind": "direct", "people": [ben.id]})
    assert (direct, f"in {direct}") in texts_in(await file_of(chat, ana)), "who is in it again may read it"
    said = await ben.asks("message", "to be deleted", {"room": removed, "id": "gone-1"})
    await ben.asks("delete", {"room": removed, "seq": said["seq"], "id": "gone-1"})
    assert "to be deleted" not in str(await file_of(chat, ben))


async def test_it_says_in_the_persons_language_what_is_in_it(chat: Chat) -> None:
    ana = await somebody(chat, "Vidal Export")
    assert "en las que ya no estás" in (await asks(chat, ana, **{"Accept-Language": "es"})).json()["about"]


async def test_a_large_log_is_read_page_by_page(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order, and up to where the room was when its turn came, however much is written meanwhile."""
    monkeypatch.setattr(export, "PAGE", 3)
    ana = await somebody(chat, "Ursula Export")
    await writes(ana, "export-c", *(f"number {number}" for number in range(10)))
    log = chat.relay.manager.log
    read, limits = log.read, []

    async def read_and_written(room: str, **limit: Any) -> Any:
        page = await read(room, **limit)
        if room == "export-c":
            limits.append(limit["limit"])
            await ana.asks("message", f"meanwhile {len(limits)}", {"room": room})
        return page

    monkeypatch.setattr(log, "read", read_and_written)
    found = [text for room, text in texts_in(await file_of(chat, ana)) if room == "export-c"]
    assert found == [f"number {number}" for number in range(10)]
    assert limits == [3] * 4


async def test_a_room_that_is_purged_meanwhile_ends_there(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    ana = await somebody(chat, "Tirso Export")
    await writes(ana, "export-d", "one", "two", "three")
    log = chat.relay.manager.log
    read = log.read

    async def read_and_purged(room: str, **limit: Any) -> Any:
        page = await read(room, **limit)
        if room == "export-d" and limit["after"] == 0:
            await log.clear(room)
            await ana.asks("join", {"room": room})
            for text in ("anew 1", "anew 2", "anew 3"):
                await ana.asks("message", text, {"room": room})
        return page

    monkeypatch.setattr(log, "read", read_and_purged)
    assert texts_in(await file_of(chat, ana)) == [("export-d", "one"), ("export-d", "two")]


async def test_who_is_removed_from_a_room_meanwhile_gets_no_more_of_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    ana, ben = [await somebody(chat, name) for name in ("Sixto Export", "Roque Export")]
    room = await private_room(ben, ana)
    await writes(ana, room, "one", "two", "three")
    log = chat.relay.manager.log
    read = log.read

    async def read_and_removed(each: str, **limit: Any) -> Any:
        page = await read(each, **limit)
        if each == room:  # the file has all open rooms too, and ben may not ask for so many
            await ben.asks("remove", {"room": room, "person": ana.id})
        return page

    monkeypatch.setattr(log, "read", read_and_removed)
    assert texts_in(await file_of(chat, ana)) == [(room, "one")]


async def test_who_is_not_signed_in_signs_in_first(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/you/export")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_the_page_of_ones_logins_leads_to_it(chat: Chat) -> None:
    ana = await somebody(chat, "Fabio Export")
    page = await chat.http.get("/you", headers={"Cookie": f"tertulia={ana.cookie}"})
    assert '<a href="/you/export">' in page.text


async def test_the_file_has_messages_as_they_are_now_and_ones_reactions(chat: Chat) -> None:
    """With the last text of each and how others reacted; no text that was replaced."""
    ana, ben = [await somebody(chat, name) for name in ("Quima Export", "Tirso Export")]
    await writes(ben, "export-changes", "cake?")
    await come_in("export-changes", ana)
    first = (await ana.asks("history", {"room": "export-changes"}))["messages"][0]
    which = {"seq": first["seq"], "id": first["id"]}
    said = await ana.asks("message", "yse", {"room": "export-changes", "reply": which})
    own = {"room": "export-changes", "seq": said["seq"], "id": said["id"]}
    await ana.asks("edit", {**own, "text": "yes"})
    await ben.asks("react", {**own, "emoji": "👍", "on": True})
    await ana.asks("react", {"room": "export-changes", **which, "emoji": "🎂", "on": True})
    file = await file_of(chat, ana)
    answer, reaction = file["messages"]
    assert (answer["text"], answer["edited"]) == ("yes", 3)
    assert answer["reply"] == {**which, "author": {"id": ben.id, "name": "Tirso Export"}}
    assert answer["reactions"] == [{"emoji": "👍", "count": 1, "since": 4}]
    assert (reaction["reacts"], reaction["emoji"], reaction["on"]) == (1, "🎂", True)
    assert "yse" not in str(file)
