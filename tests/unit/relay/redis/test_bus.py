"""A bus takes turns with other tasks, and replaces its connection, on a Redis that does as each test says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from relay.redis import bus as module
from relay.redis.bus import Bus
from relay.redis.commands import Command as Asked
from relay.redis.connector import connector
from relay.redis.link import Link

from tests.support.waiting import PATIENCE, soon
from tests.unit.relay.redis.fake_redis import Command, FakeRedis, Visitor, array


class Channels:
    """Redis, as far as a bus uses it. `mute`: publishes no probes."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.subscribed: list[str] = []
        self.mute = False
        self.early = 0
        """Probes that were sent before their channel was subscribed."""
        self.redis: FakeRedis
        self.bus: Bus

    async def answer(self, visitor: Visitor, commands: list[Command]) -> None:
        for kind, *channels in commands:
            for channel in channels:
                visitor.say(b"*3\r\n" + array(kind.lower(), channel)[4:] + b":1\r\n")

    async def send(self, *commands: Asked) -> list[Any]:
        """Instead of a link: what is sent through one is the probe."""
        self.early += [b"SSUBSCRIBE", b"probe"] not in self.redis.visitors[-1].commands
        if not self.mute:
            self.publish("probe", b"")
        return [[]]

    def publish(self, channel: str, *payloads: bytes) -> None:
        """To the newest connection, in one piece."""
        texts = [array(b"smessage", channel.encode(), payload) for payload in payloads]
        self.redis.visitors[-1].say(b"".join(texts))

    @property
    def heard(self) -> list[bytes]:
        return [payload for _, payload in self.received]


@asynccontextmanager
async def running(
    channels: Channels, received: Callable[[str, bytes], None] | None = None
) -> AsyncIterator[None]:
    """A bus that has subscribed to `tea`."""
    async with FakeRedis(channels.answer) as channels.redis:
        connect = connector(channels.redis.url)
        note: Callable[[str, bytes], None] = lambda *each: channels.received.append(each)  # noqa: E731
        link = cast(Link, channels)
        bus = channels.bus = Bus(connect, link, "probe", None, received or note, channels.subscribed.append)
        bus.subscribe("tea")
        task = asyncio.create_task(bus.run())
        await soon(lambda: bus.problem() is None and channels.subscribed, what="the bus to be ready")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await channels.redis.visitors[-1].gone.wait()


async def test_a_burst_of_messages_lets_other_tasks_run() -> None:
    """They are handed on in order, at most 50 in one turn of the loop."""
    channels = Channels()
    turns: list[int] = []
    turn = 0

    def received(channel: str, payload: bytes) -> None:
        channels.received.append((channel, payload))
        turns.append(turn)

    async with running(channels, received):
        burst = [str(number).encode() for number in range(1000)]
        channels.publish("tea", *burst)
        async with asyncio.timeout(PATIENCE):
            while len(channels.received) < 1000:
                await asyncio.sleep(0)
                turn += 1
        assert channels.heard == burst
        assert max(turns.count(each) for each in set(turns)) <= 50
        assert len(channels.redis.visitors) == 1


async def test_the_probe_waits_until_its_channel_is_subscribed() -> None:
    """Else the first would be lost, and the worker not ready for a second more."""
    channels = Channels()
    async with running(channels):
        assert channels.early == 0
        assert channels.subscribed == ["tea"]


async def test_a_connection_that_closes_is_replaced_and_subscribed_anew() -> None:
    channels = Channels()
    async with running(channels):
        channels.redis.visitors[0].close()
        await soon(lambda: channels.subscribed == ["tea", "tea"], what="the new subscription")
        channels.publish("tea", b"after")
        await soon(lambda: channels.heard == [b"after"], what="the message")
        assert channels.bus.problem() is None


async def test_what_can_not_be_received_replaces_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    channels = Channels()
    heard: list[bytes] = []

    def received(channel: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError("a bad payload")
        heard.append(payload)

    async with running(channels, received):
        channels.publish("tea", b"one", b"bad", b"two")
        await soon(lambda: len(channels.subscribed) == 2, what="the new subscription")
        assert heard == [b"one"]
        assert "replacing the connection to Redis: a bad payload" in caplog.text


async def test_a_refused_subscription_is_said() -> None:
    channels = Channels()
    async with running(channels):
        channels.mute = True

        async def refuse(visitor: Visitor, commands: list[Command]) -> None:
            visitor.say(b"-NOPERM No permissions to access a channel\r\n")

        channels.redis._answer = refuse
        channels.redis.visitors[0].close()
        await soon(lambda: "No permissions" in channels.bus._trouble, what="the refusal")


async def test_a_connection_without_probes_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though other messages come."""
    monkeypatch.setattr(module, "SILENCE", 1.0)
    monkeypatch.setattr(module, "PROBE", 0.05)
    channels = Channels()
    async with running(channels):
        channels.mute, before = True, len(channels.redis.visitors)
        async with asyncio.timeout(PATIENCE):
            while len(channels.redis.visitors) == before:
                channels.publish("tea", b"x")
                await asyncio.sleep(0.01)
        await channels.redis.visitors[before - 1].gone.wait()
        assert channels.heard
        assert "has not heard its own probe" in str(channels.bus.problem())


async def test_a_channel_that_the_node_ends_is_subscribed_anew() -> None:
    """As a node of a cluster does when it gives a slot away, and the slot may be back at once."""
    channels = Channels()
    async with running(channels):
        channels.redis.visitors[-1].say(b"*3\r\n" + array(b"sunsubscribe", b"tea")[4:] + b":0\r\n")
        await soon(lambda: channels.subscribed == ["tea", "tea"], what="the new subscription")


async def test_channels_come_and_go_on_the_same_connection() -> None:
    channels = Channels()
    async with running(channels):
        channels.bus.subscribe("milk")
        channels.bus.unsubscribe("tea")
        await soon(lambda: channels.subscribed == ["tea", "milk"], what="the subscription")
        await soon(lambda: channels.redis.seen[-1][-1:] == [[b"SUNSUBSCRIBE", b"tea"]], what="the end")
        assert len(channels.redis.visitors) == 1
