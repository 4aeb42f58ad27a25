"""What every log promises of the rules that keep entries out: a suite beside LogContract."""

import asyncio
import secrets

import pytest
from relay.log.post import Post
from relay.log.rules import Denied, Preconditions, Rule
from relay.log.token_buckets import Limited, TokenBucket

from tests.support.waiting import PATIENCE
from tests.unit.relay.log.log_contract import MakeLog


class RulesContract:
    async def test_a_rule_keeps_an_entry_out(self, make_log: MakeLog) -> None:
        """While it stands, and whoever set it; what was appended before is answered all the same."""
        log = make_log()
        first = await log.append(
            "tea", Post("1", b"x", preconditions=Preconditions(deny=("no ann", "no tea")))
        )
        await log.rules.set("no tea", b"why", 60)
        with pytest.raises(Denied) as denied:
            await log.append("tea", Post("2", b"x", preconditions=Preconditions(deny=("no ann", "no tea"))))
        assert denied.value.rule == "no tea"
        assert denied.value.seconds in (59, 60)
        assert (
            await log.append("tea", Post("1", b"x", preconditions=Preconditions(deny=("no tea",))))
        ).seq == first.seq
        assert (
            await log.append("tea", Post("3", b"x", preconditions=Preconditions(deny=("no milk",))))
        ).seq == 2
        await log.rules.drop("no tea")
        assert (
            await log.append("tea", Post("2", b"x", preconditions=Preconditions(deny=("no tea",))))
        ).seq == 3

    async def test_a_pace_keeps_the_same_one_from_speaking_on(self, make_log: MakeLog) -> None:
        """In that room; at once by twenty tries, one gets through, and the end of the pace ends the wait."""
        log = make_log()

        async def say(room: str, id: str, who: str) -> int | None:
            try:
                await log.append(
                    room, Post(id, b"x", preconditions=Preconditions(slow_mode=f"pace {room}", sender=who))
                )
            except Denied as denied:
                return denied.seconds
            return 0

        assert await say("tea", "free", "ann") == 0
        await log.rules.set("pace tea", b"30")
        waits = await asyncio.gather(*(say("tea", f"ann {n}", "ann") for n in range(20)))
        assert sorted(map(bool, waits)) == [False] + [True] * 19
        assert {wait for wait in waits if wait} <= {29, 30}
        assert [await say("tea", "ben", "ben"), await say("milk", "ann", "ann")] == [0, 0]
        assert await say("tea", "soon", "ann"), "what others say does not end the wait"
        await log.rules.set("pace tea", b"1")
        async with asyncio.timeout(PATIENCE):
            while await say("tea", "later", "ann"):
                await asyncio.sleep(0.05)
        await log.rules.drop("pace tea")
        assert await say("tea", "last", "ann") == 0

    async def test_what_a_rule_keeps_out_takes_no_token(self, make_log: MakeLog) -> None:
        """What passes the rules does; what a bucket keeps out starts no pace; a repetition meets neither."""
        log, preconditions = make_log(), Preconditions(deny=("no tea",), slow_mode="pace", sender="ann")
        bucket = [TokenBucket(secrets.token_hex(4), per_second=0.01, burst=2)]
        first = await log.append("tea", Post("1", b"x", preconditions=preconditions, rates=bucket))
        await log.rules.set("no tea", b"")
        for n in range(5):
            with pytest.raises(Denied):
                await log.append(
                    "tea", Post(f"kept out {n}", b"x", preconditions=preconditions, rates=bucket)
                )
        await log.rules.drop("no tea")
        await log.append("tea", Post("2", b"x", preconditions=preconditions, rates=bucket))
        await log.rules.set("pace", b"30")
        with pytest.raises(Limited):
            await log.append("tea", Post("3", b"x", preconditions=preconditions, rates=bucket))
        await log.append("tea", Post("3", b"x", preconditions=preconditions))
        with pytest.raises(Denied):
            await log.append("tea", Post("4", b"x", preconditions=preconditions, rates=bucket))
        await log.rules.set("no tea", b"")
        again = await log.append("tea", Post("1", b"x", preconditions=preconditions, rates=bucket))
        assert (again.seq, again.duplicate) == (first.seq, True)

    async def test_rules_stand_for_their_time_or_until_dropped(self, make_log: MakeLog) -> None:
        rules = make_log().rules
        await rules.set("brief", b"1", 1)
        await rules.set("lasting", b"\x00 2")
        await rules.set("changed", b"3", 1)
        await rules.set("changed", b"4")
        assert await rules.find(["brief", "none"]) == {"brief": Rule(b"1", 1)}
        assert await rules.find([]) == {}
        async with asyncio.timeout(PATIENCE):
            while await rules.all() != {"lasting": Rule(b"\x00 2", None), "changed": Rule(b"4", None)}:
                await asyncio.sleep(0.05)
        for name in ("brief", "lasting"):
            await rules.drop(name)
        assert await rules.find(["lasting"]) == {}
