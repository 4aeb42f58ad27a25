"""The file of what is one's own, behind nginx and with two workers."""

import asyncio
import base64
import json
import os
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.stack.test_put_out import Friend, friends, private_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

EACH, MANY = 3_900, 3_000
"""Characters of a message, and messages: more than the machine's buffers hold."""


def browser(one: Friend, url: str) -> httpx.AsyncClient:
    headers = {"Cookie": f"{cookie_name(url)}={one.cookie}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE)


async def file_of(one: Friend, url: str) -> dict[str, Any]:
    async with browser(one, url) as http:
        answer = await http.get("/you/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="tertulia-')
    found: dict[str, Any] = answer.json()
    return found


def texts_in(file: dict[str, Any], room: str) -> list[str]:
    return [each["text"] for each in file["messages"] if each["room"] == room]


async def test_it_has_what_one_wrote_in_private_rooms_whatever_worker_makes_it(stack: Stack) -> None:
    """Until one is put out of the room. nginx deals the requests out to both workers."""
    async with friends(stack) as (maker, *others):
        ana = next(each for each in others if each.route != maker.route)
        room = await private_room(maker, [ana])
        for number in range(3):
            await ana.keeps(room, f"number {number}")
            await maker.keeps(room, f"another's {number}")
        for _ in range(2):
            file = await file_of(ana, stack.url)
            assert texts_in(file, room) == ["number 0", "number 1", "number 2"]
            assert room in [each["room"] for each in file["rooms"]]
        assert (await maker.asks("remove", {"room": room, "person": ana.id}))["ok"]
        for _ in range(2):
            file = await file_of(ana, stack.url)
            assert room not in json.dumps(file)
            assert file["complete"]
        async with browser(ana, stack.url) as http:
            assert (await http.head("/you/export")).status_code == 200
            await http.get("/you/export")
            refused = await http.get("/you/export")
            assert (refused.status_code, int(refused.headers["retry-after"]) > 3000) == (429, True)


async def test_a_file_is_broken_off_when_redis_dies_and_others_chat_while_it_is_made(stack: Stack) -> None:
    """It is larger than all buffers on its way. What arrived is no JSON."""
    async with friends(stack) as (ana, ben, *_):
        room = ana.room
        assert (await ben.asks("join", {"room": room}))["ok"]
        for _ in range(0, MANY, 50):
            texts = (base64.b64encode(os.urandom(EACH // 4 * 3)).decode() for _ in range(50))
            await asyncio.gather(*(ana.says(text) for text in texts))
        arrived = b""
        async with browser(ana, stack.url) as http, http.stream("GET", "/you/export") as answer:
            assert answer.status_code == 200
            parts = answer.aiter_bytes()
            while len(arrived) < 1_000_000:
                arrived += await anext(parts)
            await ben.keeps(room, "meanwhile")
            await ana.hears("meanwhile")
            redis = stack.container("redis")
            await asyncio.to_thread(redis.kill)
            broken = False
            try:
                async for part in parts:
                    arrived += part
            except httpx.RemoteProtocolError:
                broken = True
        assert broken
        with suppress(UnicodeDecodeError), pytest.raises(json.JSONDecodeError):
            json.loads(arrived)
        await asyncio.to_thread(redis.start)
        await soon(lambda: ana.is_here, what="Ana is back")
        await ana.keeps(room, "all is well")
        file = await file_of(ana, stack.url)
        assert len(texts_in(file, room)) == MANY + 1
