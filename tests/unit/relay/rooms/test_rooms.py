"""Rooms: the wire contract of docs/relay-features.md, with the official client."""

import json
from typing import Any

import pytest
from relay import LogCreation, Post, Preconditions, Relay, RelayServer, Rooms, TokenBucket, everybody

from tests.unit.relay.rooms.board import Board


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


def test_rooms_of_another_relays_server_are_refused() -> None:
    """Its clients would be answered, and get no entry."""
    with pytest.raises(ValueError, match="another relay's"):
        Rooms(Relay.in_memory(), RelayServer(Relay.in_memory().manager), authorize=everybody)


def test_rooms_of_a_relay_with_events_of_its_own_are_refused() -> None:
    relay = Relay.in_memory(lambda entry: ["mine", entry.seq])
    with pytest.raises(ValueError, match=r"Rooms\.event_of"):
        Rooms(relay, RelayServer(relay.manager), authorize=everybody)
