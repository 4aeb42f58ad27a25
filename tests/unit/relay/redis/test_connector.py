"""A connection is opened by redis-py and goes on with what Redis sends after that; no byte is lost."""

import asyncio
import gc
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError
from relay.redis.connector import connector

from tests.support.authority import Authority
from tests.support.waiting import soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, echo, ok

PING = b"*1\r\n$4\r\nPING\r\n"


class Heard:
    def __init__(self) -> None:
        self.replies: list[Any] = []
        self.lost: list[Exception] = []

    def receive(self, replies: list[Any]) -> None:
        self.replies += replies


async def exchange(url: str) -> None:
    heard = Heard()
    connection = await connector(url, lambda: "secret")(heard.receive, heard.lost.append)
    connection.send(PING)
    await soon(lambda: heard.replies == [b"PING"], what="the reply")
    connection.close()
    assert heard.lost == []
    del connection
    gc.collect()  # what is left open warns, and a warning fails the test


async def test_a_connection_over_tcp_answers_after_its_password() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        await (ok if commands[0][0] == b"AUTH" else echo)(visitor, commands)

    async with FakeRedis(answer) as redis:
        await exchange(redis.url)
        assert redis.seen == [[[b"AUTH", b"secret"]], [[b"PING"]]]
        await redis.visitors[0].gone.wait()


async def test_a_connection_over_a_unix_socket_answers(tmp_path: Path) -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        await (ok if commands[0][0] == b"AUTH" else echo)(visitor, commands)

    async with FakeRedis(answer, path=tmp_path / "redis") as redis:
        await exchange(redis.url)
        await redis.visitors[0].gone.wait()


async def test_a_connection_over_tls_answers(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    for name, text in authority.signs().files.items():
        (tmp_path / name).write_bytes(text)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        await (ok if commands[0][0] == b"AUTH" else echo)(visitor, commands)

    async with FakeRedis(answer, tls=context) as redis:
        await exchange(f"{redis.url}?ssl_ca_certs={authority.certificate}")
        await redis.visitors[0].gone.wait()


async def test_what_came_with_the_last_reply_of_the_handshake_is_not_lost() -> None:
    """Redis says why it closes."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"+OK\r\n-ERR max number of clients reached\r\n")

    async with FakeRedis(answer) as redis:
        with pytest.raises(RedisConnectionError, match="max number of clients reached"):
            await connector(redis.url, lambda: "secret")(Heard().receive, Heard().lost.append)
        await redis.visitors[0].gone.wait()


async def test_a_reply_that_nobody_asked_for_is_an_error() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"+OK\r\n+OK\r\n")

    async with FakeRedis(answer) as redis:
        with pytest.raises(RedisConnectionError, match="what nobody asked"):
            await connector(redis.url, lambda: "secret")(Heard().receive, Heard().lost.append)
        await redis.visitors[0].gone.wait()


@pytest.mark.parametrize("end", [Visitor.close, Visitor.reset])
async def test_a_connection_that_ends_with_the_handshake_is_noticed(end: Any) -> None:
    """While it is opened, or by `lose`."""

    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"+OK\r\n")
        end(visitor)

    heard = Heard()
    async with FakeRedis(answer) as redis:
        with suppress(RedisConnectionError):
            await connector(redis.url, lambda: "secret")(heard.receive, heard.lost.append)
            await soon(lambda: heard.lost, what="the end")
            raise heard.lost[0]


async def test_a_refused_password_is_said_and_leaves_nothing_open() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        visitor.say(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")

    async with FakeRedis(answer) as redis:
        with pytest.raises(AuthenticationError, match="invalid username-password pair"):
            await connector(redis.url, lambda: "wrong")(Heard().receive, Heard().lost.append)
        await redis.visitors[0].gone.wait()


async def test_whoever_stops_connecting_leaves_nothing_open() -> None:
    async def answer(visitor: Visitor, commands: list[Command]) -> None:
        pass

    async with FakeRedis(answer) as redis:
        connect = connector(redis.url, lambda: "secret")
        connecting = asyncio.ensure_future(connect(Heard().receive, Heard().lost.append))
        await soon(lambda: redis.seen, what="the password")
        connecting.cancel()
        await redis.visitors[0].gone.wait()
        assert (await asyncio.gather(connecting, return_exceptions=True))[
            0
        ].__class__ is asyncio.CancelledError
