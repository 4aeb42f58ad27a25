"""Guarded rooms on Redis: who was removed hears nothing more at a worker that missed the order."""

from collections.abc import Collection

import pytest
from relay import Ask, Drop, Expect, LogUnavailable, Put

from tests.stack.relay.worker import Member, Proxy, RedisUnderTest, Worker, Workers, until

HEALED = 10.0
"""Seconds that healing may take. It takes one to three while the machine has nothing else to do."""


class Application:
    """Who has the right to be in the rooms of these workers, which are all guarded."""

    def __init__(self) -> None:
        self.may: set[str] = set()
        self.reachable = True

    def guards(self, worker: Worker) -> None:
        worker.relay.guard(lambda room: True, self._may_stay)

    async def _may_stay(self, room: str, sids: Collection[str]) -> Collection[str]:
        if not self.reachable:
            raise LogUnavailable("who may stay can't be known")
        return self.may.intersection(sids)

    async def member(self, worker: Worker) -> Member:
        member = await worker.connect()
        self.may.add(member.sid)
        await worker.relay.group(member.sid, f"user {member.sid}")
        await worker.relay.join(member.sid, "tea")
        return member

    async def remove(self, worker: Worker, member: Member) -> None:
        """End the right of somebody who is at another worker."""
        self.may.discard(member.sid)
        await worker.relay.remove("tea", group=f"user {member.sid}")


@pytest.fixture
def application() -> Application:
    return Application()


async def test_a_worker_that_dies_after_the_change_has_told_the_others(
    worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends the right and what tells of it is one step. A change that is not made removes nobody."""
    one, other = worker(), worker()
    ana = await other.connect()
    await other.relay.group(ana.sid, "user ana")
    await other.relay.join(ana.sid, "tea")
    for each in (one, other):
        await each.hears()
    await one.relay.records.change("tea", Put("members of tea", "ana", b"", 0, 9))

    async def removes(expected: bytes) -> bool:
        return await one.relay.change_and_remove(
            "tea",
            Drop("members of tea", "ana"),
            group="user ana",
            expect=[Expect("members of tea", "ana", expected)],
        )

    assert not await removes(b"somebody else")
    await one.say("for her")
    await until(lambda: ana.numbers == [1], "she hears")

    def dies(*_: object) -> None:
        raise RuntimeError("the worker dies")

    monkeypatch.setattr(one.relay.manager, "remove_here", dies)
    with pytest.raises(RuntimeError, match="dies"):
        await removes(b"")
    await until(lambda: not other.relay.joined(ana.sid, "tea"), "she is out")
    assert await one.relay.records.read(Ask("tea", "members of tea")) == [{}]


async def test_an_order_that_a_worker_missed_is_made_up_for(
    application: Application, proxy: Proxy, worker: Workers
) -> None:
    """Of two members at the worker that was cut off, one hears what was written since, and one nothing."""
    one, cut_off = worker(), worker(proxy.redis)
    for each in (one, cut_off):
        application.guards(each)
    ana, ben = await application.member(cut_off), await application.member(cut_off)
    for each in (one, cut_off):
        await each.hears()
    await one.say("for both")
    await until(lambda: ana.numbers == ben.numbers == [1], "both hear")
    proxy.cut()
    await application.remove(one, ben)
    await one.say("for one")
    await until(lambda: ana.numbers == [1, 2], "she hears what she missed", within=HEALED)
    await one.say("live again")
    await until(lambda: ana.numbers == [1, 2, 3], "she hears")
    assert ben.numbers == [1]
    assert not cut_off.relay.joined(ben.sid, "tea")


async def test_while_nobody_can_be_asked_nothing_is_delivered(
    application: Application, redis: RedisUnderTest, worker: Workers
) -> None:
    """And nothing is lost by it."""
    one, two = worker(), worker()
    for each in (one, two):
        application.guards(each)
    ana, ben = await application.member(two), await application.member(two)
    for each in (one, two):
        await each.hears()
    await one.say("for both")
    await until(lambda: ana.numbers == ben.numbers == [1], "both hear")
    application.reachable = False
    application.may.discard(ben.sid)  # and the order is never sent
    assert await redis.command("CLIENT", "KILL", "TYPE", "pubsub") >= 2
    await until(lambda: two.relay.manager.guard.doubts("tea"), "the subscription began anew", within=HEALED)
    for number in range(20):
        await one.say(str(number))
        await two.relay.emit_volatile("typing", {}, "tea")
    assert ana.numbers == ben.numbers == [1]
    assert ana.others() == ben.others() == []
    application.reachable = True
    await until(lambda: ana.numbers == [*range(1, 22)], "she hears all", within=HEALED)
    assert ben.numbers == [1]


async def test_nobody_hears_what_was_written_after_they_were_removed(
    application: Application, redis: RedisUnderTest, worker: Workers
) -> None:
    """While subscriptions are killed again and again, and messages go on."""
    one, two = worker(), worker()
    for each in (one, two):
        application.guards(each)
    stays = await application.member(two)
    members = [await application.member(two) for _ in range(20)]
    for each in (one, two):
        await each.hears()
    last: dict[str, int] = {}
    said = 0
    for number, member in enumerate(members):
        if number % 4 == 0:
            await redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        said = await one.say("for those who are left")
        await application.remove(one, member)
        last[member.sid] = said
        said = await one.say("not for the one who went")
    await until(lambda: stays.numbers == [*range(1, said + 1)], "all is told to who stays", within=HEALED)
    for member in members:
        assert member.numbers == [*range(1, len(member.numbers) + 1)]
        assert len(member.numbers) <= last[member.sid]
        assert not two.relay.joined(member.sid, "tea")
