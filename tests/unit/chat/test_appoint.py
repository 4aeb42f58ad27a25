"""Roles from the command line."""

from typing import Any

import pytest
from chat.appoint import NotDone, appoint, main
from chat.domain.audit import Audit
from chat.domain.people import Person
from chat.domain.roles import MODERATOR, OWNER
from chat.people.person_record import PersonRecord
from chat.people.roles import Roles
from relay import Relay


class Shell:
    """The shell of whoever runs a chat in which some people are known."""

    def __init__(self) -> None:
        self.chat: Any = Relay.in_memory()
        self.known = 0

    async def knows(self, *names: str) -> list[str]:
        """Their ids."""
        ids = []
        for name in names:
            self.known += 1
            ids.append(f"{self.known:016x}")
            await self.chat.records.change(ids[-1], PersonRecord(name, "guest", self.known).put(ids[-1]))
        return ids

    async def appoints(self, role: str, name: str = "", id: str = "") -> str:
        return await appoint(self.chat, 365, role, name, id)

    async def who(self) -> dict[Person, str]:
        roles = Roles(self.chat.records, 365, self.chat.disconnect_group)
        return {each.person: each.role for each in await roles.all()}


async def test_while_there_is_no_owner_there_is_a_link_for_one() -> None:
    shell = Shell()
    [ana] = await shell.knows("Ana")
    assert (await shell.appoints(OWNER)).startswith("/ticket/")
    await shell.appoints(OWNER, "Ana")
    assert await shell.appoints(OWNER) == ""
    assert await shell.who() == {Person(ana, "Ana"): OWNER}


async def test_the_person_of_a_name_gets_the_role() -> None:
    """It is written down, as by whoever has the shell."""
    shell = Shell()
    [ana, _] = await shell.knows("Ana", "Ben")
    assert await shell.appoints(MODERATOR, "Ana") == "Ana has the role moderator now."
    assert await shell.who() == {Person(ana, "Ana"): MODERATOR}
    [done] = (await Audit(shell.chat.store).page())["entries"]
    assert (done["what"], done["by"]["name"], done["person"]["id"]) == (
        "make moderator",
        "make moderator",
        ana,
    )


async def test_where_several_have_the_name_one_is_chosen_by_id() -> None:
    shell = Shell()
    one, other = await shell.knows("Ana", "Ana")
    with pytest.raises(NotDone) as asked:
        await shell.appoints(MODERATOR, "Ana")
    assert all(f"ID={each}" in str(asked.value) for each in (one, other))
    await shell.appoints(MODERATOR, "Ana", other)
    assert await shell.who() == {Person(other, "Ana"): MODERATOR}


async def test_for_a_name_that_nobody_has_there_is_a_link() -> None:
    """Not for an owner: whoever opened it would have the chat."""
    shell = Shell()
    assert (await shell.appoints(MODERATOR, "Ana")).startswith("/ticket/")
    with pytest.raises(NotDone, match="come in once before"):
        await shell.appoints(OWNER, "Ana")


async def test_the_only_owner_does_not_become_less() -> None:
    shell = Shell()
    await shell.knows("Ana")
    await shell.appoints(OWNER, "Ana")
    with pytest.raises(NotDone, match="only owner"):
        await shell.appoints(MODERATOR, "Ana")


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "said"),
    [
        ([], {}, 1, "python -m chat.appoint"),
        (["king", "Ana"], {}, 1, "python -m chat.appoint"),
        (["owner"], {}, 1, "keeps its people in its own process"),
        (["owner"], {"PORT": "x"}, 2, "PORT"),
        (["moderator", "Ana"], {"REDIS_URL": "redis://127.0.0.1:1/0"}, 1, "Redis"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    arguments: list[str],
    environment: dict[str, str],
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Any,
) -> None:
    monkeypatch.setenv("CLIENT_BUNDLE", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(arguments) == status
    assert said in capsys.readouterr().err
