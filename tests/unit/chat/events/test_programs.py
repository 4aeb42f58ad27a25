"""Programs that come by a token: people like others, marked as programs, who cannot moderate."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from chat.domain.people import Person
from chat.people import program_watch
from chat.people.program import Token
from chat.people.programs import Programs
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.events.guarded import private_room, somebody
from tests.unit.chat.events.moderated import CODE, moderator
from tests.unit.chat.http.programming import is_put_out, refused, runs
from tests.unit.visitors import cookie_of, enters
from tests.unit.wire import Chat, Client

BOT = Path(__file__).parents[4] / "docs/examples/bot.py"


def programs_of(chat: Chat) -> Programs:
    manager = chat.relay.manager
    return Programs(manager.store, manager.records)


async def token_for(chat: Chat, name: str = "Bot", seconds: int = 0) -> Token:
    token = Token.new()
    await programs_of(chat).make(token, name, seconds, Person("mia", "Mia"))
    return token


async def test_who_hears_a_program_is_told_that_it_is_one(chat: Chat) -> None:
    """With the message, in the history, and among the members of a room."""
    ana = await somebody(chat, "Ana")
    program = await runs(chat, (await token_for(chat)).text)
    await program.say("beep")
    await ana.client.hears("beep")
    author = ana.client.heard[0][1]["author"]
    assert author == {**await program.who(), "program": True}
    await ana.asks("join", {"room": "lobby"})
    assert (await ana.asks("history", {"room": "lobby"}))["messages"][-1]["author"] == author


async def test_members_add_a_program_to_a_private_room(chat: Chat) -> None:
    """It is told, hears the room, and finds it again when it comes back, with how far it had read."""
    ana = await somebody(chat, "Ana")
    room = await private_room(ana)
    token = await token_for(chat)
    program = await runs(chat, token.text)
    told: list[Any] = []
    program.sio.on("invited", told.append)
    assert (await ana.asks("invite", {"room": room, "person": token.person}))["ok"]
    assert (await program.asks("join", {"room": room}))["ok"]
    await ana.client.say("hello, bot", {"room": room})
    await program.hears("hello, bot")
    assert [each["room"] for each in told] == [room]
    members = (await ana.asks("members", {"room": room}))["members"]
    assert members[1] == {"id": token.person, "name": "Bot", "program": True}
    joined = await program.asks("join", {"room": room})
    await program.asks("read", {"room": room, "seq": joined["head"], "epoch": joined["epoch"]})
    await program.asks("join", {"room": "open"})
    await program.disconnect()
    again = await runs(chat, token.text)
    rooms = {each["room"]: each for each in (await again.asks("rooms"))["rooms"]}
    assert set(rooms) == {"lobby", "open", room}
    assert rooms[room]["read"] == joined["head"]


async def test_a_program_cannot_moderate(moderated: Chat) -> None:
    """Not with the moderators' code either, nor by a role that its record has."""
    token = await token_for(moderated)
    refusal = await refused(moderated, {"token": token.text, "admin": CODE})
    assert refusal["error"] == "invalid"
    records = moderated.relay.manager.records
    value, until = records._kept["people"][token.person]
    records._kept["people"][token.person] = value.replace(b'"member"', b'"owner"'), until
    program = await runs(moderated, token.text)
    assert (await program.asks("lock", {"room": "tea", "locked": True}))["error"] == "forbidden"
    assert "moderator" not in await program.who()


@pytest.mark.parametrize("besides", [{"name": "Ana"}, {"code": "x"}, {"admin": "x"}])
async def test_a_token_says_all_that_there_is_to_say(chat: Chat, besides: dict[str, str]) -> None:
    token = await token_for(chat)
    assert (await refused(chat, {"token": token.text, **besides}))["error"] == "invalid"


@pytest.mark.parametrize("token", ["", "none", 7, ["a"], {"a": 1}, True])
async def test_what_is_no_token_lets_nobody_in(chat: Chat, token: Any) -> None:
    """Nor as a guest, who would be somebody else each time."""
    refusal = await refused(chat, {"token": token})
    assert (refusal["error"], refusal["reason"]) == ("wrong_code", "wrong_token")


async def test_a_token_counts_before_a_cookie(chat: Chat) -> None:
    token = await token_for(chat)
    client = Client(["websocket"])
    await chat.connect(client, cookie=await cookie_of(chat, "Ana"), auth={"token": token.text})
    assert (await client.who())["id"] == token.person


async def test_programs_with_a_name_come_as_before(chat: Chat) -> None:
    program = await chat.client("websocket", auth={"name": "Old", "token": None})
    assert set(await program.who()) == {"id", "name"}
    await program.say("still here")
    assert program.heard[0][1]["author"].keys() == {"id", "name"}


async def test_a_moderator_bans_and_mutes_a_program_as_anybody(moderated: Chat) -> None:
    mia, token = await moderator(moderated), await token_for(moderated)
    program = await runs(moderated, token.text)
    await mia.asks("mute", {"person": token.person, "seconds": 60})
    assert (await program.say("beep"))["error"] == "muted"
    await mia.asks("ban", {"person": token.person, "seconds": 60})
    await is_put_out(program)
    assert (await refused(moderated, {"token": token.text}))["error"] == "banned"


async def test_what_has_ended_is_found_out_without_an_order(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its broadcast was lost, or its time is over."""
    monkeypatch.setattr(program_watch, "LOOKED_EVERY", 0.05)
    token, stays = await token_for(chat), await token_for(chat, "Other")
    program, other = await runs(chat, token.text), await runs(chat, stays.text)
    await programs_of(chat).end(token.person)
    await is_put_out(program)
    assert other.sio.connected


async def test_one_that_is_ended_while_it_connects_does_not_get_in(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its token was looked up, and before it is known to be here."""
    token, programs = await token_for(chat), programs_of(chat)
    find = Programs.find

    async def found_and_ended(self: Programs, *given: Any) -> Any:
        found = await find(self, *given)
        await programs.end(token.person)
        return found

    monkeypatch.setattr(Programs, "find", found_and_ended)
    assert (await refused(chat, {"token": token.text}))["reason"] == "wrong_token"


async def test_while_redis_is_away_no_token_can_be_checked(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_for(chat)

    async def away(*_: object) -> Any:
        raise LogUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(MemoryRecords, "read", away)
        assert (await refused(chat, {"token": token.text}))["error"] == "unavailable"
    await runs(chat, token.text)


async def test_a_program_has_limits_of_its_own(strict: Chat) -> None:
    """What the people at its address have sent is not counted for it, nor the other way round."""
    people = [await enters(strict, f"person {n}") for n in range(3)]
    for each in people[:2]:
        assert [(await each.say(str(n)))["ok"] for n in range(3)] == [True] * 3
    assert (await people[2].say("too much at this address"))["error"] == "rate_limited"
    program = await runs(strict, (await token_for(strict)).text)
    assert [(await program.say(str(n)))["ok"] for n in range(4)] == [True] * 3 + [False]


async def test_a_program_may_poll(chat: Chat) -> None:
    """The token is in the packet, not in an address."""
    program = await chat.client("polling", auth={"token": (await token_for(chat)).text})
    assert (await program.who())["program"]


async def test_the_example_of_a_bot_says_something(chat: Chat) -> None:
    ana = await enters(chat, "Ana", "lobby")
    token = await token_for(chat)
    environment = {**os.environ, "CHAT": chat.url, "TOKEN": token.text}
    bot = await asyncio.create_subprocess_exec(sys.executable, BOT, "It", "is", "done.", env=environment)
    assert await bot.wait() == 0
    await ana.hears("It is done.")
    assert ana.heard[0][1]["author"]["id"] == token.person
