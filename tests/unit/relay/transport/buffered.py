"""How much a worker holds for its clients."""

from tests.unit.wire import Chat

KIB = 1024


def buffered(chat: Chat) -> int:
    count: int = chat.relay.eio.buffers.bytes
    return count
