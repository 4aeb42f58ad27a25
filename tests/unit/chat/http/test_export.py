"""The file of what is one's own: what is in it and what is not, and how it is made."""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

import httpx
import pytest
from chat.http import export as export_file
from chat.rooms import export
from relay import LogUnavailable

from tests.support.waiting import soon
from tests.unit.chat.events.guarded import Somebody, come_in, private_room, somebody
from tests.unit.wire import Chat, Log


async def asks(chat: Chat, one: Somebody, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask for somebody's file."""
    headers |= {"Cookie": f"tertulia={one.cookie}"}
    return await chat.http.request(method, "/you/export", headers=headers)


async def file_of(chat: Chat, one: Somebody) -> dict[str, Any]:
    answer = await asks(chat, one)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def says(one: Somebody, room: str, *texts: str) -> None:
    await come_in(room, one)
    for text in texts:
        said = await one.asks("message", text, {"room": room})
        assert said["ok"], said


def texts_in(file: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["room"], each["text"]) for each in file["messages"]]


async def test_the_file_has_the_person_their_logins_rooms_and_messages(chat: Chat) -> None:
    ana, ben = [await somebody(chat, name) for name in ("Ximena Export", "Yago Export")]
    room = await private_room(ben, ana, title="Plans")
    await says(ana, "export-a", "first", "second")
    await says(ben, "export-a", "of Ben, who names " + ana.id)
    await says(ana, room, "among us")
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
        await says(ana, room, f"in {room}")
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
    await says(ana, "export-c", *(f"number {number}" for number in range(10)))
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
    await says(ana, "export-d", "one", "two", "three")
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
    await says(ana, room, "one", "two", "three")
    log = chat.relay.manager.log
    read = log.read

    async def read_and_removed(each: str, **limit: Any) -> Any:
        page = await read(each, **limit)
        if each == room:  # the file has all open rooms too, and ben may not ask for so many
            await ben.asks("remove", {"room": room, "person": ana.id})
        return page

    monkeypatch.setattr(log, "read", read_and_removed)
    assert texts_in(await file_of(chat, ana)) == [(room, "one")]


async def gone_after(chat: Chat, monkeypatch: pytest.MonkeyPatch, room: str, error: Exception) -> None:
    """The log can't be read any more from this room on."""
    log = chat.relay.manager.log
    read = log.read

    async def away(each: str, **limit: Any) -> Any:
        if each >= room:
            raise error
        return await read(each, **limit)

    monkeypatch.setattr(log, "read", away)


async def test_a_file_that_cannot_be_finished_does_not_look_whole(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    ana = await somebody(chat, "Quintin Export")
    for room in ("export-e", "export-f"):
        await says(ana, room, "kept")
    await gone_after(chat, monkeypatch, "export-f", LogUnavailable("away"))
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 0.1)
    with pytest.raises(httpx.RemoteProtocolError):
        await asks(chat, ana)
    async with chat.http.stream("GET", "/you/export", headers={"Cookie": f"tertulia={ana.cookie}"}) as answer:
        arrived = b""
        with suppress(httpx.RemoteProtocolError):
            async for part in answer.aiter_raw():
                arrived += part
    assert b"export-e" in arrived
    with pytest.raises(json.JSONDecodeError):
        json.loads(arrived)
    assert any("An export was broken off" in line for line in log.lines)


async def test_a_short_stall_does_not_break_it_off(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await somebody(chat, "Ponce Export")
    await says(ana, "export-g", "kept")
    log = chat.relay.manager.log
    read, failures = log.read, [LogUnavailable("away")] * 2

    async def stalls(room: str, **limit: Any) -> Any:
        if room == "export-g" and failures:
            raise failures.pop()
        return await read(room, **limit)

    monkeypatch.setattr(log, "read", stalls)
    assert texts_in(await file_of(chat, ana)) == [("export-g", "kept")]
    assert not failures


async def test_while_redis_is_away_it_is_a_page_that_says_so(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it does not count."""
    ana = await somebody(chat, "Olmo Export")
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 0.0)

    async def away() -> None:
        raise LogUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(chat.relay.manager.log, "logs", away)
        for _ in range(export_file.OF_PERSON + 1):
            answer = await asks(chat, ana)
            assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert (await asks(chat, ana)).status_code == 200


async def test_a_person_downloads_it_a_few_times_an_hour(chat: Chat) -> None:
    """Whoever only asks what it would be, as browsers do, takes nothing."""
    ana, ben = [await somebody(chat, name) for name in ("Nuño Export", "Mencia Export")]
    for _ in range(export_file.OF_PERSON + 1):
        answer = await asks(chat, ana, "HEAD")
        assert (answer.status_code, answer.content) == (200, b"")
    for _ in range(export_file.OF_PERSON):
        assert (await asks(chat, ana)).status_code == 200
    refused = await asks(chat, ana)
    again = re.search("Download it again in (1 h|60 min|59 min)", refused.text)
    assert (refused.status_code, again is not None) == (429, True)
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert "content-disposition" not in refused.headers
    assert (await asks(chat, ben)).status_code == 200


async def test_whoever_is_signed_out_meanwhile_gets_no_more(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await somebody(chat, "Leandro Export")
    for room in ("export-h", "export-i"):
        await says(ana, room, "kept")
    monkeypatch.setattr(export_file, "LOOKED_EVERY", 0.0)
    log = chat.relay.manager.log
    read = log.read

    async def read_and_ended(room: str, **limit: Any) -> Any:
        if room == "export-h":
            headers = {"Cookie": f"tertulia={ana.cookie}", "Origin": chat.url}
            assert (await chat.http.post("/sign-out", headers=headers)).status_code == 303
        return await read(room, **limit)

    monkeypatch.setattr(log, "read", read_and_ended)
    with pytest.raises(httpx.RemoteProtocolError):
        await asks(chat, ana)


async def test_a_search_that_finds_nothing_for_long_is_not_silent(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would give it up. What is sent instead of messages is no part of the file."""
    ana, ben = [await somebody(chat, name) for name in ("Kepa Export", "Jacinto Export")]
    await says(ben, "export-j", "not hers")
    monkeypatch.setattr(export_file, "QUIET", 0.0)
    answer = await asks(chat, ana)
    assert b'"messages":[ ' in answer.content
    assert answer.json()["messages"] == []


async def test_many_who_download_are_read_for_one_after_the_other(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing more is read for somebody who has gone."""
    people = [await somebody(chat, name) for name in ("Ines Export", "Hernan Export", "Galo Export")]
    for one in people:
        await says(one, "export-k", "kept")
    log = chat.relay.manager.log
    read, reading, most, reads = log.read, 0, 0, 0

    async def counted(room: str, **limit: Any) -> Any:
        nonlocal reading, most, reads
        reading += 1
        reads += 1
        most = max(most, reading)
        await asyncio.sleep(0)
        page = await read(room, **limit)
        reading -= 1
        return page

    with monkeypatch.context() as patch:
        patch.setattr(log, "read", counted)
        await asyncio.gather(*(file_of(chat, one) for one in people))
    assert most == 1
    started = asyncio.Event()

    async def stuck(room: str, **limit: Any) -> Any:
        started.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(log, "read", stuck)
    async with chat.http.stream(
        "GET", "/you/export", headers={"Cookie": f"tertulia={people[0].cookie}"}
    ) as answer:
        assert answer.status_code == 200
        await started.wait()
    monkeypatch.setattr(log, "read", read)
    await soon(lambda: reading == 0, what="nothing is read")
    assert (await file_of(chat, people[1]))["complete"], "the turn is free again"


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
    await says(ben, "export-changes", "cake?")
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
