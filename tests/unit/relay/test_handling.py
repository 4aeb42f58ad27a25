"""How a client's events are handled, and how its polls are answered."""

import asyncio
from typing import Any

import pytest

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import POLLING, Chat


async def test_a_clients_events_are_handled_one_after_the_other(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So they keep their order however long one of them takes, and a client cannot start tasks at will."""
    done: list[int] = []

    async def slow(sid: str, number: int) -> None:
        await asyncio.sleep(0.01 * (5 - number))
        done.append(number)

    monkeypatch.setitem(chat.relay.handlers["/"], "slow", slow)
    ana = await chat.client("websocket")
    for number in range(5):
        await ana.sio.emit("slow", number)
    await soon(lambda: len(done) == 5, what="all to be handled")
    assert done == [0, 1, 2, 3, 4]
    await ana.disconnect()


async def test_an_answer_is_not_compressed(chat: Chat) -> None:
    """Not even a long one, for a client that takes gzip: its length would tell of its secrets (BREACH)."""
    session = await chat.polling()
    sid = chat.relay.manager.sid_from_eio_sid(session.sid, "/")
    await chat.relay.emit("long", "x" * 10_000, to=sid)
    answer: Any = None
    async with asyncio.timeout(PATIENCE):
        while answer is None or "long" not in answer.text:
            url = f"{POLLING}&sid={session.sid}"
            answer = await chat.http.get(url, headers={"Accept-Encoding": "gzip, deflate"})
            assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert int(answer.headers["Content-Length"]) > 10_000
