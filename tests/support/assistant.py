"""A client of the example assistant, which shows the answer as a page would, and what the example does."""

from typing import Any

import pytest
import socketio

from tests.support.examples import Client
from tests.support.waiting import soon


class Listener(Client):
    """What it was told of the answer, applied as the document says."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = ""
        self.busy = False
        self.missed: list[tuple[int, int]] = []
        self.sio.on("state", self._state)
        self.sio.on("word", self._word)

    def _state(self, state: dict[str, Any]) -> None:
        self.answer, self.busy = state["answer"], state["busy"]

    def _word(self, word: dict[str, Any]) -> None:
        if word["at"] == len(self.answer):
            self.answer += word["text"]
        elif word["at"] > len(self.answer):
            self.missed.append((len(self.answer), word["at"]))

    async def hears_words(self, count: int) -> None:
        """Wait until the answer that is given has so many words."""
        await soon(lambda: self.busy and self.answer.count(" ") >= count, what=f"{count} words to be heard")

    async def hears_all(self, question: str, within: float = 20) -> None:
        """Wait until the answer is complete and right, with no word lacking on the way."""
        whole = f"You asked: {question} "
        await soon(lambda: not self.busy and self.answer == whole, within=within, what="the whole answer")
        assert self.missed == []


SESSION = {"session": "6a3cf3bb2b7f4ab4a4f8ee9c4d7b0a11", "user": "ana"}


async def assistant(one: str, two: str) -> None:
    """Two clients of a session, wherever they are, see one answer; they stop it, and end the session. `one`,
    `two`: the addresses of the processes, or twice that of the only one."""
    ana, tab, ben, nobody = Listener(), Listener(), Listener(), Listener()
    await ana.connect(one, SESSION)
    for wrong in (None, {"session": "1", "user": "ana"}, {"session": SESSION["session"], "user": 7}):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await nobody.connect(one, wrong)
    assert "error" in dict(await ana.ask("ask", 7))  # type: ignore[call-overload]
    assert await ana.ask("ask", "what is the time") == {"ok": True}
    assert await ana.ask("ask", "and where") == {"error": "busy"}
    await ana.hears_words(3)
    await tab.connect(two, SESSION, transport="polling")
    await ben.connect(one, {**SESSION, "user": "ben"})
    for client in (ana, tab):
        await client.hears_all("what is the time")
    assert ben.answer == ""

    long = "tell " * 100
    assert await tab.ask("ask", long) == {"ok": True}
    await ana.hears_words(3)
    assert await ana.ask("stop") == {"ok": True}
    for client in (ana, tab):
        await soon(lambda c=client: not c.busy, what="the end of the answer")  # type: ignore[misc]
    assert ana.answer == tab.answer
    assert 3 <= ana.answer.count(" ") < 50
    assert await tab.ask("end") == {"ok": True}
    for client in (ana, tab):
        await soon(lambda c=client: c.answer == "", what="the session to be forgotten")  # type: ignore[misc]
    assert await ana.ask("ask", "again") == {"ok": True}
    for client in (ana, tab):
        await client.hears_all("again")
    for client in (ana, tab, ben):
        await client.sio.disconnect()
