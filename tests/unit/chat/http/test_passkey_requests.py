"""What is asked of a request with a passkey, whoever sends it."""

from typing import Any

import pytest
from chat.http import relying_party
from chat.people.passkeys import WRONG
from relay import LogUnavailable
from relay.memory.records import MemoryRecords
from starlette.requests import Request

from tests.unit.chat.http.holders import NOBODY, Holder, said
from tests.unit.wire import Chat, Log

ERA = "chat.http.login_cookie.Logins.era"


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
