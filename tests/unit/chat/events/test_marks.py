"""What was read, over the wire: kept for the person, and told to their other clients."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.waiting import soon
from tests.unit.visitors import cookie_of
from tests.unit.wire import Chat, Client


@pytest.fixture
def room() -> str:
    return f"tea-{secrets.token_hex(4)}"


class Device(Client):
    """A client that remembers what it was told of marks and levels."""

    def __init__(self) -> None:
        super().__init__(["websocket"])
        self.told: list[tuple[str, dict[str, Any]]] = []
        for event in ("read", "level"):
            self.sio.on(event, lambda about, event=event: self.told.append((event, about)))

    async def room(self, name: str) -> dict[str, Any]:
        """What the answer to `rooms` has of a room."""
        rooms = (await self.asks("rooms"))["rooms"]
        return next({**each} for each in rooms if each["room"] == name)


class Devices:
    """A phone and a laptop of one person, in a room of three messages."""

    def __init__(self, phone: Device, laptop: Device, epoch: str) -> None:
        self.phone, self.laptop, self.epoch = phone, laptop, epoch


@pytest.fixture
async def devices(chat: Chat, room: str) -> AsyncIterator[Devices]:
    cookie = await cookie_of(chat, "Ana")
    phone, laptop = Device(), Device()
    for device in (phone, laptop):
        await device.connect(chat.url, cookie=cookie)
        await device.asks("join", {"room": room})
    said = [await laptop.say(text, {"room": room}) for text in ("one", "two", "three")]
    yield Devices(phone, laptop, said[0]["epoch"])
    for device in (phone, laptop):
        await device.disconnect()


async def test_what_is_read_on_one_device_is_read_on_the_other(devices: Devices, room: str) -> None:
    mark = {"room": room, "epoch": devices.epoch, "read": 2}
    assert "read" not in await devices.laptop.room(room)
    answer = await devices.phone.asks("read", {"room": room, "seq": 2, "epoch": devices.epoch})
    assert answer == {"ok": True, **mark}
    await soon(lambda: devices.laptop.told == [("read", mark)], what="the laptop is told")
    assert (await devices.laptop.room(room))["read"] == 2
    assert devices.phone.told == []


async def test_what_was_read_before_is_told_to_nobody(devices: Devices, room: str) -> None:
    place = {"room": room, "seq": 3, "epoch": devices.epoch}
    await devices.phone.asks("read", place)
    earlier = await devices.laptop.asks("read", {**place, "seq": 1})
    assert earlier["read"] == 3
    await devices.laptop.asks("level", {"room": room, "level": "none"})
    await soon(lambda: devices.phone.told, what="the phone is told of the level, which came later")
    assert [event for event, _ in devices.phone.told] == ["level"]


async def test_a_mark_of_another_log_is_answered_with_the_one_that_is(devices: Devices, room: str) -> None:
    answer = await devices.phone.asks("read", {"room": room, "seq": 2, "epoch": "another"})
    assert answer == {"ok": True, "room": room, "epoch": devices.epoch, "read": 0}
    assert "read" not in await devices.phone.room(room)


async def test_a_level_is_chosen_on_all_devices(devices: Devices, room: str) -> None:
    chosen = {"room": room, "level": "mentions"}
    assert (await devices.laptop.room(room))["level"] == "all"
    assert await devices.phone.asks("level", chosen) == {"ok": True, **chosen}
    await soon(lambda: devices.laptop.told == [("level", chosen)], what="the laptop is told")
    assert (await devices.laptop.room(room))["level"] == "mentions"


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("read", {}),
        ("read", {"seq": 1}),
        ("read", {"epoch": "x"}),
        ("read", {"seq": -1, "epoch": "x"}),
        ("read", {"seq": 1, "epoch": 1}),
        ("level", {}),
        ("level", {"level": "loud"}),
        ("level", {"level": ["all"]}),
    ],
)
async def test_what_means_nothing_is_invalid(
    devices: Devices, room: str, event: str, arguments: dict[str, Any]
) -> None:
    assert (await devices.phone.asks(event, {"room": room, **arguments}))["error"] == "invalid"


@pytest.mark.parametrize(("event", "about"), [("read", {"seq": 0, "epoch": ""}), ("level", {"level": "all"})])
async def test_only_a_room_that_one_is_in_is_read(
    devices: Devices, room: str, event: str, about: dict[str, Any]
) -> None:
    """Else the answer would say how much is written in it."""
    answer = await devices.phone.asks(event, {"room": f"{room}-other", **about})
    assert answer["error"] == "not_joined"


async def test_a_program_has_its_marks_while_it_is_connected(chat: Chat, devices: Devices, room: str) -> None:
    program = Device()
    await program.connect(chat.url, auth={"name": "Bot"})
    await program.asks("join", {"room": room})
    await program.asks("read", {"room": room, "seq": 2, "epoch": devices.epoch})
    assert (await program.room(room))["read"] == 2
    assert "read" not in await devices.phone.room(room)
    await program.disconnect()
