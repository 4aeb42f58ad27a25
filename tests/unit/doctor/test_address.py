"""The address, and what is said of its door."""

import time

import httpx
import pytest
from doctor.address import Address, WrongUse
from doctor.door import judge_access, judge_clock, judge_health, unreachable
from doctor.engine import EngineSilent, Stack, docker
from doctor.examination import own_address
from doctor.findings import Outcome
from doctor.tls import judge_expiry, judge_failure

NOW = 1_800_000_000.0
DAY = 86_400


@pytest.mark.parametrize(
    ("text", "origin", "websocket"),
    [
        ("https://chat.example.org", "https://chat.example.org", "wss://chat.example.org"),
        ("https://chat.example.org:443/", "https://chat.example.org", "wss://chat.example.org"),
        ("http://10.0.0.1:8080", "http://10.0.0.1:8080", "ws://10.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080", "ws://[::1]:8080"),
    ],
)
def test_an_address_is_read_as_browsers_do(text: str, origin: str, websocket: str) -> None:
    address = Address.parse(text)
    assert (address.origin, address.websocket) == (origin, websocket)


@pytest.mark.parametrize(
    "text",
    [
        "chat.example.org",
        "ftp://chat",
        "https://",
        "http://a:b@chat",
        "http://chat:port",
        "http://chat/rooms",
    ],
)
def test_what_is_no_address_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(WrongUse, match="expected http"):
        Address.parse(text)


def test_only_loopback_is_for_this_machine_alone() -> None:
    assert [
        Address("http", host, 80).loopback for host in ("localhost", "127.0.0.2", "::1", "10.0.0.1", "chat")
    ] == [True, True, True, False, False]


def stack(host_ip: str) -> Stack:
    return Stack("chat", {"nginx": {"ports": [{"host_ip": host_ip, "published": "8080"}]}}, ())


def test_without_an_address_it_is_where_nginx_is_published() -> None:
    assert own_address(stack("192.0.2.1"), "").origin == "http://192.0.2.1:8080"
    assert own_address(stack("0.0.0.0"), "").origin == "http://127.0.0.1:8080"
    assert own_address(stack("0.0.0.0"), "", speaks_tls=True).origin == "https://127.0.0.1:8080"
    with pytest.raises(WrongUse, match=r"Docker gives no answer.*URL="):
        own_address(None, "Docker gives no answer")


async def test_docker_that_hangs_or_is_missing_is_told(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(EngineSilent, match="cannot be run"):
        await docker("ps")
    hanging = folder / "docker"
    hanging.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    hanging.chmod(0o755)
    begun = time.monotonic()
    with pytest.raises(EngineSilent, match=r"no answer within 0\.2 s"):
        await docker("ps", timeout=0.2)
    assert time.monotonic() - begun < 60
    hanging.write_text("#!/bin/sh\necho first >&2; echo the reason >&2; exit 1\n")
    with pytest.raises(EngineSilent, match="failed: the reason"):
        await docker("ps")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (httpx.ConnectTimeout(""), "does not take a connection"),
        (httpx.ReadTimeout(""), "gives no answer"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "not found in DNS"),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"), "does not speak TLS"),
        (httpx.ConnectError("All connection attempts failed"), "refuses the connection"),
        (httpx.RemoteProtocolError(""), "breaks the connection off"),
    ],
)
def test_why_there_is_no_answer_is_told(error: Exception, said: str) -> None:
    why, advice = unreachable(error)
    assert said in why
    assert advice


@pytest.mark.parametrize(
    ("ahead", "outcome"),
    [(0, Outcome.OK), (-4, Outcome.OK), (5, Outcome.OK), (7, Outcome.WRONG), (-3600, Outcome.WRONG)],
)
def test_a_clock_may_be_a_few_seconds_off(ahead: float, outcome: Outcome) -> None:
    assert judge_clock(NOW + ahead, NOW, NOW + 0.1).outcome is outcome


def test_a_slow_answer_is_no_wrong_clock() -> None:
    assert judge_clock(NOW, NOW, NOW + 9).outcome is Outcome.OK
    assert judge_clock(NOW + 9, NOW, NOW + 9).outcome is Outcome.OK


def test_an_open_port_wants_an_access_code() -> None:
    assert judge_access(needed=True, open_at=["chat.example.org"]).outcome is Outcome.OK
    assert judge_access(needed=False, open_at=[]).outcome is Outcome.OK
    found = judge_access(needed=False, open_at=["0.0.0.0:8080"])
    assert found.outcome is Outcome.LOOK
    assert "0.0.0.0:8080" in found.said
    assert "ACCESS_CODE" in found.advice


def test_a_certificate_that_ends_soon_is_worth_a_look() -> None:
    assert judge_expiry(NOW + 30 * DAY, NOW, "TLSv1.3").outcome is Outcome.OK
    soon = judge_expiry(NOW + 3.5 * DAY, NOW, "TLSv1.3")
    assert soon.outcome is Outcome.LOOK
    assert "for 3 more days" in soon.said


@pytest.mark.parametrize(
    ("code", "said"), [(10, "has expired"), (62, "for another name"), (18, "by itself"), (20, "authority")]
)
def test_why_a_certificate_is_refused_is_told(code: int, said: str) -> None:
    found = judge_failure("chat.example.org", code)
    assert found.outcome is Outcome.WRONG
    assert said in found.said
    assert found.advice


@pytest.mark.parametrize(
    ("status", "detail", "outcome"),
    [
        (200, "", Outcome.OK),
        (200, "Redis is away for some rooms (1 of its shards).", Outcome.WRONG),
        (503, "Redis does not answer this worker.", Outcome.WRONG),
    ],
)
def test_what_health_says_of_some_rooms_is_told(status: int, detail: str, outcome: Outcome) -> None:
    """A worker is ready while others are no readier."""
    found = judge_health(status, detail)
    assert (found.outcome, detail in found.said) == (outcome, True)
