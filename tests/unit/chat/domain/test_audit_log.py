"""The audit log page by page, the newest first."""

import json

import pytest
from chat.domain.audit import PAGE, Audit
from chat.domain.people import Person
from chat.domain.refusals import Refused
from relay.memory.store import MemoryStore

from tests.unit.chat.events.moderated import CODE, comes, leave, moderator
from tests.unit.wire import Chat

MIA = Person("m1", "Mia")


@pytest.fixture
def audit() -> Audit:
    return Audit(MemoryStore())


async def noted(audit: Audit, count: int) -> None:
    for number in range(count):
        await audit.note("lock", MIA, "192.0.2.1", room=f"room-{number}")


async def test_a_full_page_that_is_all_says_so(audit: Audit) -> None:
    await noted(audit, PAGE)
    page = await audit.page()
    assert (len(page["entries"]), page["more"]) == (PAGE, False)
    assert page["entries"][0]["room"] == f"room-{PAGE - 1}"


async def test_the_next_page_begins_where_the_last_one_ended(audit: Audit) -> None:
    await noted(audit, PAGE + 1)
    page = await audit.page()
    assert (len(page["entries"]), page["more"]) == (PAGE, True)
    rest = await audit.page(page["entries"][-1]["id"])
    assert ([entry["room"] for entry in rest["entries"]], rest["more"]) == (["room-0"], False)


async def test_what_lasts_is_listed_with_its_end(audit: Audit) -> None:
    """In milliseconds since 1970, as its time."""
    await audit.note("ban", MIA, "192.0.2.1", seconds=60)
    await audit.note("ban", MIA, "192.0.2.1")
    lasting, ending = (await audit.page())["entries"]
    assert ending["until"] == ending["at"] + 60_000
    assert ending["by"] == {"id": "m1", "name": "Mia", "address": "192.0.2.1"}
    assert "seconds" not in ending
    assert "until" not in lasting


@pytest.mark.parametrize("before", ["1", "1-", "-1", "1-1-1", 7, "a-1", {}])
async def test_a_page_before_what_is_no_entry_is_refused(audit: Audit, before: object) -> None:
    with pytest.raises(Refused):
        await audit.page(before)


async def test_all_of_it_is_listed_without_what_was_said(moderated: Chat) -> None:
    """Who, from where, what, whom, until when; the last first."""
    ann, mia = await comes(moderated, "Ann"), await moderator(moderated)
    await ann.say("very secret", {"id": "one"})
    who = await ann.who()
    await mia.asks("delete", {"room": "lobby", "seq": 1, "id": "one"})
    await mia.asks("mute", {"person": who["id"], "name": "Ann", "seconds": 600})
    await mia.asks("lift", {"kind": "mute", "person": who["id"]})
    await mia.asks("lock", {"room": "lobby", "locked": True})
    await mia.asks("slow", {"room": "lobby", "seconds": 5})
    answer = await mia.asks("audit")
    entries = answer["entries"]
    assert [entry["what"] for entry in entries] == ["slow", "lock", "lift mute", "mute", "delete"]
    assert entries[0]["pace"] == 5
    assert entries[3]["until"] == entries[3]["at"] + 600_000
    assert entries[3]["person"] == {"id": who["id"], "name": "Ann"}
    assert (entries[4]["person"], entries[4]["room"], entries[4]["seq"]) == (who, "lobby", 1)
    you = await mia.who()
    by = {"id": you["id"], "name": "Mia", "address": "127.0.0.1"}
    assert [entry["by"] for entry in entries] == [by] * 5
    assert "secret" not in json.dumps(answer)
    assert CODE not in json.dumps(answer)
    older = await mia.asks("audit", {"before": entries[3]["id"]})
    assert [entry["what"] for entry in older["entries"]] == ["delete"]
    assert (await mia.asks("audit", {"before": "+"}))["error"] == "invalid"
    await leave(ann, mia)


async def test_names_are_kept_as_utf8(moderated: Chat) -> None:
    """Escaped, an emoji takes three times its bytes."""
    mia = await moderator(moderated)
    assert (await mia.asks("mute", {"person": "somebody", "name": "Ann 🐢"}))["ok"]
    manager = moderated.relay.manager
    [rule] = (await manager.log.rules.all()).values()
    [note] = await manager.store.notes("audit", None, 1)
    assert "Ann 🐢".encode() in rule.value
    assert "Ann 🐢".encode() in note.what
    await leave(mia)
