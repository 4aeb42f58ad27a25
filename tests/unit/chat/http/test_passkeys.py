"""Passkeys, by which people come back without their device."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat.http import relying_party
from chat.people.challenge import LASTS
from chat.people.passkey import OF_PERSON
from chat.people.passkeys import WRONG
from chat.settings import Settings
from itsdangerous import TimestampSigner
from relay import LogUnavailable
from relay.memory.records import MemoryRecords
from starlette.requests import Request

from tests.support.authenticator import PRESENT, VERIFIED, encoded
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.http.holders import Holder, holds
from tests.unit.chat.http.linked import ACCESS_CODE, Browsers
from tests.unit.wire import Chat, Log

ERA = "chat.http.login_cookie.Logins.era"


@pytest.fixture
async def ana(chat: Chat) -> AsyncIterator[Holder]:
    """Somebody who has added a passkey, and whose browser has forgotten them."""
    holder = await holds(chat, "Ana")
    yield holder
    await holder.closes()
    chat.relay.manager.store._kept.clear()


def said(answer: httpx.Response) -> tuple[int, str]:
    """How something was refused: the sentence says why, and nobody is given a cookie."""
    assert "set-cookie" not in answer.headers
    return answer.status_code, str(answer.json()["detail"])


def at(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is so many seconds later for what is signed."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(time.time() + seconds))


NOBODY = 403, "Nobody comes back by this passkey here. It was ended, or it belongs to another chat."


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


async def test_the_eleventh_passkey_is_refused(chat: Chat, ana: Holder) -> None:
    """None gives way to it."""
    await ana.comes_back()
    for _ in range(OF_PERSON - 1):
        assert (await ana.adds()).status_code == 201
    status, why = said(await ana.adds())
    assert (status, why) == (400, "You have 10 passkeys, the most there can be. End one first.")
    page = (await ana.http.get("/you")).text
    assert "You have 10 passkeys" in page
    assert "Add a passkey" not in page
    assert page.count("/you/passkeys/") == OF_PERSON


async def test_a_passkey_is_ended_on_the_page_and_brings_nobody_back(ana: Holder) -> None:
    """The login that began with it goes on. What is no passkey of one's own ends nothing."""
    await ana.comes_back()
    for which in ("0" * 32, "challenges", "%00", "d" * 4000):
        assert (await ana.http.post(f"/you/passkeys/{which}")).status_code in (303, 404)
    page = (await ana.http.get("/you")).text
    [path] = {
        each.partition('"')[0] for each in page.split('action="')[1:] if each.startswith("/you/passkeys/")
    }
    answer = await ana.http.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/you")
    assert "/you/passkeys/" not in (await ana.http.get("/you")).text
    assert (await ana.who())["name"] == "Ana"
    await ana.forgets()
    assert said(await ana.comes_back()) == NOBODY
    assert (await ana.http.post(path)).headers["location"] == "/sign-in"


async def test_passkeys_stay_when_all_other_logins_are_ended(chat: Chat, ana: Holder) -> None:
    """And the page says so."""
    await ana.comes_back()
    assert "Passkeys stay when you end logins" in (await ana.http.get("/you")).text
    await ana.http.post("/you/logins/others")
    await ana.forgets()
    assert (await ana.comes_back()).status_code == 200


async def test_a_moderator_who_ends_somebodys_logins_ends_their_passkeys(
    moderated: Chat, browsers: Browsers
) -> None:
    """Somebody else may have one."""
    mia, ana = await browsers.of(moderated, "Mia"), await holds(moderated, "Ana")
    await mia.becomes_a_moderator(CODE)
    await ana.comes_back()
    person = await ana.id()
    assert "and their passkeys end" in (await mia.opens(f"/people/{person}")).text
    assert (await mia.http.post(f"/people/{person}/logins", data={"which": "all"})).status_code == 303
    assert (await ana.http.get("/you")).headers["location"] == "/sign-in", "the login ended, too"
    ana.http.cookies.clear()
    assert said(await ana.comes_back()) == NOBODY
    await ana.closes()


async def test_who_was_put_out_does_not_come_back_with_a_passkey(moderated: Chat, browsers: Browsers) -> None:
    """Nor by one from before, when they are let in again."""
    mia, ana = await browsers.of(moderated, "Mia"), await Holder.of(moderated, "Ana")
    await mia.becomes_a_moderator(CODE)
    person = await ana.id()
    await ana.adds()
    await ana.forgets()
    for state in ("out", "in"):
        assert (await mia.http.post(f"/people/{person}/state", data={"state": state})).status_code == 303
        assert said(await ana.comes_back()) == NOBODY
    await ana.closes()


async def test_a_passkey_that_is_left_of_who_was_put_out_brings_nobody_back(chat: Chat, ana: Holder) -> None:
    """As by a worker of a release that knows no passkeys."""
    people = chat.relay.manager.records._kept["people"]
    person = ana.authenticator.keys[0].person.decode()
    content, until = people[person]
    people[person] = content[:-1] + b', "out": true}', until
    assert said(await ana.comes_back()) == NOBODY


async def test_a_passkey_does_not_bring_back_the_badge(moderated: Chat) -> None:
    """Which is that of a browser that gave the moderators' code."""
    ana = await Holder.of(moderated, "Ana")
    await ana.becomes_a_moderator(CODE)
    assert "moderator" in await ana.who()
    await ana.adds()
    await ana.forgets()
    await ana.comes_back()
    assert "moderator" not in await ana.who()
    await ana.closes()


async def test_who_has_a_passkey_needs_no_code_until_it_is_another(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the one that is in the form goes along; a team would not be rid of anybody otherwise."""
    async with Chat(Settings(port=0, client_bundle=bundle, access_code=ACCESS_CODE)) as chat:
        ana = await holds(chat, "Ana", code=ACCESS_CODE)
        assert (await ana.comes_back()).status_code == 200
        await ana.forgets()

        async def era(*_: Any) -> str:
            return "of another code"

        monkeypatch.setattr(ERA, era)
        assert said(await ana.comes_back()) == (403, "This chat needs an access code.")
        assert said(await ana.comes_back({"code": "a guess"})) == (403, "This is not the access code.")
        for _ in range(WRONG):  # what is refused for the code is no wrong passkey
            await ana.comes_back()
        assert (await ana.comes_back({"code": ACCESS_CODE})).status_code == 200
        await ana.forgets()
        assert (await ana.comes_back()).status_code == 200, "it was given since"
        await ana.closes()


async def test_where_only_invitations_lead_in_a_passkey_brings_back(bundle: Path) -> None:
    async with Chat(Settings(port=0, client_bundle=bundle, guests=False, admin_code=CODE)) as chat:
        ana = Holder(chat)
        await ana.http.post("/moderate", data={"name": "Ana", "code": CODE})
        await ana.is_kept()
        assert (await ana.adds()).status_code == 201
        await ana.forgets()
        page = (await ana.http.get("/sign-in?next=/rooms/tea")).text
        assert 'data-ask="/passkey" data-next="/rooms/tea"' in page
        assert (await ana.comes_back()).status_code == 200
        assert (await ana.who())["name"] == "Ana"
        await ana.closes()


async def test_who_was_somebody_else_is_replaced_and_their_login_ends(chat: Chat, ana: Holder) -> None:
    ben = await Holder.of(chat, "Ben")
    ben.authenticator = ana.authenticator
    person, before = await ben.id(), ben.http.cookies["tertulia"]
    page = (await ben.http.get("/sign-in")).text
    assert "In this browser you are Ben now." in page
    assert f'data-instead="{person}"' in page
    status, why = said(await ben.comes_back())
    assert (status, why) == (400, "In this browser somebody else is in by now. Load the page again.")
    assert (await ben.comes_back({"instead": person})).status_code == 200
    assert (await ben.who())["name"] == "Ana"
    await ben.is_put_out()
    copied = await chat.client("websocket", cookie=before)
    assert (await copied.who())["name"] != "Ben", "Ben's login has ended"
    await copied.disconnect()
    await ben.closes()


async def test_wrong_passkeys_are_counted_and_right_ones_are_not(ana: Holder) -> None:
    for _ in range(WRONG):
        assert (await ana.comes_back()).status_code == 200
        ana.http.cookies.clear()
    for _ in range(WRONG):
        assert said(await ana.comes_back(signature=b"")) == NOBODY
    answer = await ana.comes_back()
    assert answer.status_code == 429
    assert "Too many wrong passkeys" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0


async def test_adding_is_counted_for_the_person(ana: Holder) -> None:
    await ana.comes_back()
    answers = [await ana.adds(party="evil.example") for _ in range(20)]
    assert answers[-1].status_code in (400, 429)
    answer = await ana.adds()
    assert (answer.status_code, "Too many passkeys" in answer.json()["detail"]) == (429, True)


async def test_only_who_is_in_and_kept_adds_one(chat: Chat) -> None:
    eve = Holder(chat)
    for path in ("/you/passkeys/challenge", "/you/passkeys"):
        assert (await eve.http.post(path, data={"passkey": '{"response": {}}'})).status_code == 403
    await eve.http.post("/sign-in", data={"name": "Eve"})
    answer = await eve.http.post("/you/passkeys/challenge", data={"_": ""})
    assert answer.status_code == 403
    assert "does not keep your login" in answer.json()["detail"]
    await eve.closes()


@pytest.mark.parametrize(
    "path", ["/you/passkeys/challenge", "/you/passkeys", "/passkey/challenge", "/passkey"]
)
async def test_a_page_of_another_site_gets_nowhere(ana: Holder, path: str) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert (await ana.http.post(path, data={"_": ""}, headers=foreign)).status_code == 403
    assert (await ana.http.post(path, json={})).status_code == 415
    assert (await ana.http.post(path, data={"passkey": "x" * 9000})).status_code == 413


@pytest.mark.parametrize(
    "passkey",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"response": []}',
        "[" * 4000,
        '{"response": {"clientDataJSON": 7}}',
        "\udcff",
    ],
)
async def test_what_can_be_no_passkey_is_refused(ana: Holder, log: Log, passkey: str) -> None:
    content = b"passkey=" + passkey.encode(errors="surrogateescape").replace(b'"', b"%22")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await ana.http.post("/passkey", content=content, headers=headers)
    assert answer.status_code in (400, 403)
    assert log.tracebacks == []


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "chat.example", "192.0.2.1"])
async def test_at_an_address_without_a_name_or_https_there_are_none(ana: Holder, host: str) -> None:
    """Browsers make none there. The pages say nothing of them."""
    ana.http.headers.update({"Host": host, "Origin": f"http://{host}"})
    answer = await ana.http.post("/passkey/challenge", data={"_": ""})
    assert (answer.status_code, "need an address with a name" in answer.json()["detail"]) == (400, True)
    assert "passkey" not in (await ana.http.get("/sign-in")).text


def test_behind_a_proxy_they_are_for_its_name() -> None:
    """As for links, which name it as well."""

    def seen(scheme: str, host: str) -> object:
        headers = [(b"host", host.encode())]
        scope = {"type": "http", "scheme": scheme, "headers": headers, "path": "/", "server": None}
        return relying_party.of(Request(scope | {"query_string": b"", "root_path": ""}))

    assert seen("https", "Chat.Example:443") == ("chat.example", "https://chat.example")
    assert seen("https", "chat.example:8443") == ("chat.example", "https://chat.example:8443")
    assert seen("http", "localhost:8080") == ("localhost", "http://localhost:8080")


async def test_an_answer_that_was_lost_is_not_a_second_use(
    ana: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis had made the change when its connection broke."""
    change = MemoryRecords.change
    broken: list[bool] = []

    async def loses(self: MemoryRecords, *about: Any, **expected: Any) -> bool:
        made = await change(self, *about, **expected)
        if not broken:
            broken.append(True)
            raise LogUnavailable("the connection broke")
        return made

    with monkeypatch.context() as patch:
        patch.setattr(MemoryRecords, "change", loses)
        assert (await ana.comes_back()).status_code == 200
        broken.clear()
        assert (await ana.adds()).status_code == 201
    assert len((await ana.is_asked("/you/passkeys"))["excludeCredentials"]) == 2


async def test_while_redis_is_away_it_is_said(ana: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.http.retries.TRIED_FOR", 0.0)

    async def away(*_: Any, **__: Any) -> None:
        raise LogUnavailable("away")

    passkey = await ana.shows()
    with monkeypatch.context() as patch:
        patch.setattr(MemoryRecords, "read", away)
        answer = await ana.http.post("/passkey", data={"passkey": passkey}, headers={"Accept-Language": "es"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["detail"] == "El chat no puede hacerlo ahora. Inténtalo dentro de un momento."
    assert (await ana.http.post("/passkey", data={"passkey": passkey})).status_code == 200
