"""What a message can rely on: one order, one number for an id, no false ack, acked means on disk."""

import asyncio
import secrets
import time
from typing import Any

from tests.faults.guests import Guest, guests, on_each_worker
from tests.faults.stack import FaultStack
from tests.support.waiting import PATIENCE, soon

HEALED = 10.0
"""Seconds from Redis' coming back until all is live. It takes one to three while the machine has nothing else
to do."""


def new_room() -> str:
    return f"r-{secrets.token_hex(4)}"


async def test_everybody_sees_one_order_however_fast_two_workers_post(stack: FaultStack) -> None:
    """Two authors on two workers, ten messages under way each; two listeners on every worker."""
    room, each = new_room(), 1000
    async with guests(stack.url, room, [f"g{number}" for number in range(8)]) as everybody:
        authors = on_each_worker(everybody)
        assert len(authors) == len(stack.workers()) == 2

        async def post(author: Guest, part: int) -> list[dict[str, Any]]:
            texts = [f"{author.route[:6]}-{part}-{number}" for number in range(each // 10)]
            return [await author.say(room, text, text) for text in texts]

        parts = await asyncio.gather(*(post(author, part) for author in authors for part in range(10)))
        acks = [ack for part in parts for ack in part]
        await soon(lambda: all(len(guest.heard) >= 2 * each for guest in everybody), what="all was heard")
        log = await everybody[0].read(room)

    order = [message["id"] for message in log]
    assert [message["seq"] for message in log] == list(range(1, 2 * each + 1))
    assert all([message["id"] for message in guest.heard] == order for guest in everybody)
    assert {(ack["id"], ack["seq"]) for ack in acks} == {(message["id"], message["seq"]) for message in log}


async def test_an_id_sent_twenty_times_at_once_is_one_message(stack: FaultStack) -> None:
    """By one author over five connections, to both workers."""
    room = new_room()
    async with guests(stack.url, room, ["ana"] * 5 + ["ben"] * 2) as everybody:
        anas = everybody[:5]
        assert len(on_each_worker(anas)) == 2
        acks = await asyncio.gather(*(ana.say(room, "one-id", "once") for ana in anas for _ in range(4)))
        await anas[0].say(room, "another-id", "the end")
        await soon(
            lambda: all(guest.heard[-1]["id"] == "another-id" for guest in everybody),
            what="the end",
        )
        log = await everybody[0].read(room)

    assert {(ack["ok"], ack["id"], ack["seq"], ack["at"]) for ack in acks} == {
        (True, "one-id", 1, acks[0]["at"])
    }
    assert [message["id"] for message in log] == ["one-id", "another-id"]
    assert all([message["id"] for message in guest.heard] == ["one-id", "another-id"] for guest in everybody)


async def test_an_id_that_was_used_for_another_text_is_refused(stack: FaultStack) -> None:
    """Ids are seen by everybody: who repeats a stranger's gets no ack for what was not kept."""
    room = new_room()
    async with guests(stack.url, room, ["ana", "ben"]) as (ana, ben):
        assert (await ana.say(room, "same", "ana's"))["ok"]
        assert (await ben.say(room, "same", "ben's"))["error"] == "invalid"
        assert [message["text"] for message in await ben.read(room)] == ["ana's"]


async def test_while_redis_is_paused_nobody_waits_and_nothing_is_acked(stack: FaultStack) -> None:
    """Every handler answers within 2 s, and says `unavailable`; a repetition settles it once Redis is back,
    and all workers deliver live again."""
    room, redis = new_room(), stack.container("redis")
    async with guests(stack.url, room, [f"g{number}" for number in range(8)]) as everybody:
        authors = on_each_worker(everybody)
        assert len(authors) == 2
        for author in authors:
            assert (await author.say(room, f"before-{author.route}", "before"))["ok"]
        await asyncio.to_thread(redis.pause)
        try:
            answers = []
            for event, *arguments in (("join", {"room": room}), ("history", {"room": room, "after": 0})):
                answers += await asyncio.gather(*(timed(guest, event, *arguments) for guest in everybody))
            says = [(guest, {"room": room, "id": f"{number}"}) for number, guest in enumerate(everybody)]
            answers += await asyncio.gather(
                *(timed(guest, "message", "lost?", where) for guest, where in says)
            )
        finally:
            await asyncio.to_thread(redis.unpause)
        back = time.monotonic()
        assert {answer.get("error") for answer, _ in answers} == {"unavailable"}
        assert max(seconds for _, seconds in answers) < 2

        for number, guest in enumerate(everybody):
            await settle(guest, room, f"{number}", "lost?", within=back + HEALED - time.monotonic())
        await soon(
            lambda: all(len(guest.heard) >= 2 + len(everybody) for guest in everybody),
            within=back + HEALED - time.monotonic(),
            what="everybody on every worker hears all of it live",
        )
        log = await everybody[0].read(room)
    assert sorted(message["id"] for message in log if message["text"] == "lost?") == [
        f"{n}" for n in range(8)
    ]
    assert all(
        [heard["seq"] for heard in guest.heard] == [entry["seq"] for entry in log] for guest in everybody
    )


async def test_while_redis_is_paused_many_requests_of_one_client_are_answered_as_soon_as_one(
    stack: FaultStack,
) -> None:
    """A client that comes back asks for all of its rooms at once; waiting for each in turn would add up."""
    redis, rooms = stack.container("redis"), [new_room() for _ in range(8)]
    async with guests(stack.url, rooms[0], ["ana"]) as (ana,):
        await asyncio.to_thread(redis.pause)
        try:
            answers = await asyncio.gather(*(timed(ana, "join", {"room": room}) for room in rooms))
        finally:
            await asyncio.to_thread(redis.unpause)
    assert {answer.get("error") for answer, _ in answers} == {"unavailable"}
    assert max(seconds for _, seconds in answers) < 2


async def test_what_was_acked_just_before_redis_is_killed_is_there_afterwards(stack: FaultStack) -> None:
    room = new_room()
    async with guests(stack.url, room, ["ana", "ben"]) as (ana, ben):
        acked = []
        for number in range(3):
            # Ana's worker may still be on its way back from the kill before.
            ack = await settle(ana, room, f"last-words-{number}", "still here")
            await asyncio.to_thread(stack.kill, stack.container("redis"))
            acked.append((ack["id"], ack["seq"]))
            await asyncio.to_thread(stack.wait_until_whole)
            await settle(ben, room, f"next-{number}", "and on")
            acked.append((f"next-{number}", ack["seq"] + 1))
        log = await ben.read(room)
    assert [(message["id"], message["seq"]) for message in log] == acked


async def timed(guest: Guest, event: str, *arguments: Any) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    return await guest.ask(event, *arguments), time.monotonic() - began


async def settle(guest: Guest, room: str, name: str, text: str, within: float = PATIENCE) -> dict[str, Any]:
    """Repeat a message until it is acked. Returns the ack."""
    deadline = time.monotonic() + within
    while not (answer := await guest.say(room, name, text))["ok"]:
        assert answer["error"] == "unavailable", answer
        assert time.monotonic() < deadline, f"{name} was not taken in time"
    return answer
