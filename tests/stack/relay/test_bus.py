"""Entries and events reach every member on every worker live, once and in order."""

import asyncio

from relay.redis.names import Names

from tests.stack.relay.worker import Member, RedisUnderTest, Worker, Workers, until


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


async def test_entries_are_delivered_live_whatever_their_epoch_begins_with(
    redis: RedisUnderTest, worker: Workers
) -> None:
    """Nothing that workers tell each other on the same channels is taken for one, or one for it."""
    one, two = worker(), worker()
    rooms = {f"room-{number}": f"{first}xyz" for number, first in enumerate("-_aZ09")}
    for room, epoch in rooms.items():
        await redis.command("HSET", Names(redis.prefix).of(room).head, "epoch", epoch, "seq", "7")
    members = {room: await two.member(room) for room in rooms}
    for each in (one, two):
        await each.hears()
    for room in rooms:
        await one.say("hello", room)
    await until(lambda: all(member.told for member in members.values()), "all are told")
    on_redis = two.relay.manager.on_redis()
    assert on_redis is not None
    assert on_redis.catch_ups == 0, "not by comparing with the log, a second later"


async def test_what_was_published_before_is_received_first(worker: Workers) -> None:
    """Before a worker takes a broadcast for lost, it receives all that Redis has published."""
    one, two = worker(), worker()
    for each in (one, two):
        await each.hears()
    member = await one.member()
    await two.say("first")
    await until(lambda: member.numbers == [1], "the member is told")
    for _ in range(5):
        await asyncio.gather(*(two.say("x") for _ in range(200)))
        head = await two.relay.log.head("tea")
        await one.relay.manager._bus.receive_all()
        assert one.relay.manager._follower._baselines["tea"] == head


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
        return member, [entry.seq for entry in (await two.relay.log.read("tea", after=0, limit=5000)).entries]

    talking = asyncio.create_task(talk())
    for _ in range(30):
        member, read = await join()
        await asyncio.sleep(0.01)
        await two.relay.leave(member.sid, "tea")
        assert not read or sorted({*read, *member.numbers}) == list(range(1, max(*read, *member.numbers) + 1))
    joined = [await join() for _ in range(20)]
    stop.set()
    await talking
    head = (await one.relay.log.head("tea")).seq
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


async def test_a_worker_is_subscribed_while_it_has_members(redis: RedisUnderTest, worker: Workers) -> None:
    one = worker()
    await one.hears()
    channel = Names(redis.prefix).of("tea").live

    async def subscribers() -> int:
        return int((await redis.command("PUBSUB", "SHARDNUMSUB", channel))[1])

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


async def test_volatile_events_reach_others_once_and_their_sender_not(worker: Workers) -> None:
    one, two = worker(), worker()
    here, there, sender = await one.member(), await two.member(), await one.member()
    elsewhere = await two.member("milk")
    for each in (one, two):
        await each.hears()
    await one.relay.emit_volatile("typing", {"on": True}, "tea", skip_sid=sender.sid)
    await one.relay.emit_volatile("end", {}, "tea")
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
    await one.server.enter_room(member.sid, "readers")
    await until(lambda: "readers" in two.server.rooms(member.sid), "the client is in the room")
    await one.server.emit("all", 1)
    await one.server.emit("single", 2, to=member.sid)
    await until(lambda: member.others() == [["all", 1], ["single", 2]], "both events arrive")
    await one.server.disconnect(member.sid)
    await until(lambda: not two.relay.manager.is_connected(member.sid, "/"), "the client is disconnected")


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
