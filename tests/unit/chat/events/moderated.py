"""A chat with moderators, and who comes to it."""

from tests.support.waiting import PATIENCE
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client

CODE = "order, order"
MODERATOR = {"name": "Mia", "admin": CODE}


async def comes(chat: Chat, name: str, address: str = "192.0.2.1") -> Client:
    """Somebody who signed in, from this address."""
    client = Client(["websocket"])
    await connects(chat, client, await cookie_of(chat, name), address)
    return client


async def connects(chat: Chat, client: Client, cookie: str, address: str = "192.0.2.1") -> None:
    chat.clients.append(client)
    headers = {"Cookie": f"tertulia={cookie}", "X-Forwarded-For": address}
    await client.sio.connect(
        chat.url, headers, transports=["websocket"], socketio_path="sio/socket.io", wait_timeout=PATIENCE
    )


async def moderator(chat: Chat) -> Client:
    return await chat.client("websocket", auth=MODERATOR)


async def id_of(client: Client) -> str:
    return (await client.who())["id"]


async def leave(*clients: Client) -> None:
    for client in clients:
        await client.disconnect()
