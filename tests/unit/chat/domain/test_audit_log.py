"""The audit log page by page, the newest first."""

import pytest
from chat.domain.audit import PAGE, Audit
from chat.domain.people import Person
from chat.domain.refusals import Refused
from relay.memory.store import MemoryStore

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
