"""A worker's watch over the programs that are connected to it: it disconnects those that have ended, and
notes when each was here."""

from types import SimpleNamespace
from typing import Any

import pytest
from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.people.program import Token
from chat.people.program_watch import NOTED_EVERY, ProgramWatch
from chat.people.programs import Programs
from relay import LogUnavailable
from relay.memory.records import MemoryRecords

from tests.unit.chat.people.keeping import DAY, MIA, Clock, Keeping, made


class Here:
    """A worker that programs are connected to. `out`: the groups that it has disconnected."""

    def __init__(self, programs: Programs) -> None:
        self.out: list[str] = []

        async def disconnect(group: str) -> None:
            self.out.append(group)

        relay: Any = SimpleNamespace(disconnect_group_here=disconnect)
        self.watch = ProgramWatch(relay, programs)


def identity(token: Token) -> Identity:
    return Identity(Person(token.person, "Bot"), token.digest, program=True)


async def test_a_worker_finds_out_what_has_ended(keeping: Keeping, programs: Programs, clock: Clock) -> None:
    """By hand, by its time, or by a new token: whatever order was lost. Who is no program is not asked
    about."""
    ended, over, renewed, stays = [await made(programs, days=days) for days in (0, 1, 0, 0)]
    here = Here(programs)
    for each in (ended, over, renewed, stays):
        here.watch.came(identity(each))
    here.watch.came(Identity.of(MIA))
    await here.watch.look()
    assert here.out == []
    await programs.end(ended.person)
    await programs.renew(Token.new(renewed.person), MIA)
    clock.after(1)
    await here.watch.look()
    assert sorted(here.out) == sorted([ended.digest, over.digest, renewed.digest])


async def test_when_a_program_was_here_is_noted(keeping: Keeping, programs: Programs, clock: Clock) -> None:
    """Also of one that has gone before the next look; once in ten minutes while it stays."""
    short, long = await made(programs), await made(programs)
    here = Here(programs)
    for each in (short, long):
        here.watch.came(identity(each))
    here.watch.went(identity(short))
    first = int(clock.now * 1000)
    await here.watch.look()
    clock.after(NOTED_EVERY / 1000 / DAY / 2)
    await here.watch.look()
    assert {each.seen for each in await programs.all()} == {first}
    clock.after(NOTED_EVERY / 1000 / DAY)
    await here.watch.look()
    seen = {each.id: each.seen for each in await programs.all()}
    assert seen == {short.person: first, long.person: int(clock.now * 1000)}
    here.watch.went(identity(long))
    for _ in range(2):
        here.watch.came(identity(short))
    here.watch.went(identity(short))
    await here.watch.look()
    await programs.end(short.person)
    await here.watch.look()
    assert here.out == [short.digest], "of two connections one is still here"
    here.out.clear()
    here.watch.went(identity(short))
    await programs.end(long.person)
    await here.watch.look()
    assert here.out == [], "nobody is here any more"


async def test_what_could_not_be_asked_is_asked_again(
    keeping: Keeping, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, here = await made(programs), Here(programs)
    here.watch.came(identity(token))
    here.watch.went(identity(token))
    with monkeypatch.context() as away:
        away.setattr(MemoryRecords, "read", away_now)
        with pytest.raises(LogUnavailable):
            await here.watch.look()
    await here.watch.look()
    assert (await programs.all())[0].seen > 0


async def away_now(*_: object) -> Any:
    raise LogUnavailable("away")
