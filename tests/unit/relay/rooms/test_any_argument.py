"""Whatever JSON a client sends to an event of Rooms: one of the documented answers, and nothing else
changes."""

import asyncio
import json
import secrets
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from relay import Rooms
from relay.transport.session import EngineSocket

from tests.unit.anything import JSON, SCALARS
from tests.unit.relay.rooms.board import Board

ERRORS = {"invalid", "forbidden", "not_joined", "id_taken", "too_large", "full"}
# Mostly right, so that much of it gets past the first check.
OPTIONS = st.fixed_dictionaries(
    {"room": st.just("hall") | st.just("vault") | SCALARS},
    optional={
        "id": st.sampled_from(["id-1", "id-2", "", "é", "x" * 65]) | SCALARS,
        "data": JSON,
        **dict.fromkeys(("after", "before", "limit", "epoch"), st.integers(-1, 5) | SCALARS),
    },
)
ARGUMENTS = st.lists(JSON, max_size=3) | OPTIONS.map(lambda options: [options]) | st.tuples(OPTIONS, JSON)


async def member(board: Board) -> str:
    """The sid of a client that is in the hall."""
    socket = EngineSocket(board.server.eio, secrets.token_hex(8))
    board.server.eio.sockets[socket.sid] = socket
    sid: str = await board.relay.manager.connect(socket.sid, "/")
    assert (await asks(board, sid, "join", {"room": "hall"}))["ok"]
    return sid


async def asks(board: Board, sid: str, event: str, *arguments: Any) -> dict[str, Any]:
    return dict(await board.server.handlers["/"][event](sid, *arguments))


@pytest.mark.parametrize("event", ["join", "leave", "history", "append"])
def test_an_event_with_any_arguments_is_answered(event: str) -> None:
    with asyncio.Runner() as runner:
        board = Board()
        board.denied |= {("join", "vault"): None, ("read", "vault"): None, ("append", "vault"): None}
        runner.run(board.relay.log.append("vault", Rooms.post("id-0", "secret")))
        sid = runner.run(member(board))

        async def answered(arguments: list[Any]) -> None:
            heads = await board.relay.log.heads(["hall", "vault"])
            answer = await asks(board, sid, event, *arguments)
            text = json.dumps(answer, allow_nan=False)
            assert "secret" not in text
            if not answer["ok"]:
                assert answer["error"] in ERRORS
                assert answer["detail"].endswith(".")
                assert await board.relay.log.heads(["hall", "vault"]) == heads
            assert not board.relay.joined(sid, "vault")
            if not board.relay.joined(sid, "hall"):
                await asks(board, sid, "join", {"room": "hall"})

        @settings(max_examples=100, deadline=None)
        @given(ARGUMENTS)
        def check(arguments: list[Any]) -> None:
            runner.run(answered(list(arguments)))

        check()


@pytest.mark.parametrize("name", [None, 7, "", "x" * 65, "a{b", "a}b", "tab\t", "\ud800", "\u202e", ["hall"]])
@pytest.mark.parametrize("event", ["join", "leave", "history", "append"])
async def test_a_room_is_named_by_printable_characters(event: str, name: Any) -> None:
    board = Board()
    sid = await member(board)
    answer = await asks(board, sid, event, {"room": name, "id": "id-1", "data": 1})
    assert answer["error"] == "invalid"
    assert board.relay.rooms(sid) == ["hall"]


@pytest.mark.parametrize("name", ["Büro 7", "user/42", "order:7", "部屋", "x" * 64, "group:a", "room:b"])
async def test_a_room_may_have_any_other_name(name: str) -> None:
    board = Board()
    sid = await member(board)
    assert (await asks(board, sid, "join", {"room": name}))["ok"]
    assert (await asks(board, sid, "append", {"room": name, "id": "id-1", "data": 1}))["ok"]
