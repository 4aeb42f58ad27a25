"""relay.client on a real relay.Rooms: what a break, a move and a refusal lead to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from relay.client import Client
from relay.recovery.backoff import Backoff

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.rooms.board import Board


@pytest.fixture
async def board() -> AsyncIterator[Board]:
    board = Board()
    async with board.serving():
        yield board


class Reader:
    """A client that keeps what it is shown."""

    def __init__(self, url: str, *transports: str) -> None:
        self.client = Client(url, transports=list(transports) or ["websocket"])
        self.shown: list[Any] = []
        self.room = self.client.join("tea", self.show)

    def show(self, entries: list[dict[str, Any]], reset: bool) -> None:
        if reset:
            self.shown = []
        self.shown += [entry["data"] for entry in entries]

    async def sees(self, *data: Any) -> None:
        await soon(lambda: len(self.shown) >= len(data), what=f"{data} to be shown")
        assert self.shown == [*data]


def sids(board: Board) -> list[str]:
    return [sid for sid, _ in board.relay.manager.get_participants("/", None)]


@pytest.mark.parametrize(
    "transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids=" to ".join
)
async def test_whom_the_server_disconnected_comes_back_and_misses_nothing(
    board: Board, transports: list[str]
) -> None:
    ana, ben = Reader(board.url, *transports), Reader(board.url)
    async with ana.client, ben.client:
        assert (await ana.room.append("one"))["seq"] == 1
        await soon(lambda: ben.room.live, what="ben to be there")
        for sid in sids(board):
            await board.server.disconnect(sid)
        answers = [ana.room.append("two"), ben.room.append("three")]
        for answer in answers:
            assert (await answer)["ok"]
        for reader in (ana, ben):
            await soon(lambda r=reader: len(r.shown) == 3, what="all three to be shown")  # type: ignore[misc]
        assert ana.shown == ben.shown


async def test_who_is_told_to_move_connects_anew_at_once(board: Board) -> None:
    ana = Reader(board.url)
    async with ana.client:
        await soon(lambda: ana.room.live, what="ana to be there")
        ana.client.connection._backoff = Backoff(600, 600)  # she does not wait, as she was not lost
        [before] = sids(board)
        await board.server.emit("moved", {"within": 1}, to=before)
        await soon(lambda: sids(board) not in ([before], []) and ana.room.live, what="her to be back")
        await ana.room.append("one")
        await ana.sees("one")


async def test_a_refusal_is_known_and_the_client_tries_again(board: Board) -> None:
    refused = [True]

    async def connect(sid: str, environ: dict[str, Any], auth: Any) -> bool | None:
        return False if refused else None

    board.server.on("connect", connect)
    ana = Reader(board.url)
    async with ana.client:
        await soon(lambda: ana.client.connection.refusal, what="the refusal")
        assert not ana.client.connection.connected
        refused.clear()
        await soon(lambda: ana.room.live, what="ana to be let in", within=PATIENCE)
        assert ana.client.connection.refusal is None


async def test_nobody_connects_after_the_end(board: Board) -> None:
    ana = Reader(board.url)
    async with ana.client:
        await soon(lambda: ana.room.live, what="ana to be there")
        with pytest.raises(ValueError, match="joined already"):
            ana.client.join("tea", ana.show)
    await soon(lambda: sids(board) == [], what="her to be gone")


async def test_an_entry_that_the_server_hangs_up_at_is_given_up(board: Board) -> None:
    """Longer than a packet may be: the WebSocket is closed, and nothing is answered."""
    ana = Reader(board.url)
    async with ana.client:
        bad, good = ana.room.append("x" * 100_000), ana.room.append("good")
        assert (await bad)["error"] == "invalid"
        assert (await good)["ok"]
        await ana.sees("good")
