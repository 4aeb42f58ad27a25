"""The connections of a worker: one for each client that is there, and none for any other."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from chat.events.connections import Connections
from chat.settings import Settings
from socketio.exceptions import ConnectionError as Refused

from tests.support.waiting import soon
from tests.unit.chat.events.moderated import comes, connects, id_of, leave, moderator
from tests.unit.visitors import cookie_of
from tests.unit.wire import POLLING, Chat, Client, Log


async def test_a_client_has_a_connection_until_it_disconnects(moderated: Chat) -> None:
    ana, ben = await comes(moderated, "Ana"), await comes(moderated, "Ben")
    assert len(moderated.connections) == 2
    await leave(ana)
    await soon(lambda: len(moderated.connections) == 1, what="Ana's is forgotten")
    await leave(ben)
    await soon(lambda: len(moderated.connections) == 0, what="Ben's is forgotten")


async def test_a_client_that_is_not_let_in_leaves_none(moderated: Chat) -> None:
    """Nor does one that is disconnected by the server."""
    mia, eve = await moderator(moderated), await comes(moderated, "Eve", "192.0.2.9")
    await mia.asks("ban", {"person": await id_of(eve), "addresses": True})
    await soon(lambda: len(moderated.connections) == 1, what="Eve's is forgotten")
    cookie = await cookie_of(moderated, "Eve again")
    with pytest.raises(Refused):
        await connects(moderated, Client(["websocket"]), cookie, "192.0.2.9")
    assert len(moderated.connections) == 1
    await leave(mia)


async def test_a_client_that_leaves_while_it_is_let_in_leaves_none(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()
    let_in = Connections._let_in

    async def slowly(*arguments: Any) -> Any:
        entered.set()
        await go_on.wait()
        return await let_in(*arguments)

    monkeypatch.setattr(Connections, "_let_in", slowly)
    before = len(chat.connections)
    opened = json.loads((await chat.http.get(POLLING)).text[1:])
    connecting = asyncio.create_task(chat.http.post(f"{POLLING}&sid={opened['sid']}", content="40"))
    await entered.wait()
    await chat.http.post(f"{POLLING}&sid={opened['sid']}", content="1")
    go_on.set()
    await connecting
    assert len(chat.connections) == before
    assert not chat.relay.manager.rooms, "it is in no room either"


async def test_an_event_before_the_answer_to_connect_is_refused(strict: Chat) -> None:
    """Over polling it can overtake it; it is no error of ours."""
    session = await strict.polling()
    strict.connections._open.clear()
    assert (await session.post('421["message","early"]')).status_code == 200
    assert '"invalid"' in (await session.poll()).text


async def test_who_was_refused_begins_a_new_session(
    bundle: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """So that one session costs one line, however often it asks."""
    caplog.set_level("INFO", logger="chat")
    async with Chat(Settings(port=0, client_bundle=bundle, access_code="sesame")) as chat:
        opened = await chat.http.get("/sio/socket.io/?EIO=4&transport=polling")
        sid = json.loads(opened.text[1:])["sid"]
        address = f"/sio/socket.io/?EIO=4&transport=polling&sid={sid}"
        for _ in range(5):
            assert (await chat.http.post(address, content='40{"code":"wrong"}')).status_code == 200
    assert sum("Connect refused" in line for line in log.lines) == 1
