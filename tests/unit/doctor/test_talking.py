"""What is said of headers, of sessions, and of workers that hear each other."""

import pytest
from chat.http.headers import SECURITY_HEADERS
from doctor.browsers import judge_cookie, judge_headers, judge_origins
from doctor.findings import Outcome
from doctor.hearing import Heard, judge_heard, judge_met
from doctor.session import Refused
from doctor.talking import judge_move, judge_open, judge_refusal

AS_SET = {name: [value] for name, value in SECURITY_HEADERS.items()}


def test_the_first_header_that_is_wrong_is_named_with_what_was_expected() -> None:
    assert judge_headers(AS_SET) == ""
    assert judge_headers(AS_SET | {"Referrer-Policy": []}) == (
        "Referrer-Policy is missing; expected 'same-origin'"
    )
    weaker = judge_headers(AS_SET | {"X-Content-Type-Options": ["nosniff", "sniff"]})
    assert weaker == "X-Content-Type-Options is 'sniff'; expected 'nosniff'"


def test_a_cookie_is_kept_to_tls_where_there_is_tls() -> None:
    given = [" HttpOnly", " Path=/", " SameSite=lax"]
    assert judge_cookie(given, tls=False).outcome is Outcome.OK
    found = judge_cookie(given, tls=True)
    assert found.outcome is Outcome.WRONG
    assert "lacks Secure" in found.said
    assert "X-Forwarded-Proto" in found.advice


def test_the_own_page_comes_in_and_no_other() -> None:
    origin = "https://chat.example.org"
    assert judge_origins(200, 400, origin).outcome is Outcome.OK
    assert "Host: chat.example.org" in judge_origins(400, 400, origin).advice
    assert "let in" in judge_origins(200, 200, origin).said


@pytest.mark.parametrize(
    ("taken", "advice", "not_advised"),
    [
        ("http://chat.example.org", "X-Forwarded-Proto: https", "Host"),
        ("https://backend", "`Host: chat.example.org`", "Proto"),
        ("https://chat.example.org:8443", "with the port that browsers see", "Proto"),
        ("http://backend:8080", "X-Forwarded-Proto: https", "the port"),
    ],
)
def test_what_a_proxy_keeps_from_the_chat_is_named(taken: str, advice: str, not_advised: str) -> None:
    origin = "https://chat.example.org"
    refusal = f"'{origin}' is not an accepted origin; this server was reached as {taken}"
    found = judge_origins(400, 400, origin, f'"{refusal}"')
    assert f"the chat takes {taken} for its own address" in found.said
    assert advice in found.advice
    assert not_advised not in found.advice


@pytest.mark.parametrize(
    ("code", "known", "outcome"),
    [
        ("code_needed", False, Outcome.UNKNOWN),
        ("wrong_code", True, Outcome.UNKNOWN),
        ("rate_limited", True, Outcome.UNKNOWN),
        ("unavailable", False, Outcome.WRONG),
    ],
)
def test_not_being_let_in_is_no_fault_unless_nobody_is(code: str, known: bool, outcome: Outcome) -> None:
    assert judge_refusal(Refused("No.", code), known).outcome is outcome


def test_an_upgrade_that_fails_alone_reached_another_worker() -> None:
    """Otherwise the reason is the WebSocket's, and is told once."""
    assert [judge_open("").outcome, judge_move("", told=False).outcome] == [Outcome.OK] * 2
    assert "Upgrade and Connection" in judge_open("answered 400 instead of 101").advice
    assert "another worker" in judge_move("answered 400 instead of 101", told=False).advice
    assert judge_move("answered 400 instead of 101", told=True).advice == "The same as for the WebSocket."


def test_every_running_worker_must_be_met() -> None:
    assert (
        judge_met(["web-1", "web-2"], 2, "").said == "new sessions come to each of 2 workers, all there are"
    )
    assert judge_met(["worker a", "worker b"], 0, "").outcome is Outcome.OK
    missing = judge_met(["web-1"], 2, "no answer came within 5 s")
    assert missing.outcome is Outcome.WRONG
    assert "1 of 2 running workers; others: no answer came within 5 s" in missing.said


def test_one_worker_alone_is_said_plainly() -> None:
    assert "there is only one" in judge_met(["web-1"], 1, "").said
    assert "all sessions came to the same one" in judge_met(["worker a"], 0, "").said
    assert "there is no second worker" in judge_heard(Heard([0.01], [0.01], []), ["web-1"]).said


def test_who_does_not_hear_whom_is_told() -> None:
    found = judge_heard(Heard([0.01], [5], ["web-2 does not hear web-1"]), ["web-1", "web-2"])
    assert found.outcome is Outcome.WRONG
    assert "web-2 does not hear web-1" in found.said
    assert "within 12 ms, heard on every other within 20 ms" in (
        judge_heard(Heard([0.01, 0.012], [0.02, 0.015], []), ["web-1", "web-2"]).said
    )
