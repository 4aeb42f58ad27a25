"""Files of messages: who gets them, how, and until when."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.settings import Settings

from tests.support.uploading import announce, arrived, bring, upload
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.files.pictures import PLACE, opened, picture
from tests.unit.visitors import browser, connects, sign_in
from tests.unit.wire import Chat, Client

DATA = bytes(range(256)) * 100
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
async def files_chat(bundle: Path, folder: Path) -> AsyncIterator[Chat]:
    settings = Settings(
        port=0,
        client_bundle=bundle,
        files_url=f"file://{folder}",
        admin_code=CODE,
        messages_at_once=1000,
        bytes_at_once=10**8,
    )
    async with Chat(settings) as chat:
        yield chat


class Author:
    """Somebody with a browser and a page, who is in a room."""

    def __init__(self, http: httpx.AsyncClient, client: Client, room: str) -> None:
        self.http = http
        self.client = client
        self.room = room

    async def shares(self, *ids: str, text: str = "", **more: Any) -> Any:
        return await self.client.say(text, {"room": self.room, "files": list(ids), **more})

    async def gets(self, id: str, what: str = "", **headers: str) -> httpx.Response:
        return await self.http.get(f"/files/{self.room}/{id}{what}", headers=headers)

    def path(self, folder: Path, id: str) -> list[Path]:
        return list((folder / "files" / self.room).glob(f"{id}/*"))


async def author(chat: Chat, room: str) -> Author:
    http = browser(chat)
    await sign_in(http, name=f"Sharing {next(_numbers)}")
    client = await connects(chat, http)
    assert (await client.asks("join", {"room": room}))["ok"]
    return Author(http, client, room)


@pytest.fixture
async def ana(files_chat: Chat) -> AsyncIterator[Author]:
    one = await author(files_chat, f"shared-{next(_numbers)}")
    yield one
    await one.client.disconnect()
    await one.http.aclose()


@pytest.fixture
async def ben(files_chat: Chat, ana: Author) -> AsyncIterator[Author]:
    """Somebody in the same room."""
    one = await author(files_chat, ana.room)
    yield one
    await one.client.disconnect()
    await one.http.aclose()


async def test_a_message_has_a_file_and_whoever_is_in_the_room_gets_it(ana: Author, ben: Author) -> None:
    id = await upload(ana.http, ana.room, DATA, "Ergebnisse für «Ana».bin")
    assert (await ana.shares(id))["ok"]
    await ben.client.hears("")
    [(_, about)] = ben.client.heard
    known = {"id": id, "name": "Ergebnisse für «Ana».bin", "type": "application/octet-stream"}
    assert about["files"] == [known | {"size": len(DATA)}]
    page = await ben.client.asks("history", {"room": ana.room})
    assert page["messages"][-1]["files"] == about["files"]
    assert page["messages"][-1]["text"] == ""
    answer = await ben.gets(id)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Ergebnisse f_r _Ana_.bin"; '
        "filename*=UTF-8''Ergebnisse%20f%C3%BCr%20%C2%ABAna%C2%BB.bin"
    )
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await ben.gets(id, "/thumbnail")).status_code == 404


async def test_an_image_has_a_size_a_thumbnail_and_no_place(ana: Author, ben: Author) -> None:
    id = await upload(ana.http, ana.room, picture("JPEG", (1000, 500), orientation=6), "photo.txt")
    assert (await ana.shares(id, text="Look"))["ok"]
    await ben.client.hears("Look")
    [shared] = ben.client.heard[0][1]["files"]
    assert (shared["type"], shared["width"], shared["height"]) == ("image/jpeg", 500, 1000)
    answer = await ben.gets(id)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith("inline; ")
    assert len(answer.content) == shared["size"]
    assert PLACE not in answer.content
    thumbnail = await ben.gets(id, "/thumbnail")
    assert thumbnail.headers["content-type"] == "image/webp"
    assert opened(thumbnail.content).size == (360, 720)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("photo.png", b"<html>\x89PNG<script>alert(1)</script>"),
        ("photo.jpg", b"GIF8 no image"),
    ],
)
async def test_what_could_run_is_only_ever_downloaded(ana: Author, name: str, data: bytes) -> None:
    id = await upload(ana.http, ana.room, data, name)
    assert (await ana.shares(id))["ok"]
    answer = await ana.gets(id)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "code", "part", "said"),
    [
        ("bytes=0-99", 206, DATA[:100], "bytes 0-99/25600"),
        ("bytes=25000-", 206, DATA[25000:], "bytes 25000-25599/25600"),
        ("bytes=-100", 206, DATA[-100:], "bytes 25500-25599/25600"),
        ("bytes=100-99999", 206, DATA[100:], "bytes 100-25599/25600"),
        ("bytes=30000-", 416, b"", "bytes */25600"),
        ("bytes=0-1,3-4", 200, DATA, None),
        ("lines=1-2", 200, DATA, None),
    ],
)
async def test_a_part_is_given_to_whoever_asks_for_one(
    ana: Author, asked: str, code: int, part: bytes, said: str | None
) -> None:
    id = await upload(ana.http, ana.room, DATA)
    await ana.shares(id)
    answer = await ana.gets(id, Range=asked)
    assert (answer.status_code, answer.content) == (code, part)
    assert answer.headers.get("content-range") == said
    head = await ana.http.head(f"/files/{ana.room}/{id}")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))


async def test_a_file_is_not_there_before_its_message_is(ana: Author) -> None:
    id = await upload(ana.http, ana.room, DATA)
    assert (await ana.gets(id)).status_code == 404
    refused = await ana.shares(id, text="x" * 5000)
    assert refused["error"] == "too_long"
    assert (await ana.gets(id)).status_code == 404
    assert (await ana.shares(id))["ok"]
    assert (await ana.gets(id)).status_code == 200


async def test_a_file_is_of_one_message_of_one_room_of_its_uploader(ana: Author, ben: Author) -> None:
    id, other = [await upload(ana.http, ana.room, DATA) for _ in range(2)]
    assert (await ben.shares(id))["reason"] == "no_such_file"
    assert (await ana.client.asks("join", {"room": "shared-elsewhere"}))["ok"]
    elsewhere = await ana.client.say("", {"room": "shared-elsewhere", "files": [id]})
    assert elsewhere["reason"] == "no_such_file"
    first = await ana.shares(id, id="first-of-it")
    assert first["ok"]
    assert (await ana.shares(id, id="second-of-it"))["reason"] == "no_such_file"
    assert (await ana.shares(id, other, id="third-of-it"))["reason"] == "no_such_file"
    again = await ana.shares(id, id="first-of-it")
    assert (again["ok"], again["seq"]) == (True, first["seq"])
    assert (await ana.shares(other, id="first-of-it"))["reason"] == "id_taken"
    assert (await ana.gets(id)).status_code == 200
    assert (await ana.shares(other, id="fourth-of-it"))["ok"]
    assert (await ana.http.get(f"/files/shared-elsewhere/{id}")).status_code == 404


@pytest.mark.parametrize("files", ["one", [1], ["../../x"], ["a" * 26] * 11, {"id": 1}])
async def test_what_are_no_files_is_refused(ana: Author, files: Any) -> None:
    answer = await ana.client.say("", {"room": ana.room, "files": files})
    assert (answer["error"], answer["reason"]) == ("invalid", "files")
    assert (await ana.client.say("", {"room": ana.room, "files": []}))["error"] == "empty"


async def test_a_refused_message_leaves_its_files_for_the_next_one(
    files_chat: Chat, ana: Author, ben: Author
) -> None:
    """The room is locked, and then it is not."""
    mia = await files_chat.client("websocket", auth={"name": "Mia of the files", "admin": CODE})
    id = await upload(ana.http, ana.room, DATA)
    assert (await mia.asks("lock", {"room": ana.room, "locked": True}))["ok"]
    assert (await ana.shares(id, id="while-locked"))["error"] == "locked"
    announced = await announce(ana.http, ana.room, "a", 5000)
    assert (announced.status_code, announced.json()["error"]) == (403, "locked")
    assert (await ana.gets(id)).status_code == 404
    assert (await mia.asks("lock", {"room": ana.room, "locked": False}))["ok"]
    assert (await ana.shares(id, id="after-that"))["ok"]
    assert (await ana.gets(id)).status_code == 200
    await mia.disconnect()


@pytest.mark.parametrize("how", ["delete", "own", "purge", "clear"])
async def test_after_a_deletion_a_file_is_gone(
    files_chat: Chat, folder: Path, ana: Author, ben: Author, how: str
) -> None:
    """At once, for everybody, from the disk too."""
    mia = await files_chat.client("websocket", auth={"name": "Mia of the files", "admin": CODE})
    id = await upload(ana.http, ana.room, picture("PNG"))
    said = await ana.shares(id, id="soon-deleted")
    assert (await ben.gets(id)).status_code == 200
    assert len(ana.path(folder, id)) == 2
    if how in ("delete", "own"):
        about = {"room": ana.room, "seq": said["seq"], "id": "soon-deleted"}
        by = mia if how == "delete" else ana.client
        assert (await by.asks("delete", about))["ok"]
    elif how == "purge":
        about = {"person": (await ana.client.who())["id"], "seconds": 3600}
        assert (await mia.asks("purge", about))["ok"]
    else:
        assert (await mia.asks("purge", {"room": ana.room}))["ok"]
    for one in (ana, ben):
        for what in ("", "/thumbnail"):
            assert (await one.gets(id, what)).status_code == 404
    assert ana.path(folder, id) == []
    await mia.disconnect()


async def test_an_edited_message_keeps_its_files_and_may_lose_its_text(ana: Author) -> None:
    id = await upload(ana.http, ana.room, DATA)
    said = await ana.shares(id, id="with-a-text", text="a text")
    about = {"room": ana.room, "seq": said["seq"], "id": "with-a-text"}
    assert (await ana.client.asks("edit", {**about, "text": ""}))["ok"]
    [message] = (await ana.client.asks("history", {"room": ana.room}))["messages"][:1]
    assert (message["text"], message["files"][0]["id"]) == ("", id)
    assert (await ana.gets(id)).status_code == 200
    alone = await ana.client.say("alone", {"room": ana.room, "id": "without-files"})
    about = {"room": ana.room, "seq": alone["seq"], "id": "without-files"}
    assert (await ana.client.asks("edit", {**about, "text": ""}))["error"] == "empty"


async def test_only_members_get_the_files_of_a_private_room(
    files_chat: Chat, folder: Path, ana: Author, ben: Author
) -> None:
    """Until they are put out. All others are answered as if there were none. With the room its files end."""
    ben_id = (await ben.client.who())["id"]
    plans = {"kind": "private", "title": "Plans", "people": [ben_id]}
    async with asyncio.timeout(PATIENCE):  # until it is noted who Ben is
        while not (made := await ana.client.asks("create", plans))["ok"]:
            await asyncio.sleep(0.01)
    room = ana.room = ben.room = made["room"]
    for one in (ana, ben):
        assert (await one.client.asks("join", {"room": room}))["ok"]
    id = await upload(ana.http, room, DATA)
    assert (await ana.shares(id))["ok"]
    assert (await ben.gets(id)).status_code == 200
    async with browser(files_chat) as cleo, browser(files_chat) as nobody:
        await sign_in(cleo, name="Cleo of no room")
        for http in (cleo, nobody):
            answer = await http.get(f"/files/{room}/{id}")
            unknown = await http.get(f"/files/{room}/{'a' * 26}")
            assert (answer.status_code, answer.text) == (404, unknown.text)
        refused = await announce(cleo, room, "a", 5000)
        assert (refused.status_code, refused.json()["error"]) == (404, "no_such_room")
    assert (await ana.client.asks("remove", {"room": room, "person": ben_id}))["ok"]
    assert (await ben.gets(id)).status_code == 404
    assert (await ana.gets(id)).status_code == 200
    assert (await ana.client.asks("leave", {"room": room}))["ok"]
    assert (await ana.gets(id)).status_code == 404
    await soon(lambda: ana.path(folder, id) == [], what="the file to be gone")


async def test_nobody_who_is_muted_or_banned_brings_files(files_chat: Chat, ana: Author) -> None:
    mia = await files_chat.client("websocket", auth={"name": "Mia of the files", "admin": CODE})
    ana_id = (await ana.client.who())["id"]
    address = (await announce(ana.http, ana.room, "a", len(DATA))).headers["location"]
    for kind, error in (("mute", "muted"), ("ban", "banned")):
        assert (await mia.asks(kind, {"person": ana_id, "seconds": 3600}))["ok"]
        for answer in (
            await announce(ana.http, ana.room, "a", 5000),
            await bring(ana.http, address, 0, DATA),
        ):
            assert (answer.status_code, answer.json()["error"]) == (403, error)
        assert (await mia.asks("lift", {"kind": kind, "person": ana_id}))["ok"]
    assert await arrived(ana.http, address) == 0
    await mia.disconnect()


async def test_a_chat_with_a_code_gives_files_to_who_is_in(bundle: Path, tmp_path: Path) -> None:
    settings = Settings(
        port=0, client_bundle=bundle, files_url=f"file://{tmp_path}", access_code="open sesame"
    )
    async with Chat(settings) as chat, browser(chat) as http, browser(chat) as stranger:
        await sign_in(http, name="Ana who has the code", code="open sesame")
        client = await connects(chat, http)
        id = await upload(http, "lobby", DATA)
        assert (await client.say("", {"files": [id]}))["ok"]
        assert (await http.get(f"/files/lobby/{id}")).status_code == 200
        assert (await stranger.get(f"/files/lobby/{id}")).status_code == 404
        await client.disconnect()


async def test_two_messages_at_once_do_not_get_the_same_file(ana: Author) -> None:
    id = await upload(ana.http, ana.room, DATA)
    answers = await asyncio.gather(*(ana.shares(id, id=f"at-once-{n}") for n in range(5)))
    assert [answer["ok"] for answer in answers].count(True) == 1
    assert (await ana.gets(id)).status_code == 200
