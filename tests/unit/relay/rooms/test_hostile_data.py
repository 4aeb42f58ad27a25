"""Rooms: data that would harm whoever reads it, from clients and from other programs."""

from typing import Any

from relay import Post

from tests.unit.relay.rooms.board import Board


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
