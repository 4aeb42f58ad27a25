"""Who has which role, and what it takes to change that."""

import asyncio

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import GUEST, MEMBER, MODERATOR, OWNER
from chat.people import person_record
from chat.people.program import Token
from chat.people.programs import Programs
from chat.people.roles import Roles

from tests.unit.chat.people.keeping import Keeping


class Chat:
    """The roles of a chat, and whom the server disconnected."""

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.disconnected: list[str] = []
        self.roles = Roles(keeping.records, 365, self.disconnect)

    async def disconnect(self, group: str) -> None:
        self.disconnected.append(group)

    async def comes(self, name: str, role: str = GUEST) -> str:
        """Somebody who is kept, with this role; their id."""
        cookie = self.keeping.cookie(name)
        await self.keeping.seen(cookie)
        if role != GUEST:
            await self.roles.give(cookie.person.id, role)
        return cookie.person.id

    async def who(self) -> dict[str, str]:
        """Who moderates, by name."""
        return {each.person.name: each.role for each in await self.roles.all()}


@pytest.fixture
def chat(keeping: Keeping) -> Chat:
    return Chat(keeping)


async def test_a_role_is_given_and_taken(chat: Chat) -> None:
    ana, ben = await chat.comes("Ana", OWNER), await chat.comes("Ben")
    assert await chat.who() == {"Ana": OWNER}
    await chat.roles.give(ben, MODERATOR)
    assert await chat.who() == {"Ana": OWNER, "Ben": MODERATOR}
    await chat.roles.give(ben, MEMBER)
    assert await chat.who() == {"Ana": OWNER}
    assert chat.disconnected == [f"clients of {ana}", f"clients of {ben}", f"clients of {ben}"]


async def test_to_give_a_role_again_disconnects_nobody(chat: Chat) -> None:
    ana = await chat.comes("Ana", MODERATOR)
    chat.disconnected.clear()
    await chat.roles.give(ana, MODERATOR)
    assert chat.disconnected == []


async def test_the_only_owner_stays_one(chat: Chat) -> None:
    ana = await chat.comes("Ana", OWNER)
    for role in (MODERATOR, MEMBER):
        with pytest.raises(Refused) as refused:
            await chat.roles.give(ana, role)
        assert refused.value.values["reason"] == "last_owner"
    ben = await chat.comes("Ben", OWNER)
    await chat.roles.give(ana, MEMBER)
    assert await chat.who() == {"Ben": OWNER}
    with pytest.raises(Refused):
        await chat.roles.give(ben, MEMBER)


async def test_two_owners_who_take_each_others_role_at_once_leave_one(chat: Chat) -> None:
    ana, ben = await chat.comes("Ana", OWNER), await chat.comes("Ben", OWNER)
    await asyncio.gather(*(chat.roles.give(each, MEMBER) for each in (ana, ben)), return_exceptions=True)
    assert OWNER in (await chat.who()).values()


async def test_somebody_of_whom_nothing_is_kept_has_no_role(chat: Chat) -> None:
    with pytest.raises(Refused) as refused:
        await chat.roles.give("0" * 16, MODERATOR)
    assert refused.value.values["reason"] == "no_such_person"


async def test_somebody_new_begins_with_a_role(chat: Chat) -> None:
    cookie = chat.keeping.cookie("Ana")
    for _ in range(2):  # a form that is sent twice
        await chat.roles.begin(cookie.person, OWNER)
    assert await chat.who() == {"Ana": OWNER}
    assert await chat.keeping.counts(cookie) == [True]


async def test_a_program_has_no_role(chat: Chat) -> None:
    token = Token.new()
    programs = Programs(chat.keeping.store, chat.keeping.records)
    await programs.make(token, "Bot", 0, chat.keeping.cookie("Mia").person)
    with pytest.raises(Refused) as refused:
        await chat.roles.give(token.person, MODERATOR)
    assert refused.value.values["reason"] == "program_without_role"


async def test_a_guests_logins_last_as_long_as_the_role(chat: Chat) -> None:
    """Or a login would be forgotten beside a record that stays, and count as one that has ended."""
    cookie = chat.keeping.cookie("Ana")
    await chat.keeping.seen(cookie)
    await chat.roles.give(cookie.person.id, MODERATOR)
    chat.keeping.clock.after(40)
    assert await chat.keeping.counts(chat.keeping.again(cookie)) == [True]
    assert await chat.keeping.kept(cookie) == [cookie.login]


async def test_whoever_comes_again_keeps_the_role(chat: Chat) -> None:
    ana = await chat.comes("Ana", MODERATOR)
    (found,) = await chat.keeping.records.read(person_record.ask(ana))
    cookie = chat.keeping.cookie("Ana the second")
    again = Identity(Person(ana, "Ana the second"), "another login", signed=cookie.signed)
    await chat.keeping.seen(again)
    assert await chat.who() == {"Ana the second": MODERATOR}
    assert b"moderator" in found[ana]


async def test_people_are_found_by_their_names(chat: Chat) -> None:
    ids = [await chat.comes("Ana"), await chat.comes("Ana")]
    await chat.comes("Anna")
    assert {person.id for person, _ in await chat.roles.named("Ana")} == {*ids}
