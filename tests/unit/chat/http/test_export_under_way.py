"""The file of what is one's own while it is made: stalls, breaks, limits, and others who ask."""

import asyncio
import json
import re
from contextlib import suppress
from typing import Any

import httpx
import pytest
from chat.http import export as export_file
from relay import LogUnavailable

from tests.support.waiting import soon
from tests.unit.chat.events.guarded import somebody, writes
from tests.unit.chat.http.exporting import asks, file_of, texts_in
from tests.unit.wire import Chat, Log


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
        await writes(ana, room, "kept")
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
    await writes(ana, "export-g", "kept")
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
        await writes(ana, room, "kept")
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
    await writes(ben, "export-j", "not hers")
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
        await writes(one, "export-k", "kept")
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
