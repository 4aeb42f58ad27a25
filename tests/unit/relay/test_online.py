"""The example of who is online, where connections to Redis break."""

from typing import Any

import pytest
from relay import Relay, RelayServer

from tests.support.noticeboard import loaded
from tests.unit.relay.values_contract import LostAnswers


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "the answer is lost"])
async def test_a_change_is_told_once_also_if_its_answer_was_lost(
    lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = loaded("online")
    relay = Relay.in_memory()
    told: list[dict[str, Any]] = []

    class Server(RelayServer):
        async def emit(self, event: str, data: Any = None, *_: Any, **__: Any) -> None:
            told.append(data)

    monkeypatch.setattr(online, "relay", relay)
    monkeypatch.setattr(online, "server", Server(relay.manager))
    if lost:
        relay.records = LostAnswers(relay.records)
    await relay.connections.add("a client", "ana")
    await online.settle("ana")
    await online.settle("ana", about="at lunch")
    await online.settle("ana")
    assert [(each["here"], each["about"]) for each in told] == [(True, ""), (True, "at lunch")]
    assert [each["user"] for each in await online.who("a client")] == ["ana"]
    assert "id" not in told[0]
