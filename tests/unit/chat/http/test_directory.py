"""The directory of open rooms."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chat.rooms import directory
from chat.rooms.directory import PAGE
from chat.settings import Settings

from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.linked import Browser, Browsers
from tests.unit.wire import Chat, Log


@pytest.fixture
async def chat(bundle: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """A chat of the test's own, whose directory is read each time."""
    monkeypatch.setattr(directory, "FRESH", 0.0)
    settings = Settings(port=0, client_bundle=bundle, admin_code=CODE, messages_at_once=1000)
    async with Chat(settings) as chat:
        yield chat
    assert log.tracebacks == []


@pytest.fixture
async def mia(chat: Chat, browsers: Browsers) -> Browser:
    """A moderator."""
    mia = await browsers.of(chat, "Mia")
    await mia.becomes_a_moderator(CODE)
    return mia


async def writes_in(browser: Browser, *rooms: str) -> None:
    assert browser.tab is not None
    for room in rooms:
        assert (await browser.tab.asks("join", {"room": room}))["ok"]
        assert (await browser.tab.say("hello", {"room": room}))["ok"]


async def describes(browser: Browser, room: str, **about: Any) -> None:
    assert browser.tab is not None
    assert (await browser.tab.asks("describe", {"room": room, **about}))["ok"]


async def shown(browser: Browser, query: str = "") -> str:
    page = await browser.opens(f"/rooms{query}")
    assert page.status_code == 200
    return page.text


async def test_the_open_rooms_in_which_something_was_written_are_listed(chat: Chat, mia: Browser) -> None:
    await writes_in(mia, "tea", "milk")
    assert mia.tab is not None
    await mia.tab.asks("join", {"room": "silent"})
    page = await shown(mia)
    assert page.index('href="/rooms/milk"') < page.index('href="/rooms/tea"')
    assert "silent" not in page


async def test_no_guarded_room_is_listed_to_anybody(chat: Chat, browsers: Browsers, mia: Browser) -> None:
    ben = await browsers.of(chat, "Ben")
    assert mia.tab is not None
    made = [
        await mia.tab.asks("create", {"kind": "private", "title": "Secret plans"}),
        await mia.tab.asks("create", {"kind": "direct", "people": [(await ben.who())["id"]]}),
    ]
    await writes_in(mia, *(each["room"] for each in made))
    for query in ("", "?find=Secret", "?find=p-", "?after=o"):
        page = await shown(mia, query)
        assert "Secret plans" not in page
        assert not [each["room"] for each in made if each["room"] in page]


async def test_a_title_a_topic_or_an_address_is_found(chat: Chat, mia: Browser) -> None:
    """In any script, however it is written. A title that is taken away is found no more."""
    await writes_in(mia, "tea", "milk")
    await describes(mia, "tea", title="ÇAY Saati", topic="Every day at four")
    for text in ("çay", "FOUR", "te"):
        page = await shown(mia, f"?find={text}")
        assert "ÇAY Saati" in page
        assert "/rooms/milk" not in page
    assert "There is none." in await shown(mia, "?find=coffee")
    await describes(mia, "tea", title="", topic="")
    assert "There is none." in await shown(mia, "?find=çay")


async def test_many_rooms_are_listed_page_by_page(chat: Chat, mia: Browser) -> None:
    names = [f"room-{number:03}" for number in range(PAGE + 3)]
    await writes_in(mia, *names)
    first = await shown(mia)
    assert first.count('href="/rooms/room-') == PAGE
    rest = await shown(mia, f"?find=&after={names[PAGE - 1]}")
    assert rest.count('href="/rooms/room-') == 3
    assert "More rooms" in first
    assert "More rooms" not in rest


async def test_an_archived_room_stands_apart_until_it_is_brought_back(chat: Chat, mia: Browser) -> None:
    await writes_in(mia, "cellar", "kitchen")
    await describes(mia, "cellar", title="Old wine")
    assert mia.tab is not None
    assert (await mia.tab.asks("archive", {"room": "cellar", "archived": True}))["ok"]
    in_use, archived = await shown(mia), await shown(mia, "?archived=1")
    assert "/rooms/kitchen" in in_use
    assert "/rooms/cellar" not in in_use
    assert "/rooms/kitchen" not in archived
    assert "Old wine" in archived
    assert "Old wine" in await shown(mia, "?archived=1&find=wine")
    assert (await mia.tab.asks("archive", {"room": "cellar", "archived": False}))["ok"]
    assert "/rooms/cellar" in await shown(mia)


async def test_programs_ask_for_it_by_an_event(chat: Chat, mia: Browser) -> None:
    """Page by page, with the top of each log, and the archived rooms apart. No guarded room is in it."""
    names = [f"shelf-{number:03}" for number in range(PAGE + 2)]
    await writes_in(mia, *names)
    await describes(mia, names[0], title="First", topic="Of many")
    assert mia.tab is not None
    await mia.tab.asks("create", {"kind": "private", "title": "Shelf of secrets"})
    await mia.tab.asks("archive", {"room": names[1], "archived": True})
    program = await chat.client("websocket", auth={"name": "Shelfbot"})
    first = await program.asks("directory", {"query": "shelf"})
    assert [each["room"] for each in first["rooms"]] == [names[0], *names[2 : PAGE + 1]]
    assert first["more"]
    epoch = (await program.asks("join", {"room": names[0]}))["epoch"]
    about = {"room": names[0], "title": "First", "topic": "Of many", "epoch": epoch, "head": 1}
    assert first["rooms"][0] == about
    rest = await program.asks("directory", {"query": "shelf", "after": first["rooms"][-1]["room"]})
    assert ([each["room"] for each in rest["rooms"]], rest["more"]) == ([names[-1]], False)
    archived = await program.asks("directory", {"query": "shelf", "archived": True})
    assert [(each["room"], each["archived"]) for each in archived["rooms"]] == [(names[1], True)]
    assert (await program.asks("directory"))["rooms"]
    for wrong in {"query": 7}, {"query": "x" * 81}, {"archived": "yes"}:
        assert (await program.asks("directory", wrong))["error"] == "invalid"
    assert (await program.asks("directory", {"after": "No room"}))["error"] == "no_such_room"


async def test_a_room_that_was_emptied_is_listed_no_more(chat: Chat, mia: Browser) -> None:
    await writes_in(mia, "tea")
    assert mia.tab is not None
    assert (await mia.tab.asks("purge", {"room": "tea"}))["ok"]
    assert "/rooms/tea" not in await shown(mia)


@pytest.mark.parametrize(
    "query", ["?find=%00", f"?find={'x' * 4000}", "?after=%ff", "?find=<script>", "?find=%22%3E"]
)
async def test_whatever_is_sought_is_a_text(chat: Chat, mia: Browser, query: str) -> None:
    assert "<script>" not in (await shown(mia, query)).replace("<script src", "")


async def test_whoever_may_not_come_in_sees_no_list(bundle: Path, browsers: Browsers) -> None:
    async with Chat(Settings(port=0, client_bundle=bundle, access_code="open sesame")) as closed:
        answer = await browsers.new(closed).opens("/rooms")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/")


async def test_however_many_look_redis_is_asked_once_in_a_while(
    bundle: Path, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Chat(Settings(port=0, client_bundle=bundle)) as chat:
        log = chat.relay.manager.log
        asked: list[None] = []
        logs = log.logs

        async def counted() -> Any:
            asked.append(None)
            return await logs()

        monkeypatch.setattr(log, "logs", counted)
        ana = browsers.new(chat)
        for _ in range(5):
            await shown(ana)
        assert len(asked) == 1
