"""Rooms: who may do what is the application's to say."""

from typing import Any

import pytest
from relay import Options, Relay, RelayServer, Rooms, everybody

from tests.support.application import Visitor, serving
from tests.support.waiting import soon
from tests.unit.relay.rooms.board import Board


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
