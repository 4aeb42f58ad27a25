"""Who is a moderator is said by the server, and nobody else has a moderator's name."""

import pytest
from socketio.exceptions import ConnectionError as Turned

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import CODE, comes, leave, moderator
from tests.unit.visitors import browser
from tests.unit.wire import Chat


@pytest.mark.parametrize("name", ["Mia", "mia", "Mıa\u0301", "Міа"])
async def test_nobody_takes_a_moderators_name(moderated: Chat, name: str) -> None:
    """By signing in, by changing the name, or as a program; look-alikes neither."""
    mia = await moderator(moderated)
    async with browser(moderated) as eve:
        refused = await eve.post("/sign-in", data={"name": name})
        assert (refused.status_code, "moderator has this name" in refused.text) == (403, True)
        assert (await eve.post("/sign-in", data={"name": "Eve"})).status_code == 303
        assert (await eve.post("/sign-in", data={"name": name})).status_code == 403
        with pytest.raises(Turned):
            await moderated.client(auth={"name": name})
        await eve.post("/moderate", data={"code": CODE})
        assert (await eve.post("/sign-in", data={"name": name})).status_code == 303, "now a moderator"
    await mia.disconnect()


async def test_who_becomes_a_moderator_has_the_name_from_then_on(moderated: Chat) -> None:
    async with browser(moderated) as ina:
        await ina.post("/sign-in", data={"name": "Ina"})
        await ina.post("/moderate", data={"code": CODE})
    answer = await moderated.http.post("/sign-in", data={"name": "Ina"})
    assert answer.status_code == 403


async def test_messages_say_whether_a_moderator_wrote_them(moderated: Chat) -> None:
    """Those that are told, and those that are read."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await mia.say("order")
    await ann.say("hello")
    await soon(lambda: len(ann.heard) == 2, what="both are told")
    messages = (await ann.asks("history", {"room": "lobby"}))["messages"]
    for told in ([about for _, about in ann.heard], messages):
        assert [each["author"].get("moderator") for each in told] == [True, None]
    await leave(ann, mia)
