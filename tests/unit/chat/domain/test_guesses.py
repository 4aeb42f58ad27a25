"""Guesses of the access code are bounded, and keep nobody out who knows it."""

import asyncio
from ipaddress import IPv6Network
from pathlib import Path

import pytest
from chat.domain.access_code import BY_ADDRESS, BY_NETWORK, FLOOD, IN_ALL, WARY, AccessCode
from chat.domain.refusals import Refused
from chat.settings import Settings
from relay.memory.store import MemoryStore

from tests.unit.chat.domain.closed import CODE
from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat, Client


async def test_guessing_ends_soon(closed: Chat) -> None:
    """By form and by socket together; then the right code does not help either, and who is in stays in."""
    async with browser(closed) as inside, browser(closed) as guesser:
        await sign_in(inside, name="Ana", code=CODE)
        for number in range(BY_ADDRESS):
            if number % 2:
                assert (await sign_in(guesser, name="Eve", code=f"{number}")).status_code == 403
            else:
                client = Client(["websocket"])
                with pytest.raises(Exception, match=r"refused|failed"):
                    await client.connect(closed.url, auth={"code": f"{number}"})
        answer = await sign_in(guesser, name="Eve", code=CODE)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 600
        assert "Try again in 10 min" in answer.text
        with pytest.raises(Exception, match=r"refused|failed"):
            await client.connect(closed.url, auth={"code": CODE})
        assert client.refusal["data"]["error"] == "rate_limited"
        assert client.refusal["data"]["retry_after"] > 0
        assert (await inside.get("/")).status_code == 200


async def test_guessing_from_all_addresses_of_one_network_ends_as_soon(bundle: Path) -> None:
    """Whoever has one address of IPv6 has the whole /64."""
    settings = Settings(port=0, client_bundle=bundle, access_code=CODE, trusted_proxies=("127.0.0.1",))
    async with Chat(settings) as chat:
        for number in range(BY_ADDRESS + 1):
            headers = {"X-Forwarded-For": f"2001:db8::{number:x}"}
            last = await chat.http.post("/sign-in", data={"name": "Eve", "code": "no"}, headers=headers)
    assert last.status_code == 429


async def test_right_codes_are_no_attempts() -> None:
    access = AccessCode(MemoryStore(), CODE)
    for _ in range(BY_ADDRESS * 3):
        await access.check(CODE, "10.0.0.1")


async def guesses(access: AccessCode, address: str, times: int = 1) -> list[str]:
    """Wrong codes from an address: how each was refused."""
    said = []
    for _ in range(times):
        with pytest.raises(Refused) as refusal:
            await access.check("wrong", address)
        said.append(refusal.value.error)
    return said


async def test_one_address_keeps_nobody_else_out() -> None:
    """However often it guesses: what its own limit refuses counts for nobody else."""
    access = AccessCode(MemoryStore(), CODE)
    assert (await guesses(access, "192.0.2.1", 1000)).count("wrong_code") == BY_ADDRESS
    assert await guesses(access, "192.0.2.2", BY_ADDRESS) == ["wrong_code"] * BY_ADDRESS
    await access.check(CODE, "192.0.2.3")


@pytest.mark.parametrize("prefix", [56, 48])
async def test_one_network_keeps_nobody_else_out(prefix: int) -> None:
    """Of its 65,536 networks of a customer each, or of 256: those in it wait, and nobody else."""
    access = AccessCode(MemoryStore(), CODE)
    network = IPv6Network((0x20010DB8 << 96, prefix))
    step = 1 if prefix == 56 else 97  # through all of its /56
    inside = [each for number, each in enumerate(network.subnets(new_prefix=64)) if number % step == 0][:250]
    said = [answer for each in inside for answer in await guesses(access, str(each), 3)]
    assert said.count("wrong_code") == BY_NETWORK[prefix]
    outside = "2001:db8:0:100::/64" if prefix == 56 else "2001:db8:1::/64"
    assert await guesses(access, outside, BY_ADDRESS) == ["wrong_code"] * BY_ADDRESS
    await access.check(CODE, "192.0.2.3")


async def from_many(access: AccessCode, addresses: int, times: int) -> int:
    """Guess from many addresses in turn; return how many codes were tried."""
    tried = 0
    for _ in range(times):
        for number in range(addresses):
            tried += await guesses(access, f"10.0.{number // 256}.{number % 256}") == ["wrong_code"]
    return tried


async def test_two_hundred_addresses_keep_nobody_out() -> None:
    """They guess less than each might alone, and somebody new still may give the code, after a typing error
    too."""
    access = AccessCode(MemoryStore(), CODE)
    assert await from_many(access, 200, 12) <= IN_ALL + 200 * WARY
    assert await guesses(access, "192.0.2.1") == ["wrong_code"]
    await access.check(CODE, "192.0.2.1")


async def test_where_the_right_code_came_from_nobody_is_kept_out_by_any_number() -> None:
    """They have their own address' attempts; others wait for a minute at most."""
    access = AccessCode(MemoryStore(), CODE)
    await access.check(CODE, "192.0.2.1")
    await access.check(CODE, "2001:db8::/64")
    assert await from_many(access, 1000, 3) == IN_ALL + FLOOD[0]
    with pytest.raises(Refused, match=r"Too many wrong codes\. Try again in a minute\.") as refusal:
        await access.check(CODE, "192.0.2.2")
    assert 0 < (refusal.value.retry_after or 0) <= 60
    assert await guesses(access, "192.0.2.1", BY_ADDRESS - 1) == ["wrong_code"] * (BY_ADDRESS - 1)
    await access.check(CODE, "192.0.2.1")
    await guesses(access, "2001:db8:0:1::/64", 10)
    await access.check(CODE, "2001:db8::/64")


async def test_many_at_once_are_not_more() -> None:
    access = AccessCode(MemoryStore(), CODE)
    refusals = await asyncio.gather(
        *(access.check(f"{number}", "192.0.2.1") for number in range(50)), return_exceptions=True
    )
    assert [getattr(each, "error", None) for each in refusals].count("wrong_code") == BY_ADDRESS


async def test_guesses_at_a_door_do_not_keep_programs_out(bundle: Path) -> None:
    """Whether they come by form or by socket; nor the moderators, whose code is another."""
    settings = Settings(
        port=0, client_bundle=bundle, access_code=CODE, admin_code="order", trusted_proxies=("127.0.0.1",)
    )
    async with Chat(settings) as chat:
        for number in range(IN_ALL + 5):
            headers = {"X-Forwarded-For": "192.0.2.66"}
            fields = {"name": "Eve", "code": f"{number}"}
            last = await chat.http.post("/sign-in", data=fields, headers=headers)
        assert last.status_code == 429
        program = await chat.client("websocket", auth={"name": "Bot", "code": CODE, "admin": "order"})
        assert (await program.asks("rooms"))["you"]["moderator"]
        await program.disconnect()
