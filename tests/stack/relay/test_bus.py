"""Entries reach every member on every worker, once and in order, and what was missed heals by itself."""

import asyncio
import secrets
import time

from relay.log import LogUnavailable
from relay.names import Names

from tests.stack.relay.worker import Member, Proxy, RedisUnderTest, Worker, Workers, until


class Muted(Names):
    """Names under which nobody listens: what is appended with them is a broadcast that got lost."""

    def live(self, room: str) -> str:
        return f"{self.prefix}nobody"


async def test_two_workers_at_full_speed_show_one_order(worker: Workers) -> None:
    """Every member on every worker sees every entry, in the order of the log."""
    one, two = worker(), worker()
    members = [await each.member() for each in (one, two, one, two)]
    for each in (one, two):
        await each.hears()

    async def flood(each: Worker, name: str) -> None:
        await asyncio.gather(*(each.say(f"{name}{number}") for number in range(1000)))

    await asyncio.gather(flood(one, "a"), flood(two, "b"))
    await until(lambda: all(len(member.told) >= 2000 for member in members), "all are told")
    assert members[0].numbers == list(range(1, 2001))
    assert all(member.told == members[0].told for member in members)
    assert {told.text for told in members[0].told} == {f"{w}{n}" for w in "ab" for n in range(1000)}


async def test_one_id_twenty_times_at_once_is_one_message(worker: Workers) -> None:
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    seqs = await asyncio.gather(*(each.say("hi", id="same") for each in (one, two) for _ in range(10)))
    await one.say("end")
    await until(lambda: all(len(member.told) >= 2 for member in members), "all are told")
    assert set(seqs) == {1}
    assert [member.numbers for member in members] == [[1, 2], [1, 2]]


async def test_entries_are_told_live_whatever_their_epoch_begins_with(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Nothing that workers tell each other on the same channels is taken for one, or one for it."""
    one, two = worker(), worker()
    rooms = {f"room-{number}": f"{first}xyz" for number, first in enumerate("-_aZ09")}
    for room, epoch in rooms.items():
        await redis.command("HSET", Names(redis.prefix).head(room), "epoch", epoch, "seq", "7")
    members = {room: await two.member(room) for room in rooms}
    for each in (one, two):
        await each.hears()
    for room in rooms:
        await one.say("hello", room)
    await until(lambda: all(member.told for member in members.values()), "all are told")
    on_redis = two.relay.manager.on_redis()
    assert on_redis is not None
    assert on_redis.heals == 0, "not by comparing with the log, a second later"


async def test_a_lost_broadcast_heals(redis: RedisUnderTest, worker: Workers) -> None:
    """The last of a room too, after which nothing shows that one is missing; within two seconds."""
    one = worker()
    member = await one.member()
    await one.hears()
    await one.say("heard")
    link = redis.link()
    for number in range(3):
        await redis.log(link, Muted).append("tea", str(number), b"lost")
    await until(lambda: len(member.told) >= 4, "the members are told", within=2)
    await one.say("heard again")
    await until(lambda: len(member.told) >= 5, "the members are told")
    assert member.numbers == [1, 2, 3, 4, 5]
    await link.close()


async def test_killed_subscriptions_lose_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    for number in range(200):
        if number % 40 == 0:
            assert await redis.command("CLIENT", "KILL", "TYPE", "pubsub") >= 1
        await one.say(str(number))
    took = await until(lambda: all(len(member.told) >= 200 for member in members), "all are told", within=2)
    print(f"healed in {took * 1000:.0f} ms")
    assert all(member.numbers == list(range(1, 201)) for member in members)


async def test_a_paused_redis_makes_nobody_wait_and_heals(redis: RedisUnderTest, worker: Workers) -> None:
    """No answer later than 2 s, no false answer, the worker says what is wrong; then live within 3 s."""
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    await one.say("before")
    await redis.docker("pause")
    ids = [secrets.token_hex(8) for _ in range(20)]

    async def ask(id: str) -> float:
        begun = time.monotonic()
        try:
            await one.say("during", id=id)
        except LogUnavailable:
            return time.monotonic() - begun
        raise AssertionError("answered by a paused Redis")

    assert max(await asyncio.gather(*(ask(id) for id in ids))) < 2
    await until(lambda: one.relay.problem() is not None, "the worker says that it is deaf", within=5)
    assert "has not heard" in str(one.relay.problem())
    await asyncio.sleep(2)  # long enough for connections to have been given up and replaced
    await redis.docker("unpause")
    live = asyncio.gather(*(each.say_until_kept("after") for each in (one, two)))

    def live_again() -> bool:
        return all(sum(told.text == "after" for told in member.told) == 2 for member in members)

    took = await until(live_again, "live again", within=3)
    print(f"healed in {took * 1000:.0f} ms")
    await live
    seqs = [await one.say("during", id=id) for id in ids]
    assert len(set(seqs)) == len(ids)
    total = (await one.relay.head("tea")).seq
    assert total == 3 + len(ids)
    await until(lambda: all(len(member.told) >= total for member in members), "all are told")
    assert all(member.numbers == list(range(1, total + 1)) for member in members)
    await until(lambda: one.relay.problem() is None, "the worker is ready again", within=3)


async def test_a_connection_that_dies_without_a_word_is_replaced(proxy: Proxy, worker: Workers) -> None:
    """A network cut for this worker alone: it notices, and shows what the others wrote meanwhile."""
    cut_off, other = worker(proxy.redis), worker()
    member = await cut_off.member()
    for each in (cut_off, other):
        await each.hears()
    await other.say("before")
    await until(lambda: member.numbers == [1], "the member is told")
    proxy.cut()
    for number in range(20):
        await other.say(str(number))
    took = await until(lambda: len(member.told) >= 21, "the member is told", within=3)
    print(f"healed in {took * 1000:.0f} ms")
    bus = cut_off.relay.manager._bus
    # Cut for about 3 s by now, without a probe in that time: this is a new connection's.
    await until(lambda: (bus.heard_ago() or 9) < 1, "the worker hears itself again", within=4)
    begun = time.monotonic()
    await other.say("live again")
    await until(lambda: len(member.told) >= 22, "the member is told", within=0.5)
    print(f"live after {(time.monotonic() - begun) * 1000:.0f} ms")
    assert member.numbers == list(range(1, 23))


async def test_a_killed_redis_loses_nothing(redis: RedisUnderTest, worker: Workers) -> None:
    """What was answered is there after the restart, in the same epoch, and everybody goes on."""
    one, two = worker(), worker()
    members = [await one.member(), await two.member()]
    for each in (one, two):
        await each.hears()
    for number in range(50):
        await one.say(str(number))
    await redis.docker("kill", "--signal=KILL")
    waiting = asyncio.gather(*(two.say_until_kept(f"later{number}") for number in range(20)))
    await asyncio.sleep(0.5)
    await redis.docker("start")
    await redis.ready()
    took = await until(lambda: all(len(member.told) >= 70 for member in members), "all are told", within=3)
    print(f"healed in {took * 1000:.0f} ms")
    await waiting
    assert all(member.numbers == list(range(1, 71)) for member in members)
    assert len({told.epoch for told in members[0].told}) == 1


async def test_a_wiped_log_begins_again(redis: RedisUnderTest, worker: Workers) -> None:
    """Members are told the new log's entries from its first, in its own epoch."""
    one = worker()
    member = await one.member()
    await one.hears()
    for number in range(5):
        await one.say(str(number))
    await until(lambda: len(member.told) >= 5, "all are told")
    await redis.wipe()
    for number in range(3):
        await one.say(str(number))
    await until(lambda: len(member.told) >= 8, "the new ones are told", within=2)
    assert member.numbers == [1, 2, 3, 4, 5, 1, 2, 3]
    old, new = member.told[0].epoch, member.told[5].epoch
    assert old != new
    page, reset = await one.relay.resume("tea", after=5, epoch=old)
    assert reset
    assert [entry.seq for entry in page.entries] == [1, 2, 3]
    assert not (await one.relay.resume("tea", after=1, epoch=new)).reset


async def test_joining_leaves_no_hole(worker: Workers) -> None:
    """What was read on joining and what was told live make up the log, whenever one joins; so too a member
    who comes back to a room that this worker left in between."""
    one, two = worker(), worker()
    await two.hears()
    stop = asyncio.Event()

    async def talk() -> None:
        while not stop.is_set():
            await asyncio.gather(*(one.say("x") for _ in range(5)))

    async def join() -> tuple[Member, list[int]]:
        member = await two.member()
        return member, [entry.seq for entry in (await two.relay.read("tea", after=0, limit=5000)).entries]

    talking = asyncio.create_task(talk())
    for _ in range(30):
        member, read = await join()
        await asyncio.sleep(0.01)
        await two.relay.leave(member.sid, "tea")
        assert not read or sorted({*read, *member.numbers}) == list(range(1, max(*read, *member.numbers) + 1))
    joined = [await join() for _ in range(20)]
    stop.set()
    await talking
    head = (await one.relay.head("tea")).seq
    for member, read in joined:
        await until(lambda m=member: m.numbers[-1:] == [head], "the last is told")  # type: ignore[misc]
        assert member.numbers == list(range(member.numbers[0], head + 1))
        assert sorted({*read, *member.numbers}) == list(range(1, head + 1))


async def test_a_room_left_and_entered_again_begins_at_its_head(worker: Workers) -> None:
    """What was appended while this worker had no members is for reading, not pushed at who comes next."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    first = await one.member()
    await two.say("x")
    await until(lambda: first.numbers == [1], "the member is told")
    await one.relay.leave(first.sid, "tea")
    for _ in range(5):
        await two.say("x")
    second = await one.member()
    await two.say("x")
    await until(lambda: len(second.told) > 0, "the new member is told")
    assert second.numbers == [7]


async def test_who_joined_while_redis_was_away_is_told_once_it_is_back(
    redis: RedisUnderTest, worker: Workers
) -> None:
    one = worker()
    await one.hears()
    await redis.docker("kill")
    member = await one.connect()
    try:
        await one.relay.join(member.sid, "tea")
    except LogUnavailable:
        pass
    else:
        raise AssertionError("joined a log that is away")
    await redis.docker("start")
    await redis.ready()

    async def told() -> bool:
        await one.say_until_kept("hello")
        return len(member.told) > 0

    await until(told, "entries are told", within=3)


async def test_a_worker_is_subscribed_while_it_has_members(redis: RedisUnderTest, worker: Workers) -> None:
    one = worker()
    await one.hears()
    channel = Names(redis.prefix).live("tea")

    async def subscribers() -> int:
        return int((await redis.command("PUBSUB", "NUMSUB", channel))[1])

    async def subscribed(count: int) -> None:
        async def equal() -> bool:
            return await subscribers() == count

        await until(equal, f"{count} workers are subscribed")

    await subscribed(0)
    first, second = await one.member(), await one.member()
    await subscribed(1)
    await one.relay.leave(first.sid, "tea")
    await one.say("x")
    await until(lambda: second.numbers == [1], "the other is still told")
    await one.server.disconnect(second.sid)
    await subscribed(0)


async def test_ephemeral_events_reach_others_once_and_their_sender_not(worker: Workers) -> None:
    one, two = worker(), worker()
    here, there, sender = await one.member(), await two.member(), await one.member()
    elsewhere = await two.member("milk")
    for each in (one, two):
        await each.hears()
    await one.relay.emit_ephemeral("typing", {"on": True}, "tea", skip_sid=sender.sid)
    await one.relay.emit_ephemeral("end", {}, "tea")
    expected = [["typing", {"on": True}], ["end", {}]]
    await until(lambda: there.others() == expected, "the other worker's member is told")
    assert here.others() == expected
    assert sender.others() == [["end", {}]]
    assert elsewhere.others() == []


async def test_python_socketios_own_messages_still_work(worker: Workers) -> None:
    """A client is disconnected, and put into a room, by a worker that it is not on; events without a room
    and to a single client arrive."""
    one, two = worker(), worker()
    member = await two.connect()
    for each in (one, two):
        await each.hears()
    await one.server.enter_room(member.sid, "room:tea")
    await until(lambda: two.relay.joined(member.sid, "tea"), "the client is in the room")
    await one.server.emit("all", 1)
    await one.server.emit("single", 2, to=member.sid)
    await until(lambda: member.others() == [["all", 1], ["single", 2]], "both events arrive")
    await one.server.disconnect(member.sid)
    await until(lambda: not two.relay.manager.is_connected(member.sid, "/"), "the client is disconnected")


async def test_a_worker_that_cannot_write_says_so(redis: RedisUnderTest, worker: Workers) -> None:
    """Hearing is not enough: a full Redis takes no messages."""
    one = worker()
    await one.hears()
    await redis.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        await until(lambda: one.relay.problem() is not None, "the worker says so", within=5)
        assert "maxmemory" in str(one.relay.problem())
    finally:
        await redis.command("CONFIG", "SET", "maxmemory", "0")
    await until(lambda: one.relay.problem() is None, "the worker is ready again", within=3)


async def test_stopping_closes_every_connection(redis: RedisUnderTest, worker: Workers) -> None:
    """Whatever was replaced before is closed too."""

    async def connections() -> int:
        return len((await redis.command("CLIENT", "LIST")).splitlines()) - 1  # but the one that asks

    before = await connections()
    one = worker()
    await one.member()
    await one.hears()
    for _ in range(5):
        await redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        await one.say("x")
    assert await connections() <= before + 2
    await one.stop()

    async def none_left() -> bool:
        return await connections() == before

    await until(none_left, "no connection is left")
