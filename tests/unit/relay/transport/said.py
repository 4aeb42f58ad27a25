"""What everybody in the lobby is sent past the log, and a session that receives it frame by frame."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any

from tests.support.waiting import PATIENCE
from tests.unit.wire import Chat


def tell(chat: Chat, text: str, **options: Any) -> None:
    """Send the event `said` to everybody in the lobby, past the log."""
    chat.relay.manager.fanout.send("lobby", "said", (text,), **options)


def texts(packets: str) -> list[str]:
    """What was `said`, in a payload or a frame."""
    return list(re.findall(r'42\["said","([^"]*)"\]', packets))


@contextlib.asynccontextmanager
async def on_websocket(chat: Chat) -> AsyncIterator[Any]:
    """A session that has joined the namespace, frame by frame."""
    async with chat.websocket() as ws:
        await ws.receive_str()
        await ws.send_str("40")
        assert (await next_frame(ws)).startswith("40{")
        yield ws


async def next_frame(ws: Any) -> str:
    """The next frame but those that tell who is there: these come half a second after somebody came, and
    three seconds after somebody of the test before went."""
    while (frame := str(await ws.receive_str(timeout=PATIENCE))).startswith('42["presence"'):
        pass
    return frame
