"""An erased name goes from edits, reactions and replies as it goes from messages."""

from tests.unit.chat.events.changing import watching
from tests.unit.chat.events.guarded import somebody
from tests.unit.chat.http.erasing import GONE, erases, everything, is_done
from tests.unit.chat.http.linked import Browser
from tests.unit.wire import Chat

ROOM = "erase-changes"


async def test_the_name_goes_from_edits_reactions_and_replies(moderated: Chat, mia: Browser) -> None:
    """Those who are here see what those see who come later, and reactions are counted as before."""
    people = [await somebody(moderated, name) for name in (GONE, "Ben")]
    gone, ben = [await watching(each.client, ROOM) for each in people]
    first = await gone.says("frist")
    second = await ben.says("an answer", reply=first)
    await gone.asks("edit", **first, text="first")
    await gone.asks("react", **second, emoji="👍", on=True)
    await gone.says("a last one", reply=second)
    before = await ben.asks("history", limit=200)
    await erases(mia, gone.id)
    await is_done(moderated, gone.id)
    assert GONE not in await everything(moderated)
    nobody = {"id": gone.id, "name": ""}
    assert (await ben.asks("reactions", **second))["reactions"][0]["people"] == [nobody]
    assert (await ben.message(2))["reply"] == {**first, "author": nobody}
    assert (await ben.message(5))["reply"] == {**second, "author": {"id": ben.id, "name": "Ben"}}
    notice = await ben.has(before["head"] + 1)
    assert notice["erases"] == [1, 3, 4, 5]
    for seq in 1, 2, 5:
        assert ben.shown.messages[seq] == await ben.message(seq)
