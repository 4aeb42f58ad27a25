"""Rate limits of messages: what is too much waits, and what repeats is answered."""

import asyncio
import time
from pathlib import Path
from typing import Any

from chat.settings import Settings

from tests.unit.chat.limited import says
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat


async def test_whoever_is_too_fast_is_told_how_long_to_wait(strict: Chat) -> None:
    """What was refused is not in the log, nobody hears it, and after the wait it is taken."""
    ana = await strict.client("websocket", cookie=await cookie_of(strict, "Ana"))
    *taken, refused = await says(ana, 1, 2, 3, 4)
    assert [ack["seq"] for ack in taken] == [1, 2, 3]
    assert refused == {"ok": False, "error": "rate_limited", "retry_after": 1, "detail": refused["detail"]}
    history = await ana.asks("history", {"room": "lobby"})
    assert [message["id"] for message in history["messages"]] == ["id1", "id2", "id3"]
    await ana.hears("message 1", "message 2", "message 3")
    await asyncio.sleep(refused["retry_after"])
    assert (await says(ana, 4))[0]["seq"] == 4
    await ana.disconnect()


async def test_what_was_acked_before_is_acked_again_however_limited_its_sender_is(strict: Chat) -> None:
    ana = await strict.client("websocket", cookie=await cookie_of(strict, "Ana"))
    first = await says(ana, 1, 2, 3)
    assert (await says(ana, 4))[0]["error"] == "rate_limited"
    assert await says(ana, 1, 2, 3) == first
    await ana.disconnect()


async def test_all_tabs_and_all_rooms_of_a_person_count_together(strict: Chat) -> None:
    cookie = await cookie_of(strict, "Ana")
    tabs = [await strict.client("websocket", cookie=cookie) for _ in range(2)]
    await tabs[0].asks("join", {"room": "tea"})
    answers = [await tabs[number % 2].say("hello") for number in range(2)]
    answers += [await tabs[0].say("hello", {"room": "tea"}), await tabs[1].say("hello")]
    assert [ack["ok"] for ack in answers] == [True, True, True, False]
    ben = await strict.client("websocket", cookie=await cookie_of(strict, "Ben"))
    assert (await ben.say("and I"))["ok"]
    for client in (*tabs, ben):
        await client.disconnect()


async def test_coming_again_as_somebody_else_brings_little(strict: Chat) -> None:
    """An address may send as much as two people, whether they reconnect or sign in anew."""
    granted, begun = 0, time.monotonic()
    for number in range(6):
        as_whom: dict[str, Any] = {"cookie": await cookie_of(strict, "Ana")} if number % 2 else {}
        client = await strict.client("websocket", **as_whom)
        granted += sum(ack["ok"] for ack in await says(client, *range(10 * number, 10 * number + 3)))
        await client.disconnect()
    assert 6 <= granted <= 6 + 2 * (time.monotonic() - begun)


async def test_long_texts_wait_for_their_bytes(bundle: Path) -> None:
    """So many at once, and then as many bytes a second as a person has."""
    settings = Settings(
        port=0, client_bundle=bundle, messages_at_once=100, bytes_per_second=2000, bytes_at_once=40_000
    )
    async with Chat(settings) as chat:
        ana = await chat.client("websocket", cookie=await cookie_of(chat, "Ana"))
        answers = [await ana.say(f"{number}" + "x" * 3900) for number in range(12)]
        assert [ack["ok"] for ack in answers[:9]] == [True] * 9
        assert not answers[-1]["ok"]
        assert answers[-1]["error"] == "rate_limited"
        assert "2000 bytes" in answers[-1]["detail"]
        assert 1 <= answers[-1]["retry_after"] <= 3
        await ana.disconnect()
