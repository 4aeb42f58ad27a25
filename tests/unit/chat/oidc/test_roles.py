"""Roles that groups give, and those who were put out."""

import pytest
from chat.domain.roles import MODERATOR, OWNER
from chat.oidc.terms import person_of
from chat.people import provider_session

from tests.unit.chat.http.test_roles import gives, may_moderate, role_link
from tests.unit.chat.oidc.conftest import ChatWith
from tests.unit.chat.oidc.providing import Newcomer, Newcomers
from tests.unit.wire import Chat


@pytest.fixture
async def governed(chat_with: ChatWith) -> Chat:
    """A chat whose roles are given by groups."""
    return await chat_with(oidc_moderators=("order",), oidc_owners=("boss",))


async def owners_in(who: Newcomer) -> int:
    return (await who.opens("/roles")).text.count("Owner")


async def test_a_group_makes_a_moderator_and_its_loss_takes_the_role(
    governed: Chat, newcomer: Newcomers
) -> None:
    """In all browsers of the person, and it is written down."""
    mia, phone = newcomer(governed), newcomer(governed)
    await mia.comes_in("mia-r1", name="Mia Groupwell", groups=["order"])
    assert await may_moderate(mia)
    assert mia.tab is not None
    [done, *_] = (await mia.tab.asks("audit", {}))["entries"]
    assert (done["what"], done["by"]["name"], done["person"]["name"]) == (
        "make moderator",
        "Example",
        "Mia Groupwell",
    )
    await phone.comes_in("mia-r1", groups=[])
    await mia.is_put_out()
    await mia.is_kept()
    for each in (mia, phone):
        assert not await may_moderate(each)


async def test_who_has_the_role_already_is_not_disturbed(governed: Chat, newcomer: Newcomers) -> None:
    mia, phone = newcomer(governed), newcomer(governed)
    await mia.comes_in("mia-r2", groups=["order"])
    await phone.comes_in("mia-r2", groups=["order"])
    assert mia.tab is not None
    assert len((await mia.tab.asks("audit", {}))["entries"]) == 1


async def test_the_last_owner_stays_one(governed: Chat, newcomer: Newcomers) -> None:
    """Also if no group says so any more. Of two, the other one is left."""
    olga, otto = newcomer(governed), newcomer(governed)
    await olga.comes_in("olga-r3", name="Olga Groupwell", groups=["boss"])
    await olga.comes_again("olga-r3", groups=[])
    assert (await olga.who())["moderator"]
    await otto.comes_in("otto-r3", name="Otto Groupwell", groups=["boss"])
    await olga.comes_again("olga-r3", groups=[])
    assert not await may_moderate(olga)
    assert await may_moderate(otto)


async def test_a_role_that_an_owner_gave_stays_where_no_group_gives_any(
    chat: Chat, newcomer: Newcomers
) -> None:
    olga, mia = newcomer(), newcomer()
    await mia.comes_in("mia-r4", name="Mia Handmade", groups=["order"])
    assert not await may_moderate(mia)
    await olga.uses(await role_link(chat, OWNER), name="Olga Handmade")
    await gives(olga, await mia.id(), MODERATOR)
    await mia.comes_again("mia-r4")
    assert await may_moderate(mia)


async def test_who_was_put_out_stays_out(chat: Chat, newcomer: Newcomers) -> None:
    """In whatever browser they sign in, and nothing is kept of the provider's tokens."""
    mia, eve, again = newcomer(), newcomer(), newcomer()
    await mia.uses(await role_link(chat, MODERATOR), name="Mia Outright")
    await eve.comes_in("eve-r5", name="Eve")
    await mia.http.post(f"/people/{await eve.id()}/state", data={"state": "out"})
    await eve.is_put_out()
    records = chat.relay.manager.records
    assert await records.read(provider_session.ask(person_of(eve.provider.issuer, "eve-r5"))) == [{}]
    answer = await again.comes("eve-r5", name="Somebody Else")
    assert (answer.status_code, "put you out of this chat" in answer.text) == (403, True)
    assert "tertulia" not in again.http.cookies
