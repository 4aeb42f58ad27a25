"""What does not let anybody in."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.unit.chat.oidc.conftest import ChatWith
from tests.unit.chat.oidc.providing import CLIENT, RSA, Alter, Newcomer, Newcomers, Provider
from tests.unit.wire import Log

OTHER = RSAKey.generate_key(2048, {"kid": "rsa-1"})
"""With the id of the provider's key."""


def is_refused(who: Newcomer, answer: httpx.Response, status: int = 403) -> None:
    """They read why, and are nobody."""
    assert answer.status_code == status, answer.text
    assert "Not signed in" in answer.text
    assert 'href="/oidc?next=/"' in answer.text
    assert "tertulia" not in who.http.cookies


def sets(**claims: Any) -> Alter:
    """Changes claims; None leaves one out."""

    def alter(token: dict[str, Any]) -> None:
        token.update(claims)
        for name in [name for name, value in token.items() if value is None]:
            del token[name]

    return alter


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(sets(nonce="another"), id="of another attempt"),
        pytest.param(sets(nonce=None), id="of no attempt"),
        pytest.param(sets(aud="another"), id="for another client"),
        pytest.param(sets(aud="another", azp=CLIENT), id="for another client and by this one"),
        pytest.param(sets(aud=None), id="for nobody"),
        pytest.param(sets(aud=[CLIENT, "another"]), id="for several and by none of them"),
        pytest.param(sets(aud=[CLIENT, "another"], azp="another"), id="given to another client"),
        pytest.param(sets(azp="another"), id="of another client"),
        pytest.param(sets(iss="https://evil.example"), id="of another issuer"),
        pytest.param(sets(iss=None), id="of no issuer"),
        pytest.param(sets(exp=int(time.time()) - 120), id="that is over"),
        pytest.param(sets(exp=None), id="that is never over"),
        pytest.param(sets(exp="soon"), id="that is over at no time"),
        pytest.param(sets(iat=int(time.time()) + 3600), id="from the future"),
        pytest.param(sets(iat=None), id="from no time"),
        pytest.param(sets(sub=None), id="about nobody"),
        pytest.param(sets(sub=""), id="about somebody without an id"),
        pytest.param(sets(sub=7), id="about a number"),
        pytest.param(sets(sub="x" * 256), id="about a long id"),
        pytest.param(sets(sub="somebody else"), id="about somebody else than the user info"),
        pytest.param(sets(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), id="of another access token"),
    ],
)
async def test_a_token_does_not_count(newcomer: Newcomers, provider: Provider, alter: Alter) -> None:
    provider.alter = alter
    who = newcomer()
    is_refused(who, await who.comes("eve-1"))


async def test_a_token_for_several_counts_if_it_was_given_to_this_chat(
    newcomer: Newcomers, provider: Provider
) -> None:
    provider.alter = sets(aud=[CLIENT, "another"], azp=CLIENT)
    who = newcomer()
    await who.comes_in("several-1")


def unsigned(provider: Provider) -> None:
    provider.key, provider.algorithm = OctKey.import_key("x" * 32), "none"


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def with_the_public_key(provider: Provider) -> None:
    """As if it were a secret: whoever knows it could sign."""

    def sign(claims: dict[str, Any]) -> str:
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "rsa-1"}, claims)]
        secret, signed = RSA.as_pem(private=False), ".".join(parts)
        return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"

    provider.sign = sign


def by_another_key(provider: Provider) -> None:
    provider.key = OTHER


def by_an_unknown_key(provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "unknown"})


def by_an_algorithm_that_it_does_not_name(provider: Provider) -> None:
    provider.algorithm = "RS512"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        with_the_public_key,
        by_another_key,
        by_an_unknown_key,
        by_an_algorithm_that_it_does_not_name,
    ],
)
async def test_a_token_does_not_count_that_is_signed(
    newcomer: Newcomers, provider: Provider, sign: Callable[[Provider], None]
) -> None:
    sign(provider)
    who = newcomer()
    is_refused(who, await who.comes("eve-2"))


async def test_a_new_key_is_fetched_but_not_at_each_token(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await chat_with()
    await newcomer(chat).comes_in("rotated-0")
    provider.key = ECKey.generate_key("P-256", {"kid": "ec-2"})
    provider.keys, provider.algorithm = [RSA, provider.key], "ES256"
    for number in range(3):
        who = newcomer(chat)
        is_refused(who, await who.comes(f"rotated-{number}"))
    assert provider.asked.count("/keys") == 1
    monkeypatch.setattr("chat.oidc.provider.KEYS_AGAIN", 0)
    await newcomer(chat).comes_in("rotated-1")
    assert provider.asked.count("/keys") == 2


async def test_another_browser_can_not_finish_what_one_began(newcomer: Newcomers, provider: Provider) -> None:
    """Else somebody could make others be them."""
    eve, ana = newcomer(), newcomer()
    back = provider.signs_in(await eve.sets_out(), "eve-3")
    is_refused(ana, await ana.opens(back), 400)
    await ana.sets_out()
    is_refused(ana, await ana.opens(back), 400)
    own = provider.signs_in(await ana.sets_out(), "ana-3")
    is_refused(ana, await ana.opens(back), 400)
    assert (await ana.opens(own)).status_code == 303, "her own attempt goes on"


async def test_a_browser_comes_back_once(newcomer: Newcomers, provider: Provider) -> None:
    """Also one that has kept its cookie."""
    who = newcomer()
    back = provider.signs_in(await who.sets_out(), "twice-1")
    kept = dict(who.http.cookies)
    assert (await who.opens(back)).status_code == 303
    who.http.cookies.clear()
    is_refused(who, await who.opens(back), 400)
    asked = provider.asked.count("/token")
    who.http.cookies.update(kept)
    is_refused(who, await who.opens(back))
    assert provider.asked.count("/token") == asked, "the code was not sent a second time"


async def test_a_code_that_was_used_lets_nobody_in(newcomer: Newcomers, provider: Provider) -> None:
    """A stolen one, put into an attempt of one's own."""
    ana, eve = newcomer(), newcomer()
    back = provider.signs_in(await ana.sets_out(), "ana-4")
    code = parse_qs(urlsplit(back).query)["code"][0]
    await ana.opens(back)
    state = parse_qs(urlsplit(await eve.sets_out()).query)["state"][0]
    is_refused(eve, await eve.opens(f"/oidc/callback?code={code}&state={state}"))


async def test_an_answer_of_another_provider_is_mixed_up(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider
) -> None:
    """RFC 9207: its code is not sent to this one. Nor is one whose provider does not say who it is, though
    it does otherwise."""
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    chat = await chat_with()
    for said in ("iss=https://evil.example", "no=iss"):
        who = newcomer(chat)
        back = provider.signs_in(await who.sets_out(), "eve-5")
        is_refused(who, await who.opens(back.replace(f"iss={provider.issuer}", said)))
    assert "/token" not in provider.asked
    await newcomer(chat).comes_in("not-mixed-up")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": "ftp://keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_document_that_is_not_the_issuers_is_not_believed(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    answer = await newcomer(await chat_with()).http.get("/oidc")
    assert answer.status_code == 503


async def test_who_may_not_come_in_reads_why(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider
) -> None:
    chat = await chat_with(oidc_domains=("example.org",), oidc_groups=("staff",))
    staff: dict[str, Any] = {"email": "ana@example.org", "email_verified": True, "groups": ["staff"]}
    for besides, why in (
        ({"email_verified": False}, "an e-mail address of some domains"),
        ({"email": "ana@evil.example"}, "an e-mail address of some domains"),
        ({"groups": ["other"]}, "people of some groups"),
    ):
        who = newcomer(chat)
        answer = await who.comes("stranger-1", **(staff | besides))
        assert (answer.status_code, why in answer.text) == (403, True)
        assert "tertulia" not in who.http.cookies
    await newcomer(chat).comes_in("ana-6", **staff)


async def test_an_address_that_fails_often_has_to_wait(
    chat_with: ChatWith, newcomer: Newcomers, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time the provider is asked. Whoever gets in is not counted, and others go on."""
    monkeypatch.setattr("chat.http.oidc.FAILED", 3)
    chat = await chat_with()
    for number in range(5):
        assert (await newcomer(chat).comes(f"office-{number}")).status_code == 303
    provider.alter, eve = sets(nonce="another"), newcomer(chat)
    eve.http.headers["X-Forwarded-For"] = "192.0.2.66"
    for status in (403, 403, 403, 429):
        answer = await eve.comes("eve-7")
        assert answer.status_code == status
    assert "Too many sign-ins failed at your address" in answer.text
    provider.alter = sets()
    assert (await newcomer(chat).comes("office-1")).status_code == 303


async def test_whatever_a_browser_comes_back_with_is_answered(newcomer: Newcomers) -> None:
    """With a page; the fixture looks for tracebacks."""
    who = newcomer()
    await who.comes_in("whatever-1")
    for code in ("", "%00", "%FF%FE", "%C3%A9", "a%20b%26c%3Dd", "%ED%A0%80", "x" * 4000):
        who.http.cookies.clear()
        asked = parse_qs(urlsplit(await who.sets_out()).query)
        for besides in (
            f"state={asked['state'][0]}&code={code}",
            f"state={code}&code={code}",
            f"error={code}",
        ):
            answer = await who.opens(f"/oidc/callback?{besides}")
            assert (answer.status_code in (400, 403), "<h1>" in answer.text) == (True, True), besides


async def test_what_was_refused_is_logged_without_what_was_sent(
    newcomer: Newcomers, provider: Provider, log: Log
) -> None:
    provider.alter = sets(nonce="another")
    await newcomer().comes("eve-8")
    [line] = [line for line in log.lines if "Not signed in by the provider" in line]
    assert "nonce" in line
    assert "eve-8" not in line
