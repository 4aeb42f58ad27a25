"""The rooms over the wire: joining, catching up, reading back, leaving; in one process, as on many."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.waiting import PATIENCE
from tests.unit.wire import Chat, Client


@pytest.fixture
async def ana(chat: Chat) -> AsyncIterator[Client]:
    client = await chat.client("websocket")
    yield client
    await client.disconnect()


@pytest.fixture
def room() -> str:
    return f"tea-{secrets.token_hex(4)}"


async def ask(client: Client, event: str, *arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await client.sio.call(event, arguments, timeout=PATIENCE)
    return answer


async def says(client: Client, room: str, *texts: str) -> list[dict[str, Any]]:
    answers = [await client.say(text, {"room": room}) for text in texts]
    assert all(answer["ok"] for answer in answers)
    return answers


def texts(answer: dict[str, Any]) -> list[str]:
    return [message["text"] for message in answer["messages"]]


async def test_a_new_room_is_empty(ana: Client, room: str) -> None:
    """It has no epoch before its first message."""
    joined = await ask(ana, "join", {"room": room})
    assert joined.pop("people")["count"] == 1
    assert joined.pop("rules") == {"locked": False, "slow": 0, "muted": False}
    assert joined == {
        "ok": True, "room": room, "epoch": "", "head": 0, "messages": [], "more": False,
        "about": {"kind": "open", "title": "", "topic": ""},
    }  # fmt: skip


async def test_a_message_object_has_what_the_contract_names(ana: Client, room: str) -> None:
    await ask(ana, "join", {"room": room})
    [answer] = await says(ana, room, "hello")
    [message] = (await ask(ana, "join", {"room": room}))["messages"]
    assert message["author"].keys() == {"id", "name"}
    del message["author"]
    assert message == {key: answer[key] for key in ("id", "room", "seq", "at")} | {"text": "hello"}


async def test_joining_gives_what_came_after(chat: Chat, ana: Client, room: str) -> None:
    """A client that comes back names the last number it has, and gets what it missed, oldest first."""
    await ask(ana, "join", {"room": room})
    answers = await says(ana, room, "one", "two", "three")
    ben = await chat.client("polling")
    back = {"room": room, "after": 1, "epoch": answers[0]["epoch"]}
    joined = await ask(ben, "join", back)
    assert (texts(joined), joined["head"], joined["more"]) == (["two", "three"], 3, False)
    assert "reset" not in joined
    assert texts(await ask(ben, "join", {**back, "after": 3})) == []
    await ben.disconnect()


@pytest.mark.parametrize("known", [{"after": 1, "epoch": "another"}, {"after": 99}])
async def test_numbers_of_another_log_start_the_client_over(
    ana: Client, room: str, known: dict[str, Any]
) -> None:
    """Instead of leaving it to wait for numbers that never come."""
    await ask(ana, "join", {"room": room})
    await says(ana, room, "one", "two")
    joined = await ask(ana, "join", {"room": room, **known})
    assert (joined["reset"], texts(joined)) == (True, ["one", "two"])


async def test_history_reads_both_ways_in_pages(ana: Client, room: str) -> None:
    """Oldest first, and `more` says whether the limit cut it."""
    await ask(ana, "join", {"room": room})
    await says(ana, room, *"abcdef")
    for options, expected, more in [
        ({}, "abcdef", False),
        ({"limit": 2}, "ef", True),
        ({"before": 5, "limit": 2}, "cd", True),
        ({"before": 3}, "ab", False),
        ({"after": 0, "limit": 4}, "abcd", True),
        ({"after": 4}, "ef", False),
        ({"after": 1, "before": 4}, "bc", False),
        ({"limit": 10**6}, "abcdef", False),
    ]:
        answer = await ask(ana, "history", {"room": room, **options})
        assert (answer["ok"], "".join(texts(answer)), answer["more"]) == (True, expected, more), options


async def test_who_left_hears_and_says_nothing_there(ana: Client, room: str) -> None:
    await ask(ana, "join", {"room": room})
    await says(ana, room, "one")
    assert await ask(ana, "leave", {"room": room}) == {"ok": True}
    assert (await ana.say("two", {"room": room}))["error"] == "not_joined"
    assert (await ask(ana, "history", {"room": room}))["error"] == "not_joined"


async def test_a_retry_gets_the_first_answer(chat: Chat, ana: Client, room: str) -> None:
    """Also over another connection: that is where a client whose answer was lost comes back."""
    ben = await chat.client("websocket")
    for client in (ana, ben):
        await ask(client, "join", {"room": room})
    first = await ana.say("once", {"room": room, "id": "same"})
    assert await ben.say("once", {"room": room, "id": "same"}) == first
    assert texts(await ask(ana, "history", {"room": room})) == ["once"]
    await ben.disconnect()


async def test_one_id_for_two_messages_is_refused(chat: Chat, ana: Client, room: str) -> None:
    """Nobody is told that another's message is theirs."""
    await ask(ana, "join", {"room": room})
    await ana.say("mine", {"room": room, "id": "same"})
    assert (await ana.say("another", {"room": room, "id": "same"}))["error"] == "invalid"
    assert texts(await ask(ana, "history", {"room": room})) == ["mine"]


@pytest.mark.parametrize("event", ["join", "history", "leave"])
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "invalid"),
        (("lobby",), "invalid"),
        (({"room": 7},), "invalid"),
        (({"room": "No Room!"},), "no_such_room"),
        (({"room": "lobby"}, 1), "invalid"),
    ],
)
async def test_a_request_that_names_no_room_is_refused(
    ana: Client, event: str, arguments: tuple[Any, ...], error: str
) -> None:
    answer = await ask(ana, event, *arguments)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert answer["detail"].endswith(".")


@pytest.mark.parametrize("number", [-1, 1.5, "7", True, 2**53, [], {}])
async def test_a_number_that_is_none_is_refused(ana: Client, number: object) -> None:
    for event, name in [("join", "after"), ("history", "before"), ("history", "after"), ("history", "limit")]:
        answer = await ask(ana, event, {"room": "lobby", name: number})
        assert (answer["ok"], answer["error"]) == (False, "invalid"), (event, name)
    assert (await ask(ana, "join", {"room": "lobby", "epoch": number}))["ok"] is (number == "7")
