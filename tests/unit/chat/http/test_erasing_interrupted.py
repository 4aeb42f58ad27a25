"""A name is erased though Redis stalls, a worker dies, or more of theirs arrives meanwhile."""

from typing import Any

import pytest
from chat.rooms import erasure
from relay import LogUnavailable, Post

from tests.support.waiting import soon
from tests.unit.chat.events.guarded import somebody, writes
from tests.unit.chat.http.erasing import GONE, erases, everything, is_done
from tests.unit.chat.http.linked import Browser
from tests.unit.wire import Chat

pytestmark = pytest.mark.usefixtures("settled")


async def test_it_goes_on_after_a_stall_and_where_a_worker_died(
    moderated: Chat, mia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the page says that it is under way. No name is amended twice."""
    monkeypatch.setattr(erasure, "LOOKED_EVERY", 0.1)
    monkeypatch.setattr(erasure, "HELD", 1)
    gone = await somebody(moderated, GONE)
    for room in ("erase-d", "erase-e"):
        await writes(gone, room, "hello")
    log = moderated.relay.manager.log
    amend, tries = log.amend_each, []

    async def stalls(room: str, *about: Any) -> Any:
        tries.append(room)
        if room == "erase-e" and tries.count(room) < 3:
            raise LogUnavailable("away")
        return await amend(room, *about)

    monkeypatch.setattr(log, "amend_each", stalls)
    await erases(mia, gone.id)
    await soon(lambda: "erase-e" in tries, what="the stall")
    page = (await mia.opens(f"/people/{gone.id}")).text
    assert "The name is being erased" in page
    assert GONE not in page
    await is_done(moderated, gone.id)
    assert tries == ["erase-d", "erase-e", "erase-e", "erase-e"]
    assert GONE not in await everything(moderated)
    assert "the name was erased" in (await mia.opens(f"/people/{gone.id}")).text


async def test_what_was_begun_and_not_noted_goes_on_when_the_page_is_opened(
    moderated: Chat, mia: Browser
) -> None:
    """The worker died between the two."""
    gone = await somebody(moderated, GONE)
    await writes(gone, "erase-f", "hello")
    store, add = moderated.relay.manager.store, moderated.relay.manager.store.add

    async def dies(member: str, *sets: Any) -> Any:
        return None if sets == (erasure.UNDER_WAY,) else await add(member, *sets)

    store.add = dies
    await erases(mia, gone.id)
    assert await store.members(erasure.UNDER_WAY.key) == set()
    assert GONE in await everything(moderated)
    store.add = add
    await mia.opens(f"/people/{gone.id}")
    await is_done(moderated, gone.id)
    assert GONE not in await everything(moderated)


async def test_what_was_on_its_way_meanwhile_is_found_the_second_time(
    moderated: Chat, mia: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bans do not hold for moderators, so one more message of theirs may arrive."""
    gone = await somebody(moderated, GONE)
    await writes(gone, "erase-g", "hello")
    log = moderated.relay.manager.log
    read = log.read
    late: list[str] = []

    async def read_and_written(room: str, **limit: Any) -> Any:
        page = await read(room, **limit)
        if room == "erase-g" and not late:
            late.append(room)
            entry = page.entries[0]
            await log.append("erase-g", Post("late-1", entry.data, fingerprint=b"late"))
        return page

    monkeypatch.setattr(log, "read", read_and_written)
    await erases(mia, gone.id)
    await is_done(moderated, gone.id)
    assert late
    assert GONE not in await everything(moderated)
