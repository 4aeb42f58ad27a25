"""The containers' logs: what somebody on call needs of each session, and nothing that is anybody's secret."""

import asyncio
import json
import secrets
from typing import Any

import httpx

from tests.support.people import ORDINARY, POLLING, WEBSOCKET, crowd
from tests.support.session import Session
from tests.support.stack import Stack
from tests.support.waiting import PATIENCE, eventually, soon


def said(stack: Stack, message: str, since: int, **about: Any) -> list[dict[str, Any]]:
    """The workers' lines with this message and these facts, parsed."""
    lines = [json.loads(line.text) for line in stack.logs.of("web", since)]
    return [line for line in lines if line["message"] == message and about.items() <= line.items()]


def signs_in(stack: Stack, name: str, code: str) -> int:
    form = {"name": name, "code": code}
    return httpx.post(f"{stack.url}/sign-in", data=form, headers={"Origin": stack.url}).status_code


async def test_a_conversation_leaves_no_secret_in_any_log(stack: Stack) -> None:
    """Its texts, codes, names, cookies and session ids: not while all is well, nor when packets are bad,
    bodies too large or workers killed."""
    since = len(stack.logs.lines)
    text, code = f"text-{secrets.token_hex(8)}", f"code-{secrets.token_hex(8)}"
    names = [f"name-{secrets.token_hex(4)}" for _ in range(6)]
    cookies = stack.sign_in(*names)
    assert await asyncio.to_thread(signs_in, stack, names[0], code) == 303
    sids = []
    async with crowd(stack.url, *[ORDINARY, POLLING, WEBSOCKET] * 2, cookies=cookies) as people:
        for person in people:
            await person.says(text)
        for person in people:
            await person.hears(text)
        sids = [person.sid for person in people]
        session = Session(stack.url).joins()
        sids.append(session.sid)
        assert session.posts(f'42["message","{text}",{{}},"{code}"]').status_code == 200
        assert session.posts("x" * 70_000).status_code == 413
        assert session.posts(f'42["connect","{text}"]').status_code == 400
        assert session.posts(f'42["message","{text}"]').status_code == 400
        assert session.polls().status_code == 400
        route, worker = next(iter(stack.workers().items()))
        theirs = [person for person in people if person.route == route]
        await asyncio.to_thread(worker.kill)
        await soon(
            lambda: all(each.is_here and each.sid not in ("", *sids) for each in theirs),
            what="they come back",
        )
        sids += [person.sid for person in people]
    eventually(lambda: said(stack, "Session closed", since), what="the end is logged")
    lines = [line.text for line in stack.logs.lines[since:]]
    assert all(sids)
    for secret in (text, code, *names, *cookies, *sids, *(sid[32:] for sid in sids)):
        assert [line for line in lines if secret in line] == []


async def test_a_session_can_be_followed_from_its_clients_address_to_its_end(stack: Stack) -> None:
    """nginx logs the request that began it under the id that the worker names."""
    since = len(stack.logs.lines)
    (cookie,) = stack.sign_in("Ana")
    async with crowd(stack.url, ORDINARY, cookies=[cookie]) as (ana,):
        person = (await ana.asks("rooms"))["you"]["id"]
        await soon(lambda: ana.transport == "websocket", what="the upgrade")
    eventually(lambda: said(stack, "Signed in", since, person=person), what="signing in is logged")
    assert len(said(stack, "Signed in", since, person=person)) == 1
    (opened,) = eventually(lambda: said(stack, "Session opened", since, person=person), what="it is logged")
    assert opened["transport"] in ("polling", "websocket")  # clients differ in what they do first
    (closed,) = eventually(
        lambda: said(stack, "Session closed", since, session=opened["session"]), what="the end is logged"
    )
    assert (closed["transport"], closed["reason"]) == ("websocket", "client disconnect")
    assert 0 <= closed["seconds"] < PATIENCE

    def began() -> list[dict[str, Any]]:
        lines = [line.text for line in stack.logs.of("nginx", since) if line.text.startswith("{")]
        return [each for each in map(json.loads, lines) if each["request_id"] == opened["request"]]

    (handshake,) = eventually(began, what="nginx logs the handshake")
    assert (handshake["path"], handshake["status"]) == ("/sio/socket.io/", 200)
    assert handshake["client"]


def test_bad_packets_cost_a_session_a_bounded_number_of_short_lines(stack: Stack) -> None:
    """Of its worker three: that it began, that its input was bad, and why it ended."""
    since = len(stack.logs.lines)
    for bad in (
        '42["connect",1]',
        "4nonsense",
        "451-[{}]\x1e3\x1e40",
        "b" * 100,
        "42" + "[" * 5000,
        "\x1e".join(["9"] * 50),
    ):
        session = Session(stack.url).joins()
        for _ in range(20):
            assert session.posts(bad).status_code == 400
    eventually(lambda: len(said(stack, "Session closed", since)) == 6, what="each end is logged")
    lines = stack.logs.of("web", since)
    assert len(lines) <= 3 * 6 + 4, "and each kind of bad request once in the worker's life"
    assert max(len(line.text) for line in lines) < 400


def test_a_refused_connect_is_logged_with_its_reason_once_a_session(stack: Stack) -> None:
    since = len(stack.logs.lines)
    session = Session(stack.url)
    for _ in range(10):
        session.posts('40{"name":""}')
    (refused,) = eventually(lambda: said(stack, "Connect refused", since), what="it is logged")
    assert refused["reason"] == "empty"
