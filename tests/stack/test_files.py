"""Files of messages behind nginx, with two workers, in a folder that both share."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.stack.test_nginx_memory import memory_of
from tests.stack.test_put_out import Friend, friends, private_room
from tests.support.stack import Stack
from tests.support.uploading import PIECE, announce, arrived, bring, browser, upload
from tests.support.waiting import PATIENCE, soon
from tests.unit.chat.files.pictures import PLACE, opened, picture

DATA = os.urandom(3 * PIECE + 12_345)


@asynccontextmanager
async def sharing(stack: Stack) -> AsyncIterator[tuple[Friend, httpx.AsyncClient, Friend, httpx.AsyncClient]]:
    """Two friends on different workers, each with a browser."""
    async with friends(stack) as (ana, *others):
        ben = next(each for each in others if each.route != ana.route)
        async with browser(stack.url, ana.cookie) as of_ana, browser(stack.url, ben.cookie) as of_ben:
            yield ana, of_ana, ben, of_ben


async def test_a_file_comes_by_both_workers_and_every_part_of_it_is_given(stack: Stack) -> None:
    """Its pieces go to one worker after the other, and nginx gives it back, with the worker's words."""
    async with sharing(stack) as (ana, http, ben, of_ben):
        room = await private_room(ana, [ben])
        id = await upload(http, room, DATA, "results.bin")
        assert (await of_ben.get(f"/files/{room}/{id}")).status_code == 404
        assert (await ana.asks("message", "", {"room": room, "files": [id]}))["ok"]
        for _ in range(2):
            answer = await of_ben.get(f"/files/{room}/{id}")
            assert (answer.status_code, answer.content == DATA) == (200, True)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="results.bin"')
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
        [policy] = answer.headers.get_list("content-security-policy")
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert policy.endswith("sandbox")
        assert "x-accel-redirect" not in answer.headers
        part = await of_ben.get(f"/files/{room}/{id}", headers={"Range": f"bytes={PIECE - 5}-{PIECE + 4}"})
        assert (part.status_code, part.content) == (206, DATA[PIECE - 5 : PIECE + 5])
        assert part.headers["content-range"] == f"bytes {PIECE - 5}-{PIECE + 4}/{len(DATA)}"
        known = {"If-None-Match": answer.headers["etag"]}
        assert (await of_ben.get(f"/files/{room}/{id}", headers=known)).status_code == 304
        head = await of_ben.head(f"/files/{room}/{id}")
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(DATA)))


async def test_nobody_else_gets_a_file_and_nobody_after_its_deletion(stack: Stack) -> None:
    async with sharing(stack) as (ana, http, ben, of_ben):
        room = await private_room(ana, [ben])
        id = await upload(http, room, picture("JPEG", (1000, 500), orientation=6), "photo.jpg")
        said = await ana.asks("message", "Look", {"room": room, "files": [id], "id": "with-a-photo"})
        assert said["ok"], said
        found = await of_ben.get(f"/files/{room}/{id}")
        assert found.headers["content-type"] == "image/jpeg"
        assert found.headers["content-disposition"].startswith("inline; ")
        assert PLACE not in found.content
        thumbnail = await of_ben.get(f"/files/{room}/{id}/thumbnail")
        assert thumbnail.headers["content-type"] == "image/webp"
        assert opened(thumbnail.content).size == (360, 720)
        async with httpx.AsyncClient(base_url=stack.url, timeout=PATIENCE) as stranger:
            for path in (
                f"/files/{room}/{id}",
                f"/stored/files/{room}/{id}",
                f"/files/{room}/../../stored/files/{room}/{id}",
                "/stored-elsewhere/http/web:8000/health?",
            ):
                assert (await stranger.get(path)).status_code == 404, path
        about = {"room": room, "seq": said["seq"], "id": "with-a-photo"}
        assert (await ana.asks("delete", about))["ok"]
        known = {"If-None-Match": found.headers["etag"]}
        for one in (http, of_ben):
            for what in ("", "/thumbnail"):
                assert (await one.get(f"/files/{room}/{id}{what}", headers=known)).status_code == 404
        in_folder = stack.containers("web")[0].exec_run(["find", f"/files/files/{room}"]).output.decode()
        assert id not in in_folder


async def test_an_upload_goes_on_at_the_other_worker_when_one_is_killed(stack: Stack) -> None:
    """In the middle of a piece. What the killed one had acknowledged is there."""
    async with sharing(stack) as (ana, http, ben, of_ben):
        room = ana.room
        assert (await ben.asks("join", {"room": room}))["ok"]
        announced = await announce(http, room, "results.bin", len(DATA))
        address = announced.headers["location"]
        assert (await bring(http, address, 0, DATA[:PIECE])).status_code == 204
        sending, killed = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield DATA[PIECE : PIECE + 100_000]
            sending.set()
            await killed.wait()
            yield DATA[PIECE + 100_000 : 2 * PIECE]

        # Both take a piece, so whichever is killed is in the middle of one.
        pieces = [asyncio.create_task(bring(http, address, PIECE, slowly())) for _ in range(2)]
        await sending.wait()
        await asyncio.to_thread(stack.containers("web")[0].kill)
        killed.set()
        await asyncio.gather(*pieces, return_exceptions=True)
        offset = -1
        async with asyncio.timeout(PATIENCE):
            while offset < 0:
                try:
                    offset = await arrived(http, address)
                except (AssertionError, httpx.TransportError):
                    await asyncio.sleep(0.1)
        assert offset >= PIECE
        while offset < len(DATA):
            answer = await bring(http, address, offset, DATA[offset : offset + PIECE])
            assert answer.status_code in (204, 409, 503), answer.text
            offset = await arrived(http, address)
        id = address.rpartition("/")[2]
        await soon(lambda: ana.is_here and ben.is_here, what="both are back")
        assert (await ana.asks("message", "", {"room": room, "files": [id]}))["ok"]
        got = await of_ben.get(f"/files/{room}/{id}")
        assert (got.status_code, got.content == DATA) == (200, True)


async def test_who_asks_how_far_an_upload_came_notices_no_killed_worker(stack: Stack) -> None:
    """Not even who is waiting for the killed one just when nginx learns that it is gone."""
    async with sharing(stack) as (ana, http, *_):
        address = (await announce(http, ana.room, "results.bin", 5)).headers["location"]
        answers = 0
        enough = asyncio.Event()

        async def ask() -> None:
            nonlocal answers
            while not enough.is_set():
                assert await arrived(http, address) == 0
                answers += 1

        async with asyncio.TaskGroup() as asking:
            for _ in range(20):
                asking.create_task(ask())
            await soon(lambda: answers > 100, what="all are asking")
            await asyncio.to_thread(stack.containers("web")[0].kill)
            # While nginx still knows the killed one, each answer takes 0.3 s, and that lasts 2 s.
            so_far = answers
            await soon(lambda: answers > so_far + 1000, what="they have asked for a while longer")
            enough.set()


async def test_a_piece_that_is_too_large_is_refused_in_words_and_is_nowhere(stack: Stack) -> None:
    async with sharing(stack) as (ana, http, *_):
        address = (await announce(http, ana.room, "a", 2 * PIECE)).headers["location"]
        refused = await bring(http, address, 0, DATA[: PIECE + 1])
        assert (refused.status_code, refused.json()["error"]) == (413, "too_large")
        assert await arrived(http, address) == 0


async def test_messages_go_on_and_memory_stays_while_large_files_come(stack: Stack) -> None:
    """Eight at a time, of four pieces each: 160 MB. Neither nginx nor a worker keeps any in memory."""
    async with sharing(stack) as (ana, http, ben, _):
        room = ana.room
        assert (await ben.asks("join", {"room": room}))["ok"]
        uploads = asyncio.gather(*(upload(http, room, DATA, f"{n}.bin") for n in range(8)))
        said = 0
        while not uploads.done():
            said += 1
            await ana.keeps(room, f"meanwhile {said}")
            await asyncio.sleep(0.05)
        assert len(await uploads) == 8
        assert said > 3
        await soon(lambda: (room, f"meanwhile {said}") in ben.everything, what="Ben hears the last one")
        for service, most in (("web", 160), ("nginx", 120)):
            for container in stack.containers(service):
                held = await asyncio.to_thread(memory_of, container)
                assert held < most << 10, (service, held >> 10)
