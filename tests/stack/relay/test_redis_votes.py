"""Votes and amendments by posts on Redis: all of a change is kept or nothing, and what is gone leaves
nothing."""

import asyncio
from itertools import pairwise

import pytest
from relay.log.amendments import Amendment
from relay.log.log import LogFull, Voted
from relay.log.post import Post
from relay.log.votes import Tally, Vote, Voter
from relay.redis.link import Link
from relay.redis.log import RedisLog
from relay.redis.names import Names

from tests.stack.relay.worker import RedisUnderTest
from tests.unit.relay.log.log_contract import filled
from tests.unit.relay.log.voting import Voting


async def kept(redis: RedisUnderTest) -> dict[bytes, bytes]:
    """Everything that Redis has, by key."""
    return {key: await redis.command("DUMP", key) for key in sorted(await redis.command("KEYS", "*"))}


async def test_a_full_redis_takes_no_vote_and_no_edit_and_nothing_of_them(
    redis: RedisUnderTest, link: Link
) -> None:
    """Not taken back either. A repetition gets its answer, and a name can be forgotten."""
    log = await filled(redis.log(link), 2)
    voting = Voting(log)
    await voting.cast(1, "👍", "ann", id="first")
    before = await kept(redis)
    await redis.limit(1_000_000)
    try:
        for key, voter, off in (("👍", "ben", False), ("👎", "ann", False), ("👍", "ann", True)):
            with pytest.raises(LogFull):
                await voting.cast(1, key, voter, off=off)
        with pytest.raises(LogFull):
            await log.amend_by("tea", [Amendment(2, "2", b"longer than before")], Post("edit", b"x"))
        assert await kept(redis) == before
        again = await voting.cast(1, "👍", "ann", id="first")
        assert again.duplicate
        assert again.appended is not None
        assert again.appended.seq == 3
        assert await voting.cast(1, "👍", "ann") == Voted(None, 1)
        await log.forget_voter("tea", "ann")
    finally:
        await redis.limit(0)
    assert await log.voters("tea", 1) == [Voter("👍", "ann", "")]
    assert (await voting.cast(1, "👍", "ben")).count == 2


async def test_a_vote_that_reaches_redis_twice_counts_once(redis: RedisUnderTest, link: Link) -> None:
    """As after a connection that breaks before the reply: the same vote and post, sent again."""
    log = await filled(redis.log(link), 1)
    vote, post = Vote(1, "1", "👍", "ann", "Ann", True), Post("vote", b"{}", author="ann")
    answers = await asyncio.gather(*(log.vote("tea", vote, post) for _ in range(9)))
    assert [answer.count for answer in answers] == [1] * 9
    assert {answer.appended.seq for answer in answers if answer.appended} == {2}
    assert sum(not answer.duplicate for answer in answers) == 1


async def test_votes_survive_a_kill(redis: RedisUnderTest, link: Link) -> None:
    log = await filled(redis.log(link), 20)
    for voter in ("ann", "ben"):
        await Voting(log).cast(7, "👍", voter, id=voter)
    before = await log.read("tea")
    await redis.docker("kill", "--signal=KILL")
    await redis.docker("start")
    await redis.ready()
    assert await log.read("tea") == before
    assert before.entries[6].tally == (Tally("👍", 2, 21),)
    assert [voter.id for voter in await log.voters("tea", 7)] == ["ann", "ben"]


async def test_taking_all_back_leaves_nothing_of_them(redis: RedisUnderTest, link: Link) -> None:
    log, names = await filled(redis.log(link), 2), Names(redis.prefix).of("tea")
    voting = Voting(log)
    for off in (False, True):
        for seq, key, voter in ((1, "a", "ann"), (1, "b", "ann"), (2, "a", "ben")):
            await voting.cast(seq, key, voter, off=off)
    assert await redis.command("EXISTS", names.tallies, names.votes, names.voters) == 0


async def test_a_cleared_room_leaves_no_votes(redis: RedisUnderTest, link: Link) -> None:
    log, names = await filled(redis.log(link), 2), Names(redis.prefix).of("tea")
    await Voting(log).cast(1, "a", "ann")
    await log.clear("tea")
    left = [key.decode() for key in await redis.command("KEYS", "*")]
    assert [key for key in left if key.endswith(":tea")] == []
    assert names.votes.endswith(":tea")


async def test_trimming_takes_votes_step_by_step(redis: RedisUnderTest, link: Link) -> None:
    """Many voted for one entry. When it goes, no append removes all of them at once, and soon none is
    left."""
    log, names = RedisLog(link, Names(redis.prefix), keep=10, dedup_ttl=60), Names(redis.prefix).of("tea")
    voting = Voting(await filled(log, 1))
    for voter in range(70):
        await voting.cast(1, "👍", f"voter{voter}")
    left = [70]
    for number in range(300):
        await log.append("tea", Post(f"later {number}", b"x"))
        left.append(await redis.command("ZCARD", names.votes))
    assert left[-1] == 0
    assert max(before - after for before, after in pairwise(left)) == 50
    assert await redis.command("EXISTS", names.tallies, names.votes, names.voters) == 0


async def test_a_vote_for_an_entry_that_it_trims_leaves_nothing(redis: RedisUnderTest, link: Link) -> None:
    """What is left below the oldest entry would take the place of others' tallies when a page is read."""
    log, names = RedisLog(link, Names(redis.prefix), keep=10, dedup_ttl=60), Names(redis.prefix).of("tea")
    [oldest] = (await (await filled(log, 1)).read("tea")).entries
    trimmed = 0
    for number in range(300):
        vote = Vote(oldest.seq, oldest.id, "👍", "ann", "Ann", number % 2 == 0)
        await log.vote("tea", vote, Post(f"vote {number}", b"{}"))
        [first] = (await log.read("tea", after=0, limit=1)).entries
        trimmed += first.seq > oldest.seq
        oldest = first
        tallies = await redis.command("ZRANGE", names.tallies, "-inf", f"({oldest.seq}", "BYSCORE")
        assert tallies == []
    assert trimmed >= 2


async def test_an_entry_that_its_own_amendment_trims_is_gone(redis: RedisUnderTest, link: Link) -> None:
    """The notice is kept, and the entry does not come back."""
    log, count = RedisLog(link, Names(redis.prefix), keep=10, dedup_ttl=60), 0
    while not count or (await log.read("tea", after=0, limit=1)).entries[0].seq == 1:
        count += 1
        await log.append("tea", Post(str(count), b"x"))
    await log.clear("tea")
    await filled(log, count - 1)
    notice = await log.amend_by("tea", [Amendment(1, "1", b"new")], Post("notice", b"x"))
    page = await log.read("tea", after=0)
    assert (notice.seq, page.entries[-1].seq) == (count, count)
    assert page.entries[0].seq > 1


async def test_numbers_of_a_large_log_stay_whole(redis: RedisUnderTest, link: Link) -> None:
    """Redis' scripts count in floating point, which has 53 bits, and print 14 digits unless told
    otherwise."""
    log, top = await filled(redis.log(link), 1), 10**15 + 7
    await redis.command("HSET", Names(redis.prefix).of("tea").head, "seq", str(top))
    appended = await log.append("tea", Post("new", b"x"))
    assert appended.seq == top + 1
    vote = Vote(top + 1, "new", "👍", "ann", "Ann", True)
    assert (await log.vote("tea", vote, Post("vote", b"{}"))).count == 1
    amendment = Amendment(top + 1, "new", b"{}", was=b"x", numbered="edited")
    await log.amend_by("tea", [amendment], Post("edit", b"x"))
    [entry] = (await log.read("tea", after=top, limit=1)).entries
    assert (entry.data, entry.tally) == (b'{"edited":%d}' % (top + 3), (Tally("👍", 1, top + 2),))


async def test_what_was_edited_is_gone_from_redis(redis: RedisUnderTest, link: Link) -> None:
    """As what a moderator deleted."""
    log, secret = redis.log(link), b"a-secret-that-has-to-go"
    await redis.command("CONFIG", "SET", "rdbcompression", "no")
    for number in range(1, 201):
        await log.append("tea", Post(str(number), secret if number == 99 else b"said by others"))
    assert secret in b"".join((await kept(redis)).values())
    await log.amend_by("tea", [Amendment(99, "99", b"new")], Post("edit", b"x", author="ann"))
    assert secret not in b"".join((await kept(redis)).values())
