"""Everybody says everything about a private room, and is answered as docs/protocol.md has it."""

from typing import Any

from tests.unit.chat.events.guarded import Somebody, device, made_up, private_room, somebody
from tests.unit.chat.events.moderated import CODE
from tests.unit.chat.events.test_protocol_documented import WORD, rows
from tests.unit.visitors import browser, sign_in
from tests.unit.wire import Chat, Client

COLUMNS = ["maker", "member", "moderating member", "moderator", "else"]


async def moderator(chat: Chat, name: str) -> Somebody:
    """A moderator with a cookie, who is known here."""
    one = await somebody(chat, name)
    async with browser(chat) as visitor:
        visitor.cookies["tertulia"] = one.cookie
        await sign_in(visitor, name=name)
        await visitor.post("/moderate", data={"code": CODE})
        await one.client.disconnect()
        return await device(chat, visitor.cookies.get("tertulia", domain="127.0.0.1") or "")


def arguments_of(event: str, room: str, seq: int, person: str) -> list[Any]:
    """What makes sense of each event, and changes nothing for the next one."""
    options = {"room": room, "typing": True, "person": person, "title": "Plans", "seq": seq, "id": "said-1"}
    options |= {"epoch": "", "level": "all", "locked": False, "seconds": 0}
    if event == "message":
        return ["hello", {"room": room}]
    if event == "purge":
        return [{"room": room}]
    return [options]


async def test_everybody_is_answered_as_documented(moderated: Chat) -> None:
    ana, ben, cem, dan, eve = [
        await somebody(moderated, name) for name in ("Ana", "Ben", "Cem", "Dan", "Eve")
    ]
    mia, max_ = await moderator(moderated, "Mia"), await moderator(moderated, "Max")
    room = await private_room(ana, ben, mia, dan)
    assert (await ana.asks("remove", {"room": room, "person": dan.id}))["ok"]
    said = await ben.client.say("ours", {"room": room, "id": "said-1"})
    guest = await moderated.client("websocket", auth={"name": "Gus"})
    program = await moderated.client("websocket", auth={"name": "Pam", "admin": CODE})
    who: dict[str, list[Client]] = {
        "maker": [ana.client],
        "member": [ben.client],
        "moderating member": [mia.client],
        "moderator": [max_.client, program],
        "else": [eve.client, dan.client, guest],
    }
    outside = [*who["moderator"], *who["else"]]
    documented: dict[tuple[str, str], set[str]] = {}
    answered: dict[tuple[str, str], set[str]] = {}
    for events, *cells in rows("### Who is answered what in a private room"):
        for event in WORD.findall(events):
            person = cem.id if event == "invite" else "nobody-here"
            for column, cell in zip(COLUMNS, cells, strict=True):
                documented[event, column] = {WORD.findall(cell)[0]}
            for column in reversed(COLUMNS):  # the members last: what they say changes the room
                answered[event, column] = set()
                for client in who[column]:
                    answer = await client.asks(event, *arguments_of(event, room, said["seq"], person))
                    answered[event, column].add("ok" if answer["ok"] else answer["error"])
                    if client in outside:
                        guess = arguments_of(event, made_up(), said["seq"], person)
                        assert answer == await client.asks(event, *guess), (event, column)
    assert len(documented) > 60
    assert answered == documented
