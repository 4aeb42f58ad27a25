"""Passkeys, by which people come back without their device, and what counts as one."""

import asyncio
import time
from typing import Any

import pytest
from chat.people.challenge import LASTS
from itsdangerous import TimestampSigner
from relay.memory.records import MemoryRecords

from tests.support.authenticator import PRESENT, VERIFIED, encoded
from tests.unit.chat.http.holders import NOBODY, Holder, holds, said
from tests.unit.wire import Chat, Log

ERA = "chat.http.login_cookie.Logins.era"


def at(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is so many seconds later for what is signed."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(time.time() + seconds))


async def test_somebody_comes_back_with_a_passkey(
    chat: Chat, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """As the same person, in the same rooms, by a login that is kept and listed."""
    caplog.set_level("INFO", logger="chat")
    ana = await Holder.of(chat, "Ana")
    person = await ana.id()
    assert ana.tab is not None
    await ana.tab.asks("join", {"room": "tea"})
    answer = await ana.adds()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    page = (await ana.http.get("/you")).text
    assert "not used yet" in page
    assert "on one device only" in page
    await ana.forgets()
    back = await ana.comes_back({"next": "/rooms/tea"})
    assert (back.status_code, back.json()) == (200, {"next": "/rooms/tea"})
    page = (await ana.http.get("/you")).text
    assert page.count("<li>") == 3, "two logins and a passkey"
    [mine] = (await ana.http.get("/you/export")).json()["passkeys"]
    assert mine["used"] >= mine["at"] > 0
    assert set(mine) == {"at", "used", "synced", "browser", "system"}, "and no key"
    assert "used 1 s ago" in page
    await ana.is_kept()
    assert await ana.id() == person
    assert ana.tab is not None
    assert {each["room"] for each in (await ana.tab.asks("rooms"))["rooms"]} == {"lobby", "tea"}
    assert not [line for line in log.lines if "Ana" in line]
    assert [line for line in log.lines if "Came back by a passkey" in line]
    await ana.closes()


async def test_the_authenticator_is_asked_for_what_needs_no_name(chat: Chat, ana: Holder) -> None:
    """And to make sure who uses it."""
    asked = await ana.is_asked("/passkey")
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == (
        "localhost",
        "required",
        [],
    )
    await ana.comes_back()
    asked = await ana.is_asked("/you/passkeys")
    assert asked["rp"] == {"name": "Tertulia", "id": "localhost"}
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["user"] == {"id": encoded((await ana.id()).encode()), "name": "Ana", "displayName": "Ana"}
    assert [each["id"] for each in asked["excludeCredentials"]] == [encoded(ana.authenticator.keys[0].id)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"origin": "https://localhost"},
        {"party": "evil.example"},
        {"kind": "webauthn.create"},
        {"challenge": encoded(b"made up")},
        {"person": b"0" * 16},
        {"person": b"\xff"},
        {"person": b""},
        {"person": b"x" * 300},
        {"signature": b"made up"},
    ],
    ids=lambda wrong: " ".join(f"{name} {value!r:.20}" for name, value in wrong.items()),
)
async def test_whatever_is_wrong_with_a_passkey_is_answered_alike(ana: Holder, wrong: dict[str, Any]) -> None:
    """Nobody learns who is known here."""
    assert said(await ana.comes_back(**wrong)) == NOBODY
    assert (await ana.comes_back()).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"party": "evil.example"},
        {"kind": "webauthn.get"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_what_was_made_for_another_page_is_not_added(
    chat: Chat, ana: Holder, wrong: dict[str, Any]
) -> None:
    await ana.comes_back()
    status, why = said(await ana.adds(**wrong))
    assert (status, why) == (400, "The passkey could not be checked. Try again, or with another device.")
    assert len((await ana.is_asked("/you/passkeys"))["excludeCredentials"]) == 1


@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED], ids=["nobody", "not verified", "not present"])
async def test_somebody_has_to_be_there_and_to_be_its_owner(ana: Holder, flags: int) -> None:
    ana.authenticator.flags = flags
    assert said(await ana.comes_back()) == NOBODY
    ana.authenticator.flags = PRESENT | VERIFIED
    assert (await ana.comes_back()).status_code == 200
    ana.authenticator.flags = flags
    assert (await ana.adds()).status_code == 400


async def test_a_passkey_of_ones_own_does_not_make_one_somebody_else(chat: Chat, ana: Holder) -> None:
    """By their id, nor by the id of their passkey."""
    eve = await holds(chat, "Eve")
    [hers], [mine] = ana.authenticator.keys, eve.authenticator.keys
    assert said(await eve.comes_back(person=hers.person)) == NOBODY
    mine.id = hers.id
    assert said(await eve.comes_back(person=hers.person)) == NOBODY
    assert said(await eve.comes_back()) == NOBODY
    await eve.closes()


async def test_a_challenge_is_good_for_what_it_was_given_for(chat: Chat, ana: Holder) -> None:
    await ana.comes_back()
    eve = await Holder.of(chat, "Eve")
    to_add, hers = await ana.is_asked("/you/passkeys"), await eve.is_asked("/you/passkeys")
    assert said(await eve.adds(challenge=to_add["challenge"])) == NOBODY, "it is Ana's"
    to_come_back = await eve.is_asked("/passkey")
    assert said(await eve.adds(challenge=to_come_back["challenge"])) == NOBODY
    assert (await eve.adds(challenge=hers["challenge"])).status_code == 201
    await ana.forgets()
    assert said(await ana.comes_back(challenge=to_add["challenge"])) == NOBODY
    await eve.closes()


async def test_a_challenge_is_good_once(ana: Holder) -> None:
    """Also for a passkey that does not count its uses."""
    passkey = await ana.shows()
    assert (await ana.http.post("/passkey", data={"passkey": passkey})).status_code == 200
    await ana.forgets()
    late = 403, "That took longer than five minutes, or it was sent twice. Try again."
    assert said(await ana.http.post("/passkey", data={"passkey": passkey})) == late
    await ana.comes_back()
    made = await ana.makes()
    assert (await ana.http.post("/you/passkeys", data={"passkey": made})).status_code == 201
    assert said(await ana.http.post("/you/passkeys", data={"passkey": made})) == late


async def test_of_two_who_come_with_one_signature_at_once_one_gets_in(
    ana: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the same millisecond, and by a passkey that does not count its uses."""
    change, both_here = MemoryRecords.change, asyncio.Event()
    came: list[Any] = []
    monkeypatch.setattr("chat.people.passkeys.now", lambda: 1_800_000_000_000)
    await ana.comes_back()
    ana.http.cookies.clear()

    async def together(self: MemoryRecords, *about: Any, **expected: Any) -> bool:
        came.append(about)
        if len(came) == 2:
            both_here.set()
        await both_here.wait()
        return await change(self, *about, **expected)

    passkey = await ana.shows()
    with monkeypatch.context() as patch:
        patch.setattr(MemoryRecords, "change", together)
        answers = await asyncio.gather(*(ana.http.post("/passkey", data={"passkey": passkey}) for _ in "ab"))
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_a_challenge_is_good_for_five_minutes(ana: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    passkey = await ana.shows()
    with monkeypatch.context() as patch:
        at(LASTS + 2, patch)
        status, why = said(await ana.http.post("/passkey", data={"passkey": passkey}))
    assert (status, "longer than five minutes" in why) == (403, True)
    assert (await ana.http.post("/passkey", data={"passkey": passkey})).status_code == 200


async def test_a_passkey_that_counts_back_is_refused_and_logged(
    chat: Chat, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await Holder.of(chat, "Ana")
    ana.authenticator.count = 5
    await ana.adds()
    await ana.forgets()
    for count, fine in ((5, True), (5, False), (3, False), (-1, False), (6, True)):
        ana.authenticator.count = count
        answer = await ana.comes_back()
        ana.http.cookies.clear()
        assert answer.status_code == (200 if fine else 403), count
        if not fine:
            assert "there may be a copy of it" in answer.json()["detail"]
    assert len([line for line in log.lines if "counted back" in line]) == 3
    await ana.closes()
