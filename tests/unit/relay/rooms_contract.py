"""Emits reach rooms, groups and clients of all workers, as python-socketio's documentation says it.

`one` and `two` are workers of one application. In memory they are the same one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from relay import Member, NotConnected, Post

from tests.support.served import Served, Visitor
from tests.support.waiting import soon


class RoomsContract:
    async def test_what_a_worker_emits_and_says_of_rooms_keeps_its_order(
        self, one: Served, two: Served
    ) -> None:
        ana = await two.visitor()
        for number in range(20):
            await one.server.enter_room(ana.sid(), "tea")
            await one.server.emit("in", number, to="tea")
            await one.server.leave_room(ana.sid(), "tea")
            await one.server.emit("out", number, to="tea")
        await one.server.emit("last", 0, to=ana.sid())
        await ana.hears(*(("/", "in", number) for number in range(20)), ("/", "last", 0))

    async def test_members_of_a_room_stay_when_its_log_is_cleared(self, one: Served, two: Served) -> None:
        """They hear the next entry, which is number 1 of another epoch."""
        ana, ben = await one.visitor(), await two.visitor()
        for worker, visitor in ((one, ana), (two, ben)):
            await worker.relay.join(visitor.sid(), "tea")
        kept = [await one.relay.log.append("tea", Post(str(number), b"before")) for number in range(3)]
        for visitor in (ana, ben):
            await visitor.hears(*(("/", "entry", number, "before") for number in (1, 2, 3)))
        await two.relay.log.clear("tea")
        first = await one.relay.log.append("tea", Post("3", b"after"))
        assert first.seq == 1
        assert first.epoch != kept[-1].epoch
        heard = [("/", "entry", number, "before") for number in (1, 2, 3)] + [("/", "entry", 1, "after")]
        for visitor in (ana, ben):
            await visitor.hears(*heard)

    async def test_a_client_joins_in_its_connect_handler(self, one: Served, two: Served) -> None:
        async def connect(sid: str, environ: Any) -> None:
            await one.relay.join(sid, "tea")

        one.server.on("connect", connect)
        ana = await one.visitor()
        assert one.relay.joined(ana.sid(), "tea")

    async def test_an_emit_goes_to_all_to_rooms_and_to_one(self, one: Served, two: Served) -> None:
        """And not to who is skipped."""
        ana, ben, cleo = await one.visitor(), await two.visitor(), await two.visitor()
        await one.server.enter_room(ana.sid(), "tea")
        await two.server.enter_room(ben.sid(), "coffee")
        await two.server.enter_room(cleo.sid(), "coffee")
        await one.server.emit("all")
        await one.server.emit("rooms", 1, to=["tea", "coffee"])
        await one.server.emit("rooms", 2, room=["tea", "coffee"], skip_sid=[ana.sid(), cleo.sid()])
        await one.server.emit("room", (3, [4]), room="coffee", skip_sid=ben.sid())
        await one.server.send("5", to=ben.sid())
        await ana.hears(("/", "all"), ("/", "rooms", 1))
        await ben.hears(("/", "all"), ("/", "rooms", 1), ("/", "rooms", 2), ("/", "message", "5"))
        await cleo.hears(("/", "all"), ("/", "rooms", 1), ("/", "room", 3, [4]))

    async def test_an_emit_may_leave_out_the_other_workers(self, one: Served, two: Served) -> None:
        ana, ben = await one.visitor(), await two.visitor()
        await one.server.emit("here", ignore_queue=True)
        await one.server.emit("everywhere")
        await ben.hears(*([("/", "here")] if one is two else []), ("/", "everywhere"))
        await ana.hears(("/", "here"), ("/", "everywhere"))

    async def test_rooms_are_entered_left_and_closed_from_any_worker(self, one: Served, two: Served) -> None:
        ana = await one.visitor()
        await two.server.enter_room(ana.sid(), "tea")
        await two.server.enter_room(ana.sid(), "coffee")
        await until(lambda: {*one.server.rooms(ana.sid())} == {ana.sid(), "tea", "coffee"})
        await two.server.leave_room(ana.sid(), "tea")
        await until(lambda: {*one.server.rooms(ana.sid())} == {ana.sid(), "coffee"})
        await two.server.close_room("coffee")
        await until(lambda: [*one.server.rooms(ana.sid())] == [ana.sid()])

    @pytest.mark.parametrize("room", ["room:tea", "group:browser"])
    async def test_the_relays_own_rooms_are_not_entered_by_their_names(
        self, one: Served, two: Served, room: str
    ) -> None:
        """Since what is emitted to them is delivered otherwise."""
        ana = await one.visitor()
        for act in (
            one.server.enter_room(ana.sid(), room),
            one.server.leave_room(ana.sid(), room),
            one.server.close_room(room),
        ):
            with pytest.raises(ValueError, match="own rooms"):
                await act

    async def test_who_is_taken_out_of_a_group_is_told_nothing_more(self, one: Served, two: Served) -> None:
        """In whatever namespace they are. Who is in several groups of an emit is told once."""
        ana, ben = await one.visitor("/desk"), await two.visitor()
        for worker, sid in ((one, ana.sid("/desk")), (two, ben.sid())):
            for name in ("a", "b"):
                await worker.relay.group(sid, name)
        await two.relay.emit_to_group("both", 1, "a")
        await ana.hears(("/desk", "both", 1))
        await two.relay.ungroup(ben.sid(), "a")
        await two.relay.ungroup(ben.sid(), "a")
        await one.relay.emit_to_group("one", 2, "a")
        await one.relay.emit_to_group("last", 3, "b")
        await one.server.emit("listed", 4, to=["group:a", "group:b"])
        await ana.hears(("/desk", "both", 1), ("/desk", "one", 2), ("/desk", "last", 3))
        await ben.hears(("/", "both", 1), ("/", "last", 3), ("/", "listed", 4))
        with pytest.raises(NotConnected):
            await one.relay.ungroup("nobody", "a")

    @pytest.mark.parametrize("skipped", ["tea", "group:tea", "room:tea"])
    async def test_an_emit_skips_all_who_are_in_a_room_or_a_group(
        self, one: Served, two: Served, skipped: str
    ) -> None:
        """At whatever worker, and whatever it is that they would get it by."""
        ana, ben, cleo, dan = [await worker.visitor() for worker in (one, two, one, two)]
        for worker, visitor in ((one, ana), (two, ben), (one, cleo), (two, dan)):
            await worker.server.enter_room(visitor.sid(), "all")
            await worker.relay.join(visitor.sid(), "all")
            await worker.relay.group(visitor.sid(), "all")
        for worker, visitor in ((one, ana), (two, ben)):
            await worker.server.enter_room(visitor.sid(), "tea")
            await worker.relay.join(visitor.sid(), "tea")
            await worker.relay.group(visitor.sid(), "tea")
        skip = [skipped, cleo.sid()]
        await one.server.emit("everybody", 1, skip_sid=skip)
        await one.server.emit("room", 2, to="all", skip_sid=skip)
        await one.relay.emit_to_group("group", 3, "all", skip_sid=skip)
        await one.relay.emit_volatile("volatile", 4, "all", skip_sid=skip)
        await one.server.emit("one room", 5, to="all", skip_sid=skipped)
        await soon(lambda: len(dan.heard) == 5, what="Dan to hear all")
        await cleo.hears(("/", "one room", 5))
        for visitor in (ana, ben):
            await one.server.emit("last", 6, to=visitor.sid())
            await visitor.hears(("/", "last", 6))
        assert {event for _, event, _ in dan.heard} == {"everybody", "room", "group", "volatile", "one room"}

    async def test_a_room_of_several_namespaces_is_one_on_all_workers(self, one: Served, two: Served) -> None:
        """Its entries, in order; who is there; and what is volatile."""
        ana, ben = await one.visitor("/", "/desk"), await two.visitor("/desk")
        for worker, visitor, namespace in ((one, ana, "/"), (one, ana, "/desk"), (two, ben, "/desk")):
            await worker.relay.join(
                visitor.sid(namespace), "tea", Member(visitor.sid(), "ana" if visitor is ana else "ben")
            )
        numbers = range(1, 11)
        for number in numbers:
            worker = (one, two)[number % 2]
            await worker.relay.log.append("tea", Post(f"post {number}", b"%d" % number))

        def entries(visitor: Visitor, namespace: str) -> list[Any]:
            return [each[2] for each in visitor.heard if each[:2] == (namespace, "entry")]

        def heard(visitor: Visitor, namespace: str, event: str) -> list[Any]:
            return [each[2] for each in visitor.heard if each[:2] == (namespace, event)]

        places = ((ana, "/"), (ana, "/desk"), (ben, "/desk"))
        for visitor, namespace in places:
            await until(lambda v=visitor, n=namespace: len(entries(v, n)) >= 10)  # type: ignore[misc]
            assert entries(visitor, namespace) == [*numbers]
            await until(lambda v=visitor, n=namespace: heard(v, n, "presence")[-1]["count"] == 2)  # type: ignore[misc]
        await one.relay.emit_volatile("typing", "ana", "tea")
        for visitor, namespace in places:
            await until(lambda v=visitor, n=namespace: heard(v, n, "typing") == ["ana"])  # type: ignore[misc]

    async def test_a_group_of_several_namespaces_is_ended_on_all_workers(
        self, one: Served, two: Served
    ) -> None:
        ana, ben, cleo = await one.visitor("/"), await two.visitor("/desk"), await two.visitor("/")
        await one.relay.group(ana.sid(), "browser")
        await two.relay.group(ben.sid("/desk"), "browser")
        await one.relay.emit_to_group("notice", 1, "browser")
        await ana.hears(("/", "notice", 1))
        await ben.hears(("/desk", "notice", 1))
        await two.relay.emit_to_group("notice", 2, "browser", skip_sid=ana.sid())
        await two.relay.emit_to_group("notice", 3, "browser")
        await ana.hears(("/", "notice", 1), ("/", "notice", 3))
        await ben.hears(*(("/desk", "notice", number) for number in (1, 2, 3)))
        await two.relay.disconnect_group("browser")
        for visitor in (ana, ben):
            await soon(lambda v=visitor: not v.sio.namespaces, what="it is ended")  # type: ignore[misc]
        assert [*cleo.sio.namespaces] == ["/"]


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    await soon(condition, what="all workers to know")
