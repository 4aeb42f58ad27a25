"""The name of somebody who was put out goes from all that Redis keeps, also if a worker dies at it."""

import asyncio
import time
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
from chat.rooms.erasure import HELD

from tests.stack.test_guarded_rooms import Member, members, private_room
from tests.stack.test_roles import is_disconnected, known, new_name, posts
from tests.stack.test_settings import worker
from tests.support.people import new_room
from tests.support.session import cookie_name
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, soon

FIND = """
local function has(value)
  if type(value) == 'table' then
    for _, each in ipairs(value) do
      if has(each) then return true end
    end
    return false
  end
  return string.find(tostring(value), ARGV[1], 1, true) ~= nil
end
local read = {
  string = {'GET'}, hash = {'HGETALL'}, set = {'SMEMBERS'}, zset = {'ZRANGE', '0', '-1'},
  stream = {'XRANGE', '-', '+'},
}
local found, cursor = {}, '0'
repeat
  local reply = redis.call('SCAN', cursor, 'COUNT', 1000)
  cursor = reply[1]
  for _, key in ipairs(reply[2]) do
    local command = read[redis.call('TYPE', key).ok]
    if has(key) or has(redis.call(command[1], key, unpack(command, 2))) then
      found[#found + 1] = key
    end
  end
until cursor == '0'
return found
"""
"""The keys that have a text in their name or in what they hold."""


def keys_with(stack: Stack, text: str) -> list[str]:
    return stack.redis_cli("EVAL", FIND, "0", text).split()


async def page_of(by: Member, url: str, person: str) -> str:
    cookies = {cookie_name(url): by.cookie}
    get = partial(httpx.get, f"{url}/people/{person}", cookies=cookies, timeout=PATIENCE)
    return (await asyncio.to_thread(get)).text


async def history(one: Member, room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await one.asks("history", {"room": room, "after": 0}))["messages"]
    return found


async def test_a_name_is_erased_also_where_the_worker_that_began_it_dies(stack: Stack) -> None:
    """In open and private rooms. Who stays, at another worker, is told; the numbers have no hole."""
    olga, name, room = new_name("Olga"), new_name("Zzyzx"), new_room()
    with ExitStack() as doomed:
        at = stack.addresses_of_workers()[0]
        async with members((olga, at), (name, at), (new_name("Ben"), at)) as (owner, gone, ben):
            await known(stack, olga)
            await is_disconnected(owner)
            guarded = await private_room(ben, gone)
            for where in (room, guarded):
                for each in (gone, ben):
                    await each.joins(where)
                for number in range(60):
                    assert (await gone.says(f"number {number}", where))["ok"]
                assert (await ben.says(f"and {name} said so", where))["ok"]
            before = {where: await history(ben, where) for where in (room, guarded)}
            assert keys_with(stack, name)
            person = await gone.id()

            began = str(doomed.enter_context(worker(stack)).base_url)
            assert await posts(owner, began, f"/people/{person}/state", state="erased") == 303
            await is_disconnected(gone)
            told = [each["room"] for each in ben.told]
            await soon(lambda: {room, guarded} <= {each["room"] for each in ben.told}, what="being told")
            assert "being erased" in await page_of(owner, at, person)
            doomed.close()

            deadline = time.monotonic() + HELD + PATIENCE
            while "the name was erased" not in await page_of(owner, at, person):
                assert time.monotonic() < deadline, told
                await asyncio.sleep(0.5)
            left = keys_with(stack, name)
            mentioned = [key for key in left if ":log:" in key or ":amended:" in key]
            assert left == mentioned, "only what another wrote has it"
            for where, messages in before.items():
                after = await history(ben, where)
                assert [each["seq"] for each in after] == list(range(1, len(after) + 1))
                assert after[: len(messages)] == [
                    each | ({"author": {"id": person, "name": ""}} if _is_by(each, person) else {})
                    for each in messages
                ]
                last = messages[-1]["seq"]
                back = await ben.asks("join", {"room": where, "after": last})
                assert [each["erases"] for each in back["messages"]] == [
                    each["erases"] for each in ben.told if each["room"] == where
                ]
            assert await posts(owner, at, f"/people/{person}/state", state="in") == 403


def _is_by(entry: dict[str, Any], person: str) -> bool:
    return bool(entry.get("author", {}).get("id") == person)
