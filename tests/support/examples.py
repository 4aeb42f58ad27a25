"""What the examples of docs/examples do, whether their clients are at one process or at two."""

from typing import Any

import httpx
import pytest
import socketio

from tests.support.waiting import PATIENCE, soon


class Client:
    """The official client in one namespace, and what it heard."""

    def __init__(self, namespace: str = "/") -> None:
        self.namespace = namespace
        self.heard: list[tuple[object, ...]] = []
        self.sio = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        self.sio.on("*", lambda *said: self.heard.append(said), namespace)

    async def connect(self, url: str, auth: object = None, transport: str = "websocket") -> None:
        await self.sio.connect(
            url, auth=auth, transports=[transport], namespaces=[self.namespace], wait_timeout=PATIENCE
        )

    async def ask(self, event: str, *arguments: object) -> object:
        return await self.sio.call(event, arguments, namespace=self.namespace, timeout=PATIENCE)

    async def say(self, event: str, *arguments: object) -> None:
        await self.sio.emit(event, arguments, namespace=self.namespace)

    async def hears(self, *events: tuple[object, ...]) -> None:
        """Wait until it has heard so much, and this is it."""
        await soon(lambda: len(self.heard) >= len(events), what=f"{len(events)} events to be heard")
        assert self.heard == [*events]


async def drawing(one: str, two: str) -> None:
    """Strokes are bytes, in one order for all; who comes later gets them too. `one`, `two`: the addresses of
    the processes, or twice that of the only one."""
    ana, ben, cleo = Client(), Client(), Client()
    await ana.connect(one)
    await ben.connect(two, transport="polling")
    strokes = [bytes([n, 0, 255]) * (n + 1) for n in range(4)]
    empty = await ana.ask("join", "wall")
    assert empty == {"epoch": "", "reset": False, "more": False, "strokes": [], "points": b""}
    await ben.ask("join", "wall")
    for number, stroke in enumerate(strokes):
        drawn = await (ana, ben)[number % 2].ask("draw", "wall", f"stroke-{number}", stroke)
        assert drawn == {"seq": number + 1}
    assert await ana.ask("draw", "wall", "stroke-0", strokes[0]) == {"seq": 1}
    assert "error" in dict(await ana.ask("draw", "wall", "a-text", "points"))  # type: ignore[call-overload]
    await soon(lambda: len(ana.heard) == 4, what="four strokes to be heard")
    epoch = ana.heard[0][2]
    heard = [("stroke", "wall", epoch, number, stroke) for number, stroke in enumerate(strokes, 1)]
    await ana.hears(*heard)
    await ben.hears(*heard)

    await cleo.connect(two)
    missed = {
        "epoch": epoch,
        "reset": False,
        "more": False,
        "strokes": [[3, len(strokes[2])], [4, len(strokes[3])]],
        "points": strokes[2] + strokes[3],
    }
    assert await cleo.ask("join", "wall", 2, epoch) == missed
    await ana.say("pointer", "wall", b"\x01\x02")
    await cleo.hears(("pointer", ana.sio.get_sid(), b"\x01\x02"))
    for client in (ana, ben, cleo):
        await client.sio.disconnect()


async def help_desk(one: str, two: str) -> None:
    """A class-based namespace follows tickets, to which clients and HTTP requests add. `one`, `two`: as for
    `drawing`."""
    ana, ben, nobody = Client("/desk"), Client("/desk"), Client("/desk")
    await ana.connect(one, {"name": "Ana"})
    await ben.connect(two, {"name": "Ben"}, transport="polling")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await nobody.connect(one, "somebody")
    for client in (ana, ben):
        await client.ask("follow", "t1")
    assert await ana.ask("comment", "t1", "c-1", "it is broken") == 1
    assert await ana.ask("comment", "t1", "c-1", "it is broken") == 1
    async with httpx.AsyncClient(timeout=PATIENCE, verify=False) as http:
        assert (await http.post(f"{two}/tickets/t1", params={"text": "mine too"})).json() == 2
        assert await ben.ask("comment", "t1", "c-2", "mended") == 3
        texts = ["Ana: it is broken", "mail: mine too", "Ben: mended"]
        assert (await http.get(f"{one}/tickets/t1")).json() == texts
    for client in (ana, ben):
        await soon(lambda c=client: len(c.heard) == 3, what="the comments to be heard")  # type: ignore[misc]
    assert ana.heard == ben.heard
    comments = [dict(said[1]) for said in ana.heard]  # type: ignore[call-overload]
    assert [(each["seq"], each["text"]) for each in comments] == [*enumerate(texts, 1)]
    await ben.say("typing", "t1")
    await soon(lambda: ana.heard[3:] == [("typing", "Ben")], what="Ana to be told that Ben types")

    back = Client("/desk")
    await back.connect(two, {"name": "Ana"})
    missed = await back.ask("follow", "t1", 1, comments[0]["epoch"])
    assert missed == {"epoch": comments[0]["epoch"], "comments": comments[1:], "more": False, "reset": False}
    for client in (ana, ben, back):
        await client.sio.disconnect()


async def people(one: str, two: str) -> None:
    """Each user is listed once, from the first client to the last. `one`, `two`: as for `drawing`."""
    ana, tab, ben, nobody = Client(), Client(), Client(), Client()
    await ben.connect(two, {"user": "ben"})
    await ana.connect(one, {"user": "ana"})
    await tab.connect(two, {"user": "ana"}, transport="polling")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await nobody.connect(one, {"user": ""})
    await ana.say("about", "at lunch")
    await soon(lambda: len(states(ben, "ana")) == 2, what="Ben to hear twice of Ana")
    assert [(each["here"], each["about"]) for each in states(ben, "ana")] == [(True, ""), (True, "at lunch")]
    for client in (ana, tab, ben):
        listed = await client.ask("who")
        assert {each["user"]: each["about"] for each in listed} == {"ana": "at lunch", "ben": ""}  # type: ignore[attr-defined]

    await ana.sio.disconnect()
    await tab.ask("about", "at work")
    await tab.sio.disconnect()
    await soon(lambda: not states(ben, "ana")[-1]["here"], what="Ben to hear that Ana has gone")
    turns = [each["turn"] for each in states(ben, "ana")]
    assert turns == sorted({*turns})
    assert len(turns) == 4
    assert [each["user"] for each in await ben.ask("who")] == ["ben"]  # type: ignore[attr-defined]
    await ben.sio.disconnect()


def states(client: Client, user: str) -> list[dict[str, Any]]:
    """What a client was told of a user, in the order in which it came."""
    told = [dict(arguments[0]) for event, *arguments in client.heard if event == "online"]  # type: ignore[call-overload]
    return [each for each in told if each["user"] == user]
