"""Programs at several workers: whose token ends is put out everywhere, also if the order is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import httpx
import pytest
from chat.people.program import PROGRAMS, Token
from chat.people.programs import WRONG
from relay.redis.names import Names
from socketio.exceptions import ConnectionError as Turned

from tests.stack.conftest import CODE
from tests.stack.test_moderation import AT_ONCE, Client, Two, here, two
from tests.support.stack import Stack
from tests.support.waiting import soon
from tests.unit.chat.http.programming import id_in, token_of

__all__ = ["two"]


@contextmanager
def moderator(url: str) -> Iterator[httpx.Client]:
    """The browser of a moderator, at one worker."""
    with httpx.Client(base_url=url, headers={"Origin": url}) as http:
        http.post("/sign-in", data={"name": f"Mia {token_hex(4)}"})  # whose name no test has had
        http.post("/moderate", data={"code": CODE})
        yield http


def token(http: httpx.Client) -> str:
    return token_of(http.post("/programs", data={"name": "Bot", "days": "0"}))


async def test_a_token_that_is_ended_puts_its_program_out_on_every_worker(stack: Stack, two: Two) -> None:
    """At once, and another one stays. Whoever comes again is told why, and no log has the token."""
    since = len(stack.logs.lines)
    with moderator(two.here) as mia:
        ended, stays = token(mia), token(mia)
        programs = [Client(url, token=each) for each in (ended, stays) for url in two]
        async with here(*programs):
            for path in ("renew", "end"):
                page = mia.post(f"/programs/{path}", data={"program": id_in(ended)})
                await soon(
                    lambda: [each.sio.connected for each in programs] == [False, False, True, True],
                    within=AT_ONCE,
                    what="the program is put out",
                )
                if path == "renew":
                    ended = token_of(page)
                    for client in programs[:2]:
                        client.auth = {"token": ended}
                        await client.arrive()
            for url in two:
                with pytest.raises(Turned):
                    await Client(url, token=ended).arrive()
    secrets = [each.rpartition("_")[2] for each in (ended, stays)]
    lines = [line.text for line in stack.logs.lines[since:]]
    assert not [line for line in lines if any(secret in line for secret in secrets)]


async def test_a_worker_that_heard_no_order_finds_out_by_itself(stack: Stack, two: Two) -> None:
    """Within five seconds. Here nobody gave one: what is kept of the token is deleted."""
    with moderator(two.here) as mia:
        ended, stays = token(mia), token(mia)
    programs = [Client(url, token=each) for each in (ended, stays) for url in two]
    async with here(*programs):
        key = Names("tertulia:").of(id_in(ended)).partition.kept(PROGRAMS)
        stack.redis_cli("HDEL", key, id_in(ended))
        await soon(
            lambda: [each.sio.connected for each in programs] == [False, False, True, True],
            what="the program is put out",
        )


async def test_a_program_is_the_same_one_at_every_worker(two: Two) -> None:
    """And after it has left: in the same rooms, which it joined at the other one."""
    with moderator(two.here) as mia:
        given = token(mia)
        async with here(Client(two.here, token=given)) as room:
            pass
        again = Client(two.there, token=given)
        async with here(again):
            found = await again.asks("rooms")
            assert found["you"] == {"id": id_in(given), "name": "Bot", "program": True}
            assert room in [each["room"] for each in found["rooms"]]
        await soon(lambda: "Last here" in mia.get("/programs").text, what="it is noted")


async def test_wrong_tokens_are_counted_over_all_workers(two: Two) -> None:
    with moderator(two.here) as mia:
        given = token(mia)
    refused: list[Any] = []
    for number in range(WRONG + 2):
        client = Client(two[number % 2], address="192.0.2.78", token=Token.new().text)
        client.sio.on("connect_error", refused.append)
        with pytest.raises(Turned):
            await client.arrive()
    assert [each["data"]["reason"] for each in refused] == ["wrong_token"] * WRONG + ["wrong_tokens"] * 2
    async with here(Client(two.there, address="192.0.2.78", token=given)):
        pass
