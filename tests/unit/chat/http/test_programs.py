"""The page of programs: moderators make tokens, replace and end them."""

import re
from typing import Any

import pytest
from chat.people.program import MOST
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.http.linked import ACCESS_CODE, Browsers
from tests.unit.chat.http.programming import (
    id_in,
    is_put_out,
    listed,
    makes_a_token,
    refused,
    runs,
    token_of,
)
from tests.unit.visitors import sign_in
from tests.unit.wire import Chat, Log


async def test_a_program_comes_in_by_its_token_alone(closed: Chat, browsers: Browsers, log: Log) -> None:
    """It is the same one each time, and no log has the token."""
    mia = await browsers.moderator(closed)
    token = await makes_a_token(mia, "Hawk <bot>")
    [(name, said)] = listed(await mia.opens("/programs")).items()
    assert name == "Hawk <bot>"
    assert re.fullmatch("Never here · token made by Mia, . s ago · good as long as it is used", said)
    for _ in range(2):
        program = await runs(closed, token)
        assert await program.who() == {"id": id_in(token), "name": "Hawk <bot>", "program": True}
        await program.disconnect()
    assert not [line for line in log.lines if token.rpartition("_")[2] in line]


async def test_a_token_is_shown_once(closed: Chat, browsers: Browsers) -> None:
    mia = await browsers.moderator(closed)
    page = await mia.http.post("/programs", data={"name": "Bot", "days": "7"})
    assert page.headers["cache-control"] == "no-store"
    token = token_of(page)
    list_ = await mia.opens("/programs")
    assert token.rpartition("_")[2] not in list_.text
    assert listed(list_)["Bot"].endswith("· ends in 7 d")


async def test_a_token_that_is_ended_disconnects_its_program(closed: Chat, browsers: Browsers) -> None:
    """That one alone, and for good. It is written down who did it."""
    mia = await browsers.moderator(closed)
    token, other = await makes_a_token(mia, "Bot"), await makes_a_token(mia, "Other")
    program, stays = await runs(closed, token), await runs(closed, other)
    form = {"program": id_in(token)}
    assert (await mia.http.post("/programs/end", data=form)).headers["location"] == "/programs"
    await is_put_out(program)
    assert stays.sio.connected
    assert (await refused(closed, {"token": token}))["reason"] == "wrong_token"
    assert list(listed(await mia.opens("/programs"))) == ["Other"]
    assert (await mia.http.post("/programs/end", data=form)).status_code == 303, "once more does nothing"
    assert mia.tab is not None
    done = (await mia.tab.asks("audit", {}))["entries"]
    assert [each["what"] for each in done] == ["end program", "program", "program", "moderate"]
    assert done[0]["person"] == {"id": id_in(token), "name": "Bot"}
    assert token.rpartition("_")[2] not in str(done)


async def test_another_token_disconnects_who_has_the_old_one(closed: Chat, browsers: Browsers) -> None:
    """And the program is who it was."""
    mia = await browsers.moderator(closed)
    token = await makes_a_token(mia, "Bot", days=30)
    program = await runs(closed, token)
    another = token_of(await mia.http.post("/programs/renew", data={"program": id_in(token)}))
    await is_put_out(program)
    assert another != token
    assert (await refused(closed, {"token": token}))["reason"] == "wrong_token"
    assert (await (await runs(closed, another)).who())["id"] == id_in(token)
    assert "ends in 30 d" in listed(await mia.opens("/programs"))["Bot"]
    gone = await mia.http.post("/programs/renew", data={"program": "nobody"})
    assert (gone.status_code, gone.headers["location"]) == (303, "/programs")


async def test_nobody_is_disconnected_who_is_no_program(closed: Chat, browsers: Browsers) -> None:
    """By a form that names a person instead."""
    mia, ana = await browsers.moderator(closed), await browsers.of(closed, "Ana", code=ACCESS_CODE)
    assert ana.tab is not None
    for path in ("/programs/end", "/programs/renew"):
        form = {"program": (await ana.who())["id"]}
        assert (await mia.http.post(path, data=form)).headers["location"] == "/programs"
    await ana.tab.who()
    assert ana.tab.sio.connected


async def test_only_moderators_make_and_see_programs(closed: Chat, browsers: Browsers) -> None:
    ana, stranger = browsers.new(closed), browsers.new(closed)
    await sign_in(ana.http, name="Ana", code=ACCESS_CODE)
    for who, status in ((ana, 403), (stranger, 303)):
        answers = [
            await who.opens("/programs"),
            await who.http.post("/programs", data={"name": "Bot", "days": "7"}),
            await who.http.post("/programs/renew", data={"program": "x"}),
            await who.http.post("/programs/end", data={"program": "x"}),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
    evil = await ana.http.post("/programs", data={}, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Please give a name"),
        ({"name": "x" * 41}, "too long"),
        ({"name": "Mia"}, "A moderator has this name"),
        ({"days": "366"}, "whole number from 0 to 365"),
        ({"days": ""}, "whole number"),
    ],
)
async def test_a_program_that_cannot_be_is_refused(
    closed: Chat, browsers: Browsers, wrong: dict[str, str], said: str
) -> None:
    """The form keeps the name that was typed, and nothing is made or written down."""
    mia = await browsers.moderator(closed)
    answer = await mia.http.post("/programs", data={"name": "Bot", "days": "7", **wrong})
    assert answer.status_code in (400, 403)
    assert said in answer.text
    assert f'value="{wrong.get("name", "Bot")}"' in answer.text
    assert listed(answer) == {}
    assert mia.tab is not None
    assert [each["what"] for each in (await mia.tab.asks("audit", {}))["entries"]] == ["moderate"]


async def test_there_are_so_many_programs(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST == 100
    monkeypatch.setattr("chat.people.programs.MOST", 2)
    mia = await browsers.moderator(closed)
    tokens = [await makes_a_token(mia, name) for name in ("One", "Two")]
    full = await mia.http.post("/programs", data={"name": "Three", "days": "7"})
    assert (full.status_code, "There are 2 programs" in full.text) == (400, True)
    await mia.http.post("/programs/end", data={"program": id_in(tokens[0])})
    await makes_a_token(mia, "Three")


async def test_what_redis_did_not_answer_is_done_once(
    closed: Chat, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program is not made twice, and who was connected is put out although the first try had ended the
    token."""
    mia = await browsers.moderator(closed)
    change = MemoryRecords.change
    broken: list[str] = []

    async def written_and_lost(records: MemoryRecords, owner: str, *changes: Any, **expected: Any) -> bool:
        done = await change(records, owner, *changes, **expected)
        if not broken:
            broken.append(owner)
            raise LogUnavailable("The answer was lost.")
        return done

    monkeypatch.setattr(MemoryRecords, "change", written_and_lost)
    token = await makes_a_token(mia)
    assert broken == [id_in(token)]
    assert len(listed(await mia.opens("/programs"))) == 1
    program = await runs(closed, token)
    broken.clear()
    await mia.http.post("/programs/end", data={"program": id_in(token)})
    await is_put_out(program)


async def test_a_program_has_no_way_back_by_a_link(closed: Chat, browsers: Browsers) -> None:
    """Whoever had it would be the program, after its token has ended too."""
    mia = await browsers.moderator(closed)
    token = await makes_a_token(mia)
    answer = await mia.http.post(f"/people/{id_in(token)}/ticket")
    assert answer.status_code == 403
    assert "A program has no role, and no way back." in answer.text
