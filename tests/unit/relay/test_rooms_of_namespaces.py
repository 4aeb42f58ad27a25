"""A room has its members in whatever namespaces they are: it is one log, and each hears it where they are."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from relay import Member, Post, Relay, Rooms, everybody
from relay.delivery.frames import Frame

from tests.support.served import Served
from tests.support.waiting import soon
from tests.unit.wire import Log


@pytest.fixture
async def served(log: Log) -> AsyncIterator[Served]:
    async with Served(namespaces="*") as served:
        yield served
    assert log.tracebacks == []


async def test_entries_reach_the_members_of_every_namespace_encoded_once(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame for each namespace, however many members it has there."""
    ana, ben = await served.visitor("/", "/desk"), await served.visitor("/desk", transport="polling")
    for visitor, namespace in ((ana, "/"), (ana, "/desk"), (ben, "/desk")):
        await served.relay.join(visitor.sid(namespace), "tea")
    encoded, framed = [0], [0]
    event_of, event = served.relay.manager.fanout.event_of, Frame.event

    def counted(entry: Any) -> bytes | Sequence[Any] | None:
        encoded[0] += 1
        return event_of(entry)

    def framing(*arguments: Any, **options: Any) -> Frame:
        framed[0] += 1
        return event(*arguments, **options)

    monkeypatch.setattr(served.relay.manager.fanout, "event_of", counted)
    monkeypatch.setattr(Frame, "event", framing)
    await served.relay.log.append("tea", Post("one", b"hello"))
    await ben.hears(("/desk", "entry", 1, "hello"))
    await soon(lambda: len(ana.heard) == 2, what="it is heard in both namespaces")
    assert sorted(ana.heard) == [("/", "entry", 1, "hello"), ("/desk", "entry", 1, "hello")]
    assert (encoded, framed) == ([1], [2])


async def test_a_volatile_event_reaches_them_all_but_who_is_skipped(served: Served) -> None:
    ana, ben = await served.visitor("/"), await served.visitor("/", "/desk")
    for visitor, namespace in ((ana, "/"), (ben, "/"), (ben, "/desk")):
        await served.relay.join(visitor.sid(namespace), "tea")
    await served.relay.emit_volatile("typing", {"who": "ana"}, "tea", skip_sid=ben.sid())
    await ana.hears(("/", "typing", {"who": "ana"}))
    await ben.hears(("/desk", "typing", {"who": "ana"}))


async def test_who_leaves_in_one_namespace_stays_in_the_other(served: Served) -> None:
    """Whether it leaves the room there, or the whole namespace."""
    ana = await served.visitor("/one", "/two", "/three")
    for namespace in ("/one", "/two", "/three"):
        await served.relay.join(ana.sid(namespace), "tea")
    await served.relay.leave(ana.sid("/one"), "tea")
    assert [served.relay.joined(ana.sid(each), "tea") for each in ("/one", "/two", "/three")] == [
        False,
        True,
        True,
    ]
    gone = ana.sid("/two")
    await served.server.disconnect(gone, namespace="/two")
    assert served.server.manager.namespace_of(gone) == "/", "nothing is kept of it"
    await served.relay.log.append("tea", Post("one", b"hello"))
    await ana.hears(("/three", "entry", 1, "hello"))
    await served.relay.leave(ana.sid("/three"), "tea")
    assert served.server.stats().rooms == 0


async def test_presence_is_of_the_room_and_told_in_every_namespace(served: Served) -> None:
    """Who is in two namespaces is one member."""
    ana, ben = await served.visitor("/", "/desk"), await served.visitor("/desk")
    for visitor, namespace, name in ((ana, "/", "ana"), (ana, "/desk", "ana"), (ben, "/desk", "ben")):
        await served.relay.join(visitor.sid(namespace), "tea", Member(name, name))
    assert [each.name for each in served.relay.people("tea").first] == ["ana", "ben"]
    for visitor, namespaces in ((ana, {"/", "/desk"}), (ben, {"/desk"})):
        told = visitor.heard
        await soon(lambda t=told, n=namespaces: {each[0] for each in t} == n, what="all are told")  # type: ignore[misc]
        assert {each[1] for each in told} == {"presence"}
        assert {each[2]["count"] for each in told} == {2}


async def test_a_group_has_clients_of_any_namespace(served: Served) -> None:
    """It is told something, and ended, as one."""
    ana, ben, cleo = [await served.visitor("/", "/desk") for _ in range(3)]
    for visitor, namespace in ((ana, "/"), (ben, "/desk")):
        await served.relay.group(visitor.sid(namespace), "browser")
    await served.relay.emit_to_group("notice", 1, "browser")
    await ana.hears(("/", "notice", 1))
    await ben.hears(("/desk", "notice", 1))
    await served.relay.disconnect_group("browser")
    await soon(lambda: [*ana.sio.namespaces] == ["/desk"], what="ana has left one")
    await soon(lambda: [*ben.sio.namespaces] == ["/"], what="ben has left the other")
    assert {*cleo.sio.namespaces} == {"/", "/desk"}
    assert cleo.heard == []


async def test_a_client_of_any_namespace_is_named_answered_and_disconnected(served: Served) -> None:
    """By its sid alone, as one of `/` is."""
    ana = await served.visitor("/desk")
    sid = ana.sid("/desk")
    assert served.server.log_name(sid) == served.server.log_name(sid) != ""
    async with served.server.large_answer(sid):
        pass
    reasons: list[str] = []
    served.server.on("disconnect", lambda sid, reason: reasons.append(reason), namespace="/desk")
    await served.server.disconnect_for_good(sid, "enough")
    await soon(lambda: reasons == ["enough"] and not ana.sio.namespaces, what="it is gone")


async def test_a_worker_that_ends_tells_each_namespace(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relay import draining

    monkeypatch.setattr(draining, "NOTICE", 0.2)
    ana = await served.visitor("/one", "/two")
    await served.server.drain(0.1)
    await soon(lambda: len(ana.heard) == 2, what="it is told twice")
    assert ana.heard == [("/one", "moved", {"within": 0.2}), ("/two", "moved", {"within": 0.2})]
    await soon(lambda: not ana.sio.connected, what="its connection is closed")


@pytest.mark.parametrize("namespace", ["/", "/desk"])
async def test_an_answer_follows_what_the_room_was_told_before(served: Served, namespace: str) -> None:
    """In any namespace."""
    ana = await served.visitor(namespace)
    await served.relay.join(ana.sid(namespace), "tea")

    async def post(sid: str, number: int) -> int:
        await served.relay.log.append("tea", Post(f"post {number}", b"%d" % number))
        return number

    order: list[Any] = ana.heard
    served.server.on("post", post, namespace=namespace)
    for number in range(1, 20):
        await ana.sio.emit("post", number, namespace=namespace, callback=order.append)
    await soon(lambda: len(order) == 38, what="all is heard and answered")
    assert order == [
        one for number in range(1, 20) for one in ((namespace, "entry", number, str(number)), number)
    ]


async def test_the_events_of_rooms_are_in_the_namespace_that_they_are_given(log: Log) -> None:
    """And entries come there."""
    async with Served(Relay.in_memory()) as served:
        Rooms(served.relay, served.server, authorize=everybody, namespace="/board")
        ana = await served.visitor("/board")
        assert (await ana.asks("join", {"room": "tea"}, namespace="/board"))["ok"]
        post = {"room": "tea", "id": "id-1", "data": "hello"}
        assert (await ana.asks("append", post, namespace="/board"))["seq"] == 1
        await soon(lambda: ana.heard, what="the entry is heard")
        assert ana.heard[0][:2] == ("/board", "entry")
    assert log.tracebacks == []
