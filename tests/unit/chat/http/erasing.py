"""Somebody whose name is erased, and what a test wants to know of that."""

import asyncio

from chat.rooms import erasure

from tests.support.waiting import PATIENCE
from tests.unit.chat.http.linked import Browser
from tests.unit.chat.http.test_put_out import says
from tests.unit.wire import Chat

GONE = "Zzyzx Erasmus"
"""A name that stands nowhere else."""


async def erases(by: Browser, person: str) -> None:
    assert (await says(by, person, "erased")).status_code == 303


async def is_done(chat: Chat, person: str) -> None:
    """Nothing is to be done for them any more."""
    store = chat.relay.manager.store
    async with asyncio.timeout(PATIENCE):
        while person in await store.members(erasure.UNDER_WAY.key):
            await asyncio.sleep(0.02)


async def everything(chat: Chat) -> str:
    """All that is kept anywhere, as text."""
    manager = chat.relay.manager
    logs = {room: log.entries for room, log in manager.log._rooms.items()}
    ids = {room: log.ids for room, log in manager.log._rooms.items()}
    return repr((logs, ids, manager.records._kept, manager.store._kept, await manager.log.rules.all()))
