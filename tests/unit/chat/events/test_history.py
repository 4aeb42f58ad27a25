"""History over the wire: in pages that a client can take."""

from typing import Any

from chat.domain.messages import Draft
from chat.domain.people import Person
from relay import Post

from tests.unit.wire import Chat


async def test_an_answer_holds_no_more_of_a_history_than_a_client_can_take(strict: Chat) -> None:
    """Whatever is left comes with the next question, in both directions, without a hole."""
    worker: Any = strict.relay
    append = worker.manager.log.append
    data = Draft("any", Person("a", "Ana"), "é" * 8000).data()
    for number in range(1, 101):
        await append("lobby", Post(f"id{number}", data))
    ana = await strict.client("polling")
    newest = await ana.asks("join", {"room": "lobby"})
    assert newest["more"]
    assert newest["messages"][-1]["seq"] == 100
    assert len(newest["messages"]) < 30
    seen = [message["seq"] for message in newest["messages"]]
    while seen[0] > 1:
        page = await ana.asks("history", {"room": "lobby", "before": seen[0]})
        seen = [message["seq"] for message in page["messages"]] + seen
    assert seen == list(range(1, 101))
    assert not page["more"]
    resumed = await ana.asks("join", {"room": "lobby", "after": 10, "epoch": newest["epoch"]})
    seen = [message["seq"] for message in resumed["messages"]]
    while seen[-1] < 100:
        page = await ana.asks("history", {"room": "lobby", "after": seen[-1]})
        seen += [message["seq"] for message in page["messages"]]
    assert seen == list(range(11, 101))
    await ana.disconnect()
