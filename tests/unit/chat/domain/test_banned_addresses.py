"""Addresses that are muted or banned, with a person or for themselves."""

import pytest
from socketio.exceptions import ConnectionError as Turned

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import comes, connects, id_of, leave, moderator
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client


async def test_an_address_is_muted_and_banned_alike(moderated: Chat) -> None:
    """Whoever comes from it; a moderator there is not."""
    ann, ben = await comes(moderated, "Ann", "2001:db8::1"), await comes(moderated, "Ben", "192.0.2.9")
    mia = await moderator(moderated)
    assert (await mia.asks("mute", {"address": "2001:db8::2"}))["ok"]
    assert (await ann.say("hello"))["error"] == "muted"
    assert (await ben.say("hello"))["ok"]
    answer = await mia.asks("ban", {"person": await id_of(ben), "addresses": True})
    assert answer["addresses"] == ["192.0.2.9"]
    await soon(lambda: not ben.sio.connected, what="Ben is disconnected")
    with pytest.raises(Turned):
        await comes(moderated, "Somebody else", "192.0.2.9")
    cleo = await comes(moderated, "Cleo", "192.0.2.10")
    kinds = [(each["kind"], each.get("address")) for each in (await mia.asks("sanctions"))["sanctions"]]
    assert kinds == [("ban", "192.0.2.9"), ("ban", None), ("mute", "2001:db8::/64")]
    assert (await mia.asks("lift", {"kind": "mute", "address": "2001:db8::/64"}))["ok"]
    assert (await ann.say("hello"))["ok"]
    await leave(ann, cleo, mia)


async def test_a_ban_takes_the_addresses_in_use_and_the_last_ones(moderated: Chat) -> None:
    """However many came before, and wherever the oldest session of all is still open."""
    cookie = await cookie_of(moderated, "Ben")
    oldest = Client(["websocket"])
    await connects(moderated, oldest, cookie, "198.51.100.1")
    who = await id_of(oldest)
    for number in range(1, 30):
        ben = Client(["websocket"])
        await connects(moderated, ben, cookie, f"192.0.2.{number}")
        await ben.disconnect()
    mia = await moderator(moderated)
    addresses = (await mia.asks("ban", {"person": who, "addresses": True}))["addresses"]
    assert {"198.51.100.1", *(f"192.0.2.{number}" for number in range(11, 30))} == set(addresses)
    await leave(oldest, mia)


async def test_a_ban_of_addresses_spares_the_moderators_own(moderated: Chat) -> None:
    """Both may be behind one router: then the person is banned, and nobody else who is there."""
    cookie, mia = await cookie_of(moderated, "Ben"), await moderator(moderated)
    tabs = [Client(["websocket"]) for _ in range(2)]
    for tab, address in zip(tabs, ("192.0.2.9", "127.0.0.1"), strict=True):
        await connects(moderated, tab, cookie, address)
    answer = await mia.asks("ban", {"person": await id_of(tabs[0]), "addresses": True})
    assert answer["addresses"] == ["192.0.2.9"]
    await soon(lambda: not any(tab.sio.connected for tab in tabs), what="Ben is disconnected")
    await leave(await comes(moderated, "Ana", "127.0.0.1"), mia)
