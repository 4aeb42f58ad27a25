"""One session, several namespaces: each is joined, refused and left by itself."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import socketio
from relay.strict_server import CONNECTS
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from tests.support.waiting import PATIENCE, soon
from tests.unit.wire import Chat


class Desk:
    """A second namespace, whose `connect` handler lets in who says the word."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.left: list[str] = []

    async def connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        self.asked.append(environ.get("HTTP_X_DESK"))
        if auth != {"word": "please"}:
            raise ConnectionRefused("the word is missing")

    async def disconnect(self, sid: str, reason: str) -> None:
        self.left.append(reason)

    async def ring(self, sid: str) -> str:
        return "coming"


@pytest.fixture
def desk(chat: Chat) -> Iterator[Desk]:
    desk = Desk()
    chat.relay.handlers["/desk"] = {
        "connect": desk.connect,
        "disconnect": desk.disconnect,
        "ring": desk.ring,
    }
    yield desk
    del chat.relay.handlers["/desk"]


@pytest.fixture(params=["polling", "websocket"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[socketio.AsyncClient]:
    client = socketio.AsyncClient(reconnection=False)
    client.way = request.param
    yield client
    await client.disconnect()


async def connect(client: socketio.AsyncClient, chat: Chat, word: str, *namespaces: str) -> None:
    await client.connect(
        chat.url,
        {"X-Desk": "7"},
        {"word": word},
        transports=[client.way],
        namespaces=list(namespaces),
        socketio_path="sio/socket.io",
        wait=False,
    )


async def test_one_session_joins_several(chat: Chat, desk: Desk, client: socketio.AsyncClient) -> None:
    """As two sockets of one Manager do; the handshake's headers are there for each."""
    await connect(client, chat, "please", "/", "/desk")
    await soon(lambda: {*client.namespaces} == {"/", "/desk"}, what="both namespaces to be joined")
    assert len(chat.relay.eio.sockets) == 1
    assert desk.asked == ["7"]
    assert (await client.call("message", "hello", timeout=PATIENCE))["ok"]
    assert await client.call("ring", namespace="/desk", timeout=PATIENCE) == "coming"


@pytest.mark.parametrize("namespaces", [("/desk", "/"), ("/", "/desk"), ("/nowhere", "/")])
async def test_one_that_is_refused_leaves_the_others_alone(
    chat: Chat, desk: Desk, client: socketio.AsyncClient, namespaces: tuple[str, ...]
) -> None:
    """Whichever comes first, and whether it is refused or not there at all."""
    refused: list[Any] = []
    other = next(each for each in namespaces if each != "/")
    client.on("connect_error", refused.append, namespace=other)
    await connect(client, chat, "now!", *namespaces)
    await soon(lambda: refused and "/" in client.namespaces, what="one to be joined, one refused")
    assert (await client.call("message", "hello", timeout=PATIENCE))["ok"]
    assert other not in client.namespaces
    assert len(chat.relay.eio.pending) == 0


async def test_leaving_one_leaves_the_other_and_its_session_alone(chat: Chat, desk: Desk) -> None:
    """By the client, and by the server; the last one that is left begins the session's time again."""
    session = await chat.polling()
    await session.post('40/desk,{"word":"please"}')
    await session.post("41/desk,")
    assert len(desk.left) == 1
    assert (await session.post('420["message","still here"]')).status_code == 200
    assert len(chat.relay.eio.pending) == 0

    await session.post('40/desk,{"word":"please"}')
    await chat.relay.disconnect(chat.relay.manager.sid_from_eio_sid(session.sid, "/"))
    assert len(chat.relay.eio.pending) == 0
    await session.poll()
    await session.post('42/desk,1["ring"]')
    assert '43/desk,1["coming"]' in (await session.poll()).text

    await session.post("41/desk,")
    assert len(chat.relay.eio.pending) == 1


async def test_who_was_refused_may_try_again(chat: Chat, desk: Desk) -> None:
    """On the same session, a few times."""
    session = await chat.polling()
    for _ in range(CONNECTS - 2):
        await session.post('40/desk,{"word":"now!"}')
        assert '44/desk,{"message":"the word is missing"}' in (await session.poll()).text
    await session.post('40/desk,{"word":"please"}')
    assert "40/desk,{" in (await session.poll()).text


async def test_a_session_does_not_connect_without_end(chat: Chat, desk: Desk) -> None:
    """What it asks for after that costs nothing but the sentence; what it joined goes on."""
    session = await chat.polling()
    for _ in range(CONNECTS + 5):
        await session.post('40/desk,{"word":"now!"}')
    assert len(desk.asked) == CONNECTS - 1
    assert "Connect with a new one" in (await session.poll()).text
    assert (await session.post('420["message","still here"]')).status_code == 200


async def test_two_connects_at_once_are_one(chat: Chat, desk: Desk) -> None:
    """The second is refused, and does not end the first."""
    session = await chat.polling()
    await session.post('40/desk,{"word":"please"}\x1e40/desk,{"word":"please"}\x1e40')
    answer = (await session.poll()).text
    assert answer.count("40/desk,{") == 1
    assert answer.count("connected to this namespace already") == 2
    assert len(desk.asked) == 1


async def test_of_a_handshake_no_more_is_kept_than_is_of_use(chat: Chat, desk: Desk) -> None:
    """Nothing that holds its connection; and nothing at all once the session has ended."""
    session = await chat.polling()
    assert not {"wsgi.input", "asgi.receive", "asgi.send"} & chat.relay.environ[session.sid].keys()
    await session.post("1")
    assert chat.relay.environ == {}
