"""An admin with the official Admin UI sees the clients of all workers, and acts on them.

The workers are one application's; in memory they are the same one. `instrumented(…)` starts them, with the
arguments of `instrument`.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest
import socketio
from relay import Post
from relay.admin import ui

from tests.support.served import Served, Visitor
from tests.support.waiting import soon

LOGIN = {"username": "admin", "password": "correct horse"}
COMMANDS = {"EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"}

Instrumented = Callable[..., AbstractAsyncContextManager[tuple[Served, Served]]]


async def admin_of(worker: Served, login: Any = LOGIN) -> Visitor:
    """An admin who was told what there is."""
    admin = await worker.visitor("/admin", auth=login)
    await soon(lambda: said(admin, "config"), what="the admin to be welcomed")
    return admin


def said(admin: Visitor, event: str) -> list[list[Any]]:
    """The arguments of each such event that an admin got."""
    return [arguments for _, name, *arguments in admin.heard if name == event]


def seen(admin: Visitor) -> dict[str, Any]:
    """The clients that an admin was told of, by their sids."""
    listed = [each for (sockets,) in said(admin, "all_sockets") for each in sockets]
    return {each["id"]: each for each in [*listed, *(first for first, *_ in said(admin, "socket_connected"))]}


async def gets(admin: Visitor, event: str, *arguments: Any) -> None:
    """Wait until an admin got this; its time stands at the end."""

    def got() -> bool:
        return any(each[: len(arguments)] == [*arguments] for each in said(admin, event))

    await soon(got, what=f"{event} {arguments}")


def carried(admin: Visitor) -> dict[str, int]:
    """What the workers have carried, as an admin was told."""
    sums: Counter[str] = Counter()
    for (stats,) in said(admin, "server_stats"):
        for each in stats["aggregatedEvents"]:
            sums[each["type"]] += each["count"]
    return sums


class AdminContract:
    @pytest.mark.parametrize("at_a_time", [50, 1])
    async def test_an_admin_is_shown_the_clients_of_all_workers(
        self, instrumented: Instrumented, monkeypatch: pytest.MonkeyPatch, at_a_time: int
    ) -> None:
        """Those that were there before, and those that come; however many fit into one packet."""
        monkeypatch.setattr(ui, "AT_A_TIME", at_a_time)
        async with instrumented() as (one, two):
            one.server.on("hello", lambda sid: None, namespace="/desk")
            two.server.on("hello", lambda sid: None, namespace="/desk")
            headers = {"Cookie": "login=secret", "Proxy-Authorization": "secret", "X-Team": "blue"}
            ana = await one.visitor("/", "/desk", transport="polling", headers=headers)
            ben = await two.visitor()
            await two.server.enter_room(ben.sid(), "tea")
            admin = await admin_of(one)
            (features,) = said(admin, "config")[0]
            assert {*features["supportedFeatures"]} == {"AGGREGATED_EVENTS", "ALL_EVENTS", *COMMANDS}
            there = {ana.sid(), ana.sid("/desk"), ben.sid(), admin.sid("/admin")}
            await soon(lambda: seen(admin).keys() == there, what="all to be shown")
            cleo = await two.visitor("/desk")
            await soon(lambda: cleo.sid("/desk") in seen(admin), what="who came to be shown")
            shown = seen(admin)
            of_ana, at_desk, of_ben = shown[ana.sid()], shown[ana.sid("/desk")], shown[ben.sid()]
            assert of_ben["rooms"] == [ben.sid(), "tea"]
            assert of_ana["clientId"] != ana.sio.eio.sid
        assert (of_ana["nsp"], at_desk["nsp"]) == ("/", "/desk")
        assert (of_ana["transport"], of_ben["transport"]) == ("polling", "websocket")
        assert of_ana["clientId"] == at_desk["clientId"]
        handshake = of_ana["handshake"]
        assert handshake["headers"]["x-team"] == "blue"
        assert "secret" not in str(shown)
        assert handshake["address"] == "127.0.0.1"
        assert handshake["query"]["EIO"] == "4"
        assert handshake["issued"] > 1_700_000_000_000

    async def test_an_admin_is_told_what_happens_on_all_workers(self, instrumented: Instrumented) -> None:
        async with instrumented() as (one, two):
            for worker in {one, two}:
                worker.server.on("say", lambda sid, *said: None)
            ana = await one.visitor()
            admin = await admin_of(one)
            ben = await two.visitor()
            await ben.asks("say", "hello", {"to": [b"abc"]})
            await gets(admin, "event_received", "/", ben.sid(), ["say", "hello", {"to": ["(3 bytes)"]}])
            await two.server.enter_room(ben.sid(), "tea")
            await gets(admin, "room_joined", "/", "tea", ben.sid())
            await one.server.emit("news", ("a", b"abc"), to="tea")
            await gets(admin, "event_sent", "/", ben.sid(), ["news", "a", "(3 bytes)"])
            await two.server.leave_room(ben.sid(), "tea")
            await gets(admin, "room_left", "/", "tea", ben.sid())
            sid = ben.sid()
            await ben.sio.disconnect()
            await gets(admin, "socket_disconnected", "/", sid)
            await one.server.emit("all", skip_sid=[])
            await gets(admin, "event_sent", "/", ana.sid(), ["all"])
            assert [each[1] for each in said(admin, "event_sent") if each[2][0] == "all"] == [ana.sid()]

    async def test_an_admin_is_told_of_the_entries_of_relay_rooms(self, instrumented: Instrumented) -> None:
        async with instrumented() as (one, two):
            ana, ben = await one.visitor(), await two.visitor()
            admin = await admin_of(one)
            await one.relay.join(ana.sid(), "tea")
            await two.relay.join(ben.sid(), "tea")
            await gets(admin, "room_joined", "/", "room:tea", ben.sid())
            await two.relay.log.append("tea", Post("id", b"hello"))
            await one.relay.emit_volatile("typing", "ben", "tea", skip_sid=ben.sid())
            await gets(admin, "event_sent", "/", ana.sid(), ["entry", 1, "hello"])
            await gets(admin, "event_sent", "/", ben.sid(), ["entry", 1, "hello"])
            await gets(admin, "event_sent", "/", ana.sid(), ["typing", "ben"])
            assert [e for e in said(admin, "event_sent") if e[2][0] == "typing" and e[1] == ben.sid()] == []

    async def test_an_admin_is_told_of_upgrades(self, instrumented: Instrumented) -> None:
        async with instrumented() as (one, two):
            admin = await admin_of(one)
            url = f"{two.url}/socket.io/?EIO=4&transport="
            async with aiohttp.ClientSession() as http:
                opened = await (await http.get(f"{url}polling")).text()
                session = json.loads(opened[1:])["sid"]
                await http.post(f"{url}polling&sid={session}", data="40")
                connected = await (await http.get(f"{url}polling&sid={session}")).text()
                sid = json.loads(connected[2:])["sid"]
                await soon(lambda: sid in seen(admin), what="the client to be shown")
                assert seen(admin)[sid]["transport"] == "polling"
                async with http.ws_connect(f"{url}websocket&sid={session}") as ws:
                    await ws.send_str("2probe")
                    assert await ws.receive_str() == "3probe"
                    await ws.send_str("5")
                    await gets(admin, "socket_updated", {"id": sid, "nsp": "/", "transport": "websocket"})

    @pytest.mark.parametrize("mode", ["development", "production"])
    async def test_an_admin_gets_the_figures_of_each_worker(
        self, instrumented: Instrumented, mode: str
    ) -> None:
        """Also of one that had no client yet."""
        async with instrumented(mode=mode, server_stats_interval=0.1) as (one, two):
            admin = await admin_of(one)
            workers = {id(one), id(two)}
            await soon(
                lambda: len({stats["serverId"] for (stats,) in said(admin, "server_stats")}) == len(workers),
                what="figures of each",
            )
            ben = await two.visitor()
            await ben.sio.emit("hello")

            def of_ben() -> list[dict[str, Any]]:
                there = {"name": "/", "socketsCount": 1}
                return [stats for (stats,) in said(admin, "server_stats") if there in stats["namespaces"]]

            await soon(of_ben, what="the client to be counted")
            assert of_ben()[0]["clientsCount"] == (2 if one is two else 1)
            kinds = {"rawConnection", "packetsIn", "packetsOut", "bytesIn", "bytesOut"}
            await soon(lambda: kinds <= carried(admin).keys(), what="what is carried to be counted")

    async def test_an_admins_orders_reach_the_clients_of_all_workers(
        self, instrumented: Instrumented
    ) -> None:
        """By a client's sid, by a room, and all of a namespace."""
        async with instrumented() as (one, two):
            ana, ben, admin = await one.visitor(), await two.visitor(), await admin_of(one)
            for visitor in (ana, ben):
                await admin.says("join", "/", "tea", visitor.sid(), namespace="/admin")
            await soon(lambda: "tea" in two.server.rooms(ben.sid()), what="Ben to be in the room")
            await admin.says("emit", "/", "tea", "news", 1, [2], namespace="/admin")
            for visitor in (ana, ben):
                await visitor.hears(("/", "news", 1, [2]))
            await admin.says("join", "/", "coffee", "tea", namespace="/admin")
            await soon(
                lambda: "coffee" in one.server.rooms(ana.sid()) and "coffee" in two.server.rooms(ben.sid()),
                what="all of a room to be in another",
            )
            await admin.says("leave", "/", "tea", namespace="/admin")
            await soon(lambda: "tea" not in two.server.rooms(ben.sid()), what="Ben to have left")
            await admin.says("_disconnect", "/", False, ben.sid(), namespace="/admin")
            await soon(lambda: not ben.sio.connected, what="Ben to be disconnected")
            assert ana.sio.connected
            await admin.says("_disconnect", "/", True, namespace="/admin")
            await soon(lambda: not ana.sio.connected, what="Ana to be disconnected")

    async def test_a_client_that_an_admin_puts_in_a_relay_room_gets_its_entries(
        self, instrumented: Instrumented
    ) -> None:
        async with instrumented() as (one, two):
            ben, admin = await two.visitor(), await admin_of(one)
            await admin.says("join", "/", "room:tea", ben.sid(), namespace="/admin")
            await soon(lambda: two.relay.joined(ben.sid(), "tea"), what="Ben to be in the room")
            await one.relay.log.append("tea", Post("id", b"hello"))
            await ben.hears(("/", "entry", 1, "hello"))

    async def test_an_order_that_the_page_would_not_give_does_nothing(
        self, instrumented: Instrumented
    ) -> None:
        async with instrumented() as (one, two):
            ben, admin = await two.visitor(), await admin_of(one)
            orders: list[tuple[Any, ...]] = [
                ("join", "/", {"no": "room"}),
                ("join", ["/"], "tea"),
                ("leave", "/", "tea", {"no": "rooms"}),
                ("_disconnect", "/", False, [7]),
                ("emit", "/", {}, "news"),
                ("emit", "/", None, 7),
            ]
            for order in orders:
                await admin.says(*order, namespace="/admin")
            await admin.says("emit", "/", None, "news", namespace="/admin")
            await ben.hears(("/", "news"))

    @pytest.mark.parametrize(
        ("options", "features"),
        [
            ({"read_only": True}, {"AGGREGATED_EVENTS", "ALL_EVENTS"}),
            ({"mode": "production"}, {"AGGREGATED_EVENTS"}),
        ],
    )
    async def test_an_admin_who_may_only_read_gives_no_orders(
        self, instrumented: Instrumented, options: dict[str, Any], features: set[str]
    ) -> None:
        """In production there are only figures. The page is told what it may offer."""
        async with instrumented(**options) as (one, two):
            ben, admin = await two.visitor(), await admin_of(one)
            assert {*said(admin, "config")[0][0]["supportedFeatures"]} == features
            for event in ("emit", "join", "leave", "_disconnect"):
                assert not one.server.handles("/admin", event)
            await one.server.emit("news")
            await ben.hears(("/", "news"))
            await soon(lambda: said(admin, "server_stats"), what="figures")
            told = {name for _, name, *_ in admin.heard}
            assert ("event_sent" in told) == ("ALL_EVENTS" in features)

    async def test_a_client_that_is_refused_is_not_shown(self, instrumented: Instrumented) -> None:
        async with instrumented() as (one, two):

            async def refuse(sid: str, environ: dict[str, Any]) -> bool:
                return False

            two.server.on("connect", refuse, namespace="/desk")
            admin = await admin_of(one)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await two.visitor("/desk")
            ben = await two.visitor()
            await soon(lambda: ben.sid() in seen(admin), what="who was let in to be shown")
            assert {each["nsp"] for each in seen(admin).values()} == {"/", "/admin"}

    @pytest.mark.parametrize(
        "auth",
        [LOGIN, [{"username": "other"}, LOGIN], lambda login: login == LOGIN, "a coroutine"],
        ids=["one", "several", "function", "coroutine"],
    )
    async def test_only_admins_are_let_in(self, instrumented: Instrumented, auth: Any) -> None:
        async def allows(login: Any) -> bool:
            return bool(login == LOGIN)

        async with instrumented(auth=allows if auth == "a coroutine" else auth) as (one, _):
            await admin_of(one)
            for wrong in ({"username": "admin", "password": "wrong"}, None):
                with pytest.raises(socketio.exceptions.ConnectionError, match="/admin"):
                    await one.visitor("/admin", auth=wrong)
