"""The body of a POST is taken whole, up to its limit."""

import asyncio
from typing import Any

import pytest
from relay.transport.packets import BadInput, read_body


class Input(asyncio.StreamReader):
    """A request's body that has arrived."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.feed_data(body)
        self.feed_eof()


def request(body: bytes, announced: int | None) -> dict[str, Any]:
    length = {} if announced is None else {"CONTENT_LENGTH": str(announced)}
    return {"wsgi.input": Input(body), **length}


@pytest.mark.parametrize("announced", [10, None])
async def test_a_body_of_exactly_the_limit_is_taken(announced: int | None) -> None:
    """Chunked bodies are not announced."""
    assert await read_body(request(b"x" * 10, announced), 10) == b"x" * 10
    assert await read_body(request(b"", None), 10) == b""


@pytest.mark.parametrize("announced", [11, 10, None])
async def test_a_larger_one_is_refused_whatever_was_announced(announced: int | None) -> None:
    with pytest.raises(BadInput):
        await read_body(request(b"x" * 11, announced), 10)


@pytest.mark.parametrize("announced", [9, 3])
async def test_a_body_of_another_length_than_announced_is_refused(announced: int) -> None:
    with pytest.raises(BadInput):
        await read_body(request(b"x" * 8, announced), 10)
