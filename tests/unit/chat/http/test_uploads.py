"""Uploads over HTTP: announced, brought in pieces, and gone on with after a break."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.files.byte_quotas import LEAST
from chat.files.uploads import PIECE
from chat.settings import Settings

from tests.support.uploading import TUS, announce, arrived, bring, upload
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.files.pictures import picture
from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat

DATA = bytes(range(256)) * 400


_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
async def files_chat(bundle: Path, folder: Path) -> AsyncIterator[Chat]:
    """A chat whose files lie in a folder."""
    async with Chat(Settings(port=0, client_bundle=bundle, files_url=f"file://{folder}")) as chat:
        yield chat


@pytest.fixture(scope="module")
async def ana(files_chat: Chat) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(files_chat) as http:
        await sign_in(http, name="Ana of the uploads")
        yield http


@pytest.fixture
def room() -> str:
    """One that no other test has."""
    return f"files-{next(_numbers)}"


@pytest.fixture
def kept(folder: Path, room: str) -> Callable[[], list[str]]:
    """Returns the files that lie there of the room, as paths."""
    return lambda: [each for each in paths(folder) if f"/{room}/" in each]


def paths(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


async def test_what_is_offered_is_said(ana: httpx.AsyncClient, room: str) -> None:
    answer = await ana.options(f"/uploads/{room}")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,termination"
    assert answer.headers["tus-max-size"] == "100000000"


async def test_a_file_comes_in_pieces(
    ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    """What has arrived can be asked for at any time. In the end its pieces are one file."""
    announced = await announce(ana, room, "notes.bin", len(DATA))
    address = announced.headers["location"]
    assert announced.status_code == 201
    assert "upload-expires" in announced.headers
    assert await arrived(ana, address) == 0
    for at in range(0, len(DATA), 30_000):
        assert (await bring(ana, address, at, DATA[at : at + 30_000])).status_code == 204
        assert await arrived(ana, address) == min(at + 30_000, len(DATA))
    [path] = kept()
    assert path.startswith(f"files/{room}/{address.rpartition('/')[2]}/")
    assert (folder / path).read_bytes() == DATA


async def test_a_piece_for_another_place_is_refused(
    ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    await bring(ana, address, 0, DATA[:5000])
    for offset in (0, 4999, 5001, len(DATA)):
        assert (await bring(ana, address, offset, DATA[offset:])).status_code == 409
    assert await arrived(ana, address) == 5000
    assert len(kept()) == 1


async def test_of_two_pieces_for_one_place_one_counts(
    ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    """Also of two last ones. Nothing is left of the other."""
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    for start, end in ((0, 50_000), (50_000, len(DATA))):
        pieces = (DATA[start:end] for _ in range(3))
        answers = await asyncio.gather(*(bring(ana, address, start, each) for each in pieces))
        codes = sorted(answer.status_code for answer in answers)
        assert codes[0] == 204
        assert set(codes) <= {204, 409}
        assert await arrived(ana, address) == end
    [path] = kept()
    assert (folder / path).read_bytes() == DATA


async def test_what_came_before_the_line_broke_is_kept(
    files_chat: Chat, ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    data = DATA * 10
    address = (await announce(ana, room, "a", len(data))).headers["location"]
    cookie = ana.cookies["tertulia"]
    head = (
        f"PATCH {address} HTTP/1.1\r\nHost: x\r\nCookie: tertulia={cookie}\r\nTus-Resumable: 1.0.0\r\n"
        "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", files_chat.port)
    writer.write(head.encode() + data[:600_000])
    staged = folder / f"uploads/{room}"
    await soon(lambda: any(each.stat().st_size for each in staged.rglob("*#*")), what="something to be kept")
    writer.close()
    async with asyncio.timeout(PATIENCE):
        while not (offset := await arrived(ana, address)):
            await asyncio.sleep(0.01)
    assert 256 * 1024 <= offset <= 600_000
    assert (await bring(ana, address, offset, data[offset:])).status_code == 204
    [path] = kept()
    assert (folder / path).read_bytes() == data


async def test_a_piece_that_takes_too_long_is_kept_as_far_as_it_came(
    ana: httpx.AsyncClient, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.http.uploads.PIECE_SECONDS", 0.5)
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    over = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield DATA[:50_000]
        await over.wait()

    sending = asyncio.create_task(bring(ana, address, 0, slowly()))
    async with asyncio.timeout(PATIENCE):
        while await arrived(ana, address) < 50_000:
            await asyncio.sleep(0.01)
    over.set()
    await asyncio.gather(sending, return_exceptions=True)


@pytest.mark.parametrize(
    ("size", "length", "code"), [(PIECE + 1, 2 * PIECE, 413), (5001, 5000, 413), (PIECE, PIECE, 204)]
)
async def test_a_piece_has_a_bound(
    ana: httpx.AsyncClient, room: str, size: int, length: int, code: int
) -> None:
    """Also one that does not say how long it is."""
    address = (await announce(ana, room, "a", length)).headers["location"]

    async def chunked() -> AsyncIterator[bytes]:
        for _ in range(size // 1000):
            yield b"x" * 1000
        yield b"x" * (size % 1000)

    assert (await bring(ana, address, 0, chunked())).status_code == code
    if code == 413:
        assert (await bring(ana, address, 0, b"x" * size)).status_code == 413
        assert await arrived(ana, address) == 0


async def test_an_upload_whose_pieces_have_gone_begins_again(
    ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    """As after a backup was restored on another machine."""
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    await bring(ana, address, 0, DATA[:50_000])
    [piece] = kept()
    (folder / piece).unlink()
    answer = await bring(ana, address, 50_000, DATA[50_000:])
    assert (answer.status_code, answer.json()["reason"]) == (404, "no_such_upload")
    assert (await ana.head(address, headers=TUS)).status_code == 404
    assert kept() == []
    await upload(ana, room, DATA)


async def test_an_upload_is_given_up(
    ana: httpx.AsyncClient, room: str, folder: Path, kept: Callable[[], list[str]]
) -> None:
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    await bring(ana, address, 0, DATA[:50_000])
    assert (await ana.delete(address, headers=TUS)).status_code == 204
    assert kept() == []
    assert (await ana.head(address, headers=TUS)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "100000001"}, 413),
        ({"Upload-Metadata": "filename"}, 400),
        ({"Upload-Metadata": "filename %%%"}, 400),
        ({"Upload-Metadata": "filename Li4v"}, 400),  # ../
        ({"Origin": "https://elsewhere.example"}, 403),
    ],
)
async def test_an_announcement_that_is_none_is_refused(
    ana: httpx.AsyncClient, room: str, headers: dict[str, str], code: int
) -> None:
    answer = await announce(ana, room, "a", 5000, **headers)
    assert answer.status_code == code
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\photo.jpg", "photo.jpg"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\r\nSet-Cookie: b=c\x00.txt", "aSet-Cookie: b=c.txt"),
        ("ñandú 🐦.pdf", "ñandú 🐦.pdf"),
        ("x" * 300 + ".pdf", "x" * 145 + "….pdf"),
    ],
)
async def test_a_name_is_no_path_and_holds_nothing_unseen(name: str, known_as: str) -> None:
    from chat.files.names import name_of

    assert name_of(name) == known_as


async def test_only_whose_upload_it_is_may_go_on_with_it(
    files_chat: Chat, ana: httpx.AsyncClient, room: str
) -> None:
    address = (await announce(ana, room, "a", len(DATA))).headers["location"]
    async with browser(files_chat) as ben, browser(files_chat) as nobody:
        await sign_in(ben, name="Ben of the uploads")
        for http, code in ((ben, 404), (nobody, 403)):
            assert (await http.head(address, headers=TUS)).status_code == code
            assert (await bring(http, address, 0, DATA)).status_code == code
            assert (await http.delete(address, headers=TUS)).status_code == code
        assert (await announce(nobody, room, "a", 5000)).status_code == 403
    elsewhere = address.replace(room, "tea")
    assert (await ana.head(elsewhere, headers=TUS)).status_code == 404
    assert await arrived(ana, address) == 0


async def limited(bundle: Path, tmp_path: Path, **settings: Any) -> Settings:
    return Settings(port=0, client_bundle=bundle, files_url=f"file://{tmp_path}", **settings)


async def test_bytes_are_counted_by_person_and_in_all(bundle: Path, tmp_path: Path) -> None:
    """A small file counts as one of 64 KiB. What was given up is counted in the day only."""
    settings = await limited(
        bundle, tmp_path, files_bytes_per_day=4 * LEAST, files_bytes_in_all=6 * LEAST, people_per_address=2
    )
    async with Chat(settings) as chat, browser(chat) as ana, browser(chat) as ben, browser(chat) as cleo:
        for http, name in ((ana, "Ana"), (ben, "Ben"), (cleo, "Cleo")):
            await sign_in(http, name=f"{name} of the quotas")
        addresses = [(await announce(ana, "lobby", "a", 1)).headers["location"] for _ in range(4)]
        refused = await announce(ana, "lobby", "a", 1)
        assert (refused.status_code, refused.json()["reason"]) == (429, "files_bytes_per_day")
        assert (await announce(ben, "lobby", "b", 2 * LEAST)).status_code == 201
        refused = await announce(ben, "lobby", "b", 1)
        assert (refused.status_code, refused.json()["reason"]) == (507, "files_bytes_in_all")
        await ana.delete(addresses[0], headers=TUS)
        assert (await announce(ana, "lobby", "a", 1)).json()["reason"] == "files_bytes_per_day"
        assert (await announce(ben, "lobby", "b", 1)).status_code == 201
        await ana.delete(addresses[1], headers=TUS)
        assert (await announce(ben, "lobby", "b", 1)).status_code == 201
        await ana.delete(addresses[2], headers=TUS)
        refused = await announce(cleo, "lobby", "c", 1)
        assert refused.json()["reason"] == "files_bytes_per_day"  # of the address


async def test_kinds_are_found_by_what_is_in_a_file(bundle: Path, tmp_path: Path) -> None:
    """Whatever its name says. A file that is refused leaves nothing."""
    settings = await limited(bundle, tmp_path, file_kinds=("image/*", "application/pdf"))
    async with Chat(settings) as chat, browser(chat) as ana:
        await sign_in(ana, name="Ana of the kinds")
        await upload(ana, "lobby", b"%PDF-1.7" + DATA, "a.exe")
        await upload(ana, "lobby", picture("PNG"), "a.exe")
        before = paths(tmp_path)
        address = (await announce(ana, "lobby", "a.png", len(DATA))).headers["location"]
        refused = await bring(ana, address, 0, DATA[:5000])
        assert (refused.status_code, refused.json()["reason"]) == (415, "file_kind")
        assert (await ana.head(address, headers=TUS)).status_code == 404
        assert paths(tmp_path) == before


async def test_an_image_that_is_none_is_refused_and_leaves_nothing(
    ana: httpx.AsyncClient, room: str, kept: Callable[[], list[str]]
) -> None:
    data = b"\x89PNG\r\n\x1a\n" + DATA
    address = (await announce(ana, room, "a.png", len(data))).headers["location"]
    await bring(ana, address, 0, data[:50_000])
    refused = await bring(ana, address, 50_000, data[50_000:])
    assert (refused.status_code, refused.json()["reason"]) == (400, "image_broken")
    assert (await ana.head(address, headers=TUS)).status_code == 404
    await soon(lambda: kept() == [], what="all pieces to be gone")


async def test_without_files_there_are_no_addresses_for_them(bundle: Path) -> None:
    async with Chat(Settings(port=0, client_bundle=bundle, file_max_bytes=0)) as chat, browser(chat) as ana:
        await sign_in(ana, name="Ana without files")
        assert (await announce(ana, "lobby", "a", 5000)).status_code == 404
