"""A talk in a chat of this process: what the rows about reactions and history are measured with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from chat.settings import Settings

from tests.bench.member import Member, MemberError
from tests.bench.talk import EMOJI, MEMBERS, talking
from tests.unit.wire import Chat


@pytest.fixture(scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    bundle = tmp_path_factory.mktemp("bundle")
    (bundle / "socket.io.js").touch()
    settings = Settings(port=0, client_bundle=bundle, messages_at_once=10_000, bytes_at_once=1_000_000)
    async with Chat(settings) as chat:
        yield f"127.0.0.1:{chat.port}"


async def test_ten_react_to_each_message_and_whoever_reads_it_has_all_ten(address: str) -> None:
    def talks() -> None:
        with talking(address, "ten") as talk:
            said = [talk.write() for _ in range(5)]
            for message in said:
                talk.react_all(message)
            pages = talk.pages(said[-1].seq + 1, 5)
            assert len(pages) == 1
            (answer,) = talk.read(pages)
        assert [entry["seq"] for entry in answer.said["messages"]] == [message.seq for message in said]
        for entry in answer.said["messages"]:
            assert [each["emoji"] for each in entry["reactions"]] == [*EMOJI]
            assert sum("mine" in each for each in entry["reactions"]) == 1  # who reads reacted as well
        assert answer.size > 5 * MEMBERS * len('{"emoji":"","count":1,"since":1}')
        assert answer.milliseconds > 0

    await asyncio.to_thread(talks)


async def test_one_asks_on_until_all_messages_are_there(address: str) -> None:
    """One answer has a thousand entries at most, so not a hundred messages with ten reactions behind each."""

    def talks() -> None:
        with talking(address, "among") as talk:
            for _ in range(100):
                last = talk.write()
                talk.react_all(last)
            answers = talk.read(talk.pages(last.seq + 1, 100))
        assert len(answers) == 2
        entries = [entry for answer in reversed(answers) for entry in answer.said["messages"]]
        assert [entry["seq"] for entry in entries] == [*range(1, last.seq + 1)]

    await asyncio.to_thread(talks)


async def test_a_member_says_what_the_server_refused(address: str) -> None:
    def talks() -> None:
        with (
            closing(Member(address, "refused")) as member,
            pytest.raises(MemberError, match=r"history.*invalid"),
        ):
            member.ask("history", {"room": "refused", "limit": "many"})

    await asyncio.to_thread(talks)
