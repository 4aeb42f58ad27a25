"""Rooms: the wire contract of docs/reusing-relay.md, with the official client."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from relay import (
    LogCreation,
    Options,
    Post,
    Preconditions,
    Relay,
    RelayServer,
    Rooms,
    TokenBucket,
    everybody,
)

from tests.support.application import Visitor, serving
from tests.support.waiting import soon
from tests.unit.relay.rooms.board import Board


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    board = Board()
    async with board.serving():
        yield board


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_what_one_appends_all_members_get_in_order(board: Board, transport: str) -> None:
    ana, ben = await board.visitor(transport), await board.visitor()
    joined = await ana.asks("join", room="hall")
    assert joined == {"ok": True, "room": "hall", "epoch": "", "head": 0, "entries": [], "more": False}
    await ben.asks("join", room="hall")
    values: list[Any] = ["text", {"of": ["any", {"kind": None}]}, None, 0, -1.5, True, [], "é\ud800"]
    for number, value in enumerate(values):
        answer = await (ana, ben)[number % 2].append("hall", f"id-{number}", value)
        assert answer.keys() == {"ok", "id", "room", "epoch", "seq", "at"}
        assert (answer["id"], answer["room"], answer["seq"]) == (f"id-{number}", "hall", number + 1)
    for reader in (ana, ben):
        await reader.hears(lambda data: len(data) >= len(values), "all to be heard")
        assert reader.data == values
        assert [entry["seq"] for entry in reader.heard] == list(range(1, len(values) + 1))
        assert all(entry.keys() == {"room", "epoch", "seq", "id", "at", "data"} for entry in reader.heard)
        await reader.leaves()


async def test_a_client_reads_on_from_where_it_was(board: Board) -> None:
    """What came meanwhile, and all when the log is another one."""
    ana = await board.visitor()
    await ana.asks("join", room="hall")
    for number in range(5):
        last = await ana.append("hall", f"id-{number}", number)
    joined = await ana.asks("join", room="hall", after=3, epoch=last["epoch"])
    assert joined["entries"] == [
        {"seq": seq, "id": f"id-{seq - 1}", "at": ana.heard[seq - 1]["at"], "data": seq - 1} for seq in (4, 5)
    ]
    assert (joined["head"], joined["epoch"], joined["more"]) == (5, last["epoch"], False)
    assert "reset" not in joined
    other = await ana.asks("join", room="hall", after=3, epoch="another")
    assert other["reset"] is True
    assert [entry["data"] for entry in other["entries"]] == [0, 1, 2, 3, 4]
    await ana.leaves()


async def test_history_is_read_page_by_page(board: Board) -> None:
    ana = await board.visitor()
    await ana.asks("join", room="hall")
    for number in range(250):
        await board.relay.log.append("hall", Rooms.post(f"id-{number}", number))

    async def history(**options: Any) -> tuple[list[Any], bool]:
        answer = await ana.asks("history", room="hall", **options)
        assert answer.keys() == {"ok", "epoch", "head", "entries", "more"}
        return [entry["data"] for entry in answer["entries"]], answer["more"]

    assert await history() == (list(range(50, 250)), True)
    assert await history(limit=1000) == (list(range(50, 250)), True)
    assert await history(before=51) == (list(range(50)), False)
    assert await history(after=100, limit=2) == ([100, 101], True)
    await ana.leaves()


async def test_a_large_page_is_answered_in_parts(board: Board) -> None:
    """One answer has 256 KiB of entries at most, and at least one."""
    ana = await board.visitor()
    for number in range(20):
        await board.relay.log.append("hall", Rooms.post(f"id-{number}", "x" * 30_000))
    got: list[int] = []
    more, after = True, 0
    while more:
        answer = await ana.asks("join", room="hall", after=after)
        assert len(json.dumps(answer)) < 300_000
        got += [entry["seq"] for entry in answer["entries"]]
        more, after = answer["more"], got[-1]
    assert got == list(range(1, 21))
    await ana.leaves()


async def test_who_left_hears_nothing_more(board: Board) -> None:
    ana, ben = await board.visitor(), await board.visitor()
    for each in (ana, ben):
        await each.asks("join", room="hall")
    assert await ben.asks("leave", room="hall") == {"ok": True}
    assert await ben.asks("leave", room="hall") == {"ok": True}
    await ana.append("hall", "id-1", "to ana")
    await ana.hears(lambda data: data == ["to ana"], "the entry to be heard")
    assert (await ben.append("hall", "id-2", "from outside"))["error"] == "not_joined"
    assert (await ben.asks("history", room="hall"))["error"] == "not_joined"
    assert ben.heard == []
    for each in (ana, ben):
        await each.leaves()


async def test_a_repetition_is_answered_and_not_appended_again(board: Board) -> None:
    ana = await board.visitor()
    await ana.asks("join", room="hall")
    first = await ana.append("hall", "id-1", {"a": 1})
    assert await ana.append("hall", "id-1", {"a": 1}) == first
    assert board.useless == [ana.sid]
    taken = await ana.append("hall", "id-1", {"a": 2})
    assert (taken["ok"], taken["error"]) == (False, "id_taken")
    assert (await board.relay.log.head("hall")).seq == 1
    await ana.leaves()


async def test_what_the_application_refuses_is_forbidden_with_its_reason(board: Board) -> None:
    """Each act by itself; and every refusal is counted as work for nothing."""
    ana = await board.visitor()
    board.denied["join", "vault"] = "Only members of the vault may join."
    answer = await ana.asks("join", room="vault")
    assert answer == {"ok": False, "error": "forbidden", "detail": "Only members of the vault may join."}
    await ana.asks("join", room="hall")
    board.denied |= {("read", "hall"): None, ("append", "hall"): None}
    for answer in (await ana.asks("history", room="hall"), await ana.append("hall", "id-1", "no")):
        assert (answer["ok"], answer["error"]) == (False, "forbidden")
        assert answer["detail"].endswith(".")
    assert [asked[1:] for asked in board.asked] == [
        ("join", "vault"),
        ("join", "hall"),
        ("read", "hall"),
        ("append", "hall"),
    ]
    assert board.useless == [ana.sid] * 3
    assert (await board.relay.log.head("hall")).seq == 0
    await ana.leaves()


async def test_only_true_allows() -> None:
    """A function that forgets to return, or returns something else, lets nobody in."""
    returned: list[Any] = [None, 0, 1, "", "yes", [], object(), True]
    relay = Relay.in_memory()
    server = RelayServer(relay.manager)

    async def may(*_: object) -> Any:
        return returned.pop(0)

    Rooms(relay, server, authorize=may)
    async with serving(server) as url:
        ana = await Visitor.at(url)
        while len(returned) > 1:
            assert (await ana.asks("join", room="hall"))["error"] == "forbidden"
        assert (await ana.asks("join", room="hall"))["ok"]
        await ana.leaves()


async def test_data_that_not_every_client_can_read_is_refused(board: Board) -> None:
    """A member would close its connection over NaN, or over a false mark of binary data."""
    ana = await board.visitor()
    await ana.asks("join", room="hall")
    deep: Any = "deep"
    for _ in range(65):
        deep = [deep]
    mark = {"_placeholder": True, "num": 0}
    for data in (float("nan"), [float("inf")], deep, mark, [{"in": mark}], b"bytes", [{"in": b"bytes"}]):
        answer = await ana.append("hall", "id-1", data)
        assert (answer["ok"], answer["error"]) == (False, "invalid")
    assert (await ana.asks("append", room="hall", id="id-1"))["error"] == "invalid"
    assert (await ana.append("hall", "id-1", deep[0]))["ok"]
    large = await ana.append("hall", "id-2", "x" * 32 * 1024)
    assert (large["ok"], large["error"]) == (False, "too_large")
    # Python writes each of these in 18 bytes.
    assert (await ana.append("hall", "id-3", [1e15] * 2000))["error"] == "too_large"
    await ana.leaves()


async def test_an_entry_of_another_program_that_is_no_json_is_shown_as_null(board: Board) -> None:
    """Members hear what comes after it, and can read the room."""
    ana = await board.visitor()
    await ana.asks("join", room="hall")
    for number, data in enumerate((b"", b"{", b"\xff", b"NaN", b"[" * 100_000, b"1")):
        await board.relay.log.append("hall", Post(f"id-{number}", data))
    await ana.hears(lambda data: len(data) == 6, "all to be heard")
    assert ana.data == [None] * 5 + [1]
    answer = await ana.asks("history", room="hall")
    assert [entry["data"] for entry in answer["entries"]] == [None] * 5 + [1]
    await ana.leaves()


async def test_the_application_prepares_each_post() -> None:
    """It gives authors, limits and rules; and data, which repetitions are not compared by."""
    bucket = TokenBucket("ana", per_second=0.5, burst=2)
    tries = 0

    async def prepare(sid: str, room: str, post: Post) -> Post:
        nonlocal tries
        tries += 1
        if room == "locked":
            return post._replace(preconditions=Preconditions(deny=("lock",)))
        if room == "one too many":
            return post._replace(creation=LogCreation(most=1))
        value = [f"try {tries}", json.loads(post.data)]
        return Rooms.post(post.id, value)._replace(author="ana", fingerprint=post.data, rates=[bucket])

    board = Board(prepare=prepare)
    async with board.serving():
        ana = await board.visitor()
        for room in ("hall", "locked", "one too many"):
            await ana.asks("join", room=room)
        first = await ana.append("hall", "id-1", "hello")
        assert await ana.append("hall", "id-1", "hello") == first
        await ana.hears(lambda data: data == [["try 1", "hello"]], "the entry to be heard")
        assert (await ana.append("hall", "id-2", "hello"))["ok"]
        limited = await ana.append("hall", "id-3", "hello")
        assert (limited["error"], limited["retry_after"]) == ("rate_limited", 2)
        await board.relay.log.rules.set("lock", b"", 30)
        locked = await ana.append("locked", "id-4", "hello")
        assert (locked["error"], locked["retry_after"]) == ("forbidden", 30)
        assert (await ana.append("one too many", "id-5", "hello"))["error"] == "full"
        await ana.leaves()


async def test_a_client_is_in_so_many_rooms_and_no_more() -> None:
    board = Board(max_rooms=2)
    async with board.serving():
        ana = await board.visitor()
        for room in ("one", "two"):
            assert (await ana.asks("join", room=room))["ok"]
        assert (await ana.asks("join", room="three"))["error"] == "full"
        assert (await ana.asks("join", room="two"))["ok"]
        await ana.asks("leave", room="one")
        assert (await ana.asks("join", room="three"))["ok"]
        assert sorted(board.relay.rooms(ana.sid)) == ["three", "two"]
        await ana.leaves()


async def test_an_application_says_who_may_do_what() -> None:
    """There is no default that allows all, no second handler for an event, and no event_of that Rooms does
    not know."""
    relay = Relay.in_memory()
    server = RelayServer(relay.manager)
    with pytest.raises(TypeError, match="authorize"):
        Rooms(relay, server)  # type: ignore[call-arg]
    Rooms(relay, server, authorize=everybody)
    with pytest.raises(ValueError, match="join"):
        Rooms(relay, server, authorize=everybody)
    other = Relay.in_memory(lambda entry: b'["other"]', Options())
    with pytest.raises(ValueError, match=r"Rooms\.event_of"):
        Rooms(other, RelayServer(other.manager), authorize=everybody)


async def test_floods_of_refused_joins_are_counted(board: Board) -> None:
    """So an application that disconnects those who ask for nothing gets rid of the client."""

    async def disconnect(sid: str) -> None:
        board.useless.append(sid)
        if len(board.useless) == 20:
            await board.server.disconnect(sid)

    board.server.on_useless(disconnect)
    board.denied["join", "vault"] = None
    ana = await board.visitor()
    for _ in range(40):
        await ana.sio.emit("join", {"room": "vault"})
    await soon(lambda: not ana.sio.connected, what="the client to be disconnected")
    assert len(board.useless) == 20
