"""Who is in a room, as a newcomer is shown it and as clients are told it, in rooms small and large."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from relay import Relay
from relay.delivery.people import FIRST, LISTED

from tests.support.waiting import soon


class Client(Protocol):
    def others(self) -> list[list[Any]]:
        """All events it was told that are no entries."""


class Place(Protocol):
    """One worker."""

    relay: Relay

    def person(self, name: str, room: str = ..., mark: str = ...) -> Awaitable[Client]: ...

    def leaves(self, client: Any) -> Awaitable[None]: ...


NAMES = [f"person {number:03}" for number in range(LISTED + 30)]


class View:
    """A client's list of people, kept as docs/protocol.md says."""

    def __init__(self, place: Place, client: Client, room: str) -> None:
        shown = place.relay.people(room)
        self._client, self._room, self._used = client, room, 0
        self.count, self.names = shown.count, {member.id: member.name for member in shown.first}

    def look(self) -> tuple[int, list[str]]:
        told = [event[1] for event in self._client.others() if event[0] == "presence"]
        for change in told[self._used :]:
            self.count = change["count"]
            if "people" in change:
                self.names = {person["id"]: person["name"] for person in change["people"]}
            for person in change.get("left", ()):
                self.names.pop(person["id"], None)
            self.names |= {person["id"]: person["name"] for person in change.get("joined", ())}
        self._used = len(told)
        return self.count, sorted(self.names.values())


class PresenceContract:
    """`places`: one worker or several, on which everything looks alike."""

    async def test_up_to_a_hundred_people_are_all_named(self, places: list[Place]) -> None:
        views = await _full(places, "small", NAMES[:LISTED])
        await _all_show(places, "small", LISTED, NAMES[:LISTED])
        await _all_see(views, LISTED, NAMES[:LISTED])

    async def test_of_a_larger_room_the_count_and_the_first_names_are_known(
        self, places: list[Place]
    ) -> None:
        """Whatever worker they are at."""
        names = sorted(NAMES, reverse=True)
        views = await _full(places, "large", names)
        await _all_show(places, "large", len(NAMES), NAMES[:FIRST])
        await _all_see(views, len(NAMES), NAMES[:FIRST])
        late = await places[0].person("a newcomer", "large")
        first = ["a newcomer", *NAMES[: FIRST - 1]]
        await _all_show(places, "large", len(NAMES) + 1, first)
        await _all_see(views, len(NAMES) + 1, first)
        await places[0].leaves(late)
        await _all_show(places, "large", len(NAMES), NAMES[:FIRST])
        await _all_see(views, len(NAMES), NAMES[:FIRST])

    async def test_a_members_mark_is_seen_at_every_worker(self, places: list[Place]) -> None:
        """In a small room and among the first of a large one. It changes as a name does."""
        for room, others in (("marked", NAMES[:5]), ("marked by many", NAMES)):
            await _full(places, room, others)
            for mark in ("host", "away", ""):
                await places[0].person("a guide", room, mark)
                for place in places:
                    await _first_is(
                        place, room, {"id": "a guide", "name": "a guide"} | ({mark: True} if mark else {})
                    )

    async def test_whoever_has_several_clients_counts_once(self, places: list[Place]) -> None:
        """On one worker or on several; and is gone with the last of them."""
        views = await _full(places, "devices", NAMES)
        clients = [await place.person("another", "devices") for place in (*places, *places)]
        first = ["another", *NAMES[: FIRST - 1]]
        await _all_show(places, "devices", len(NAMES) + 1, first)
        for place, client in zip(places, clients, strict=False):
            await place.leaves(client)
        *others, last = zip(places, clients[len(places) :], strict=True)
        for place, client in others:
            await place.leaves(client)
        # She has to be told of: by then the grace of those who left before is over.
        await places[0].person("zoe", "devices")
        await _all_show(places, "devices", len(NAMES) + 2, first)
        await last[0].leaves(last[1])
        await _all_show(places, "devices", len(NAMES) + 1, NAMES[:FIRST])
        await _all_see(views, len(NAMES) + 1, NAMES[:FIRST])

    async def test_a_room_that_is_small_again_names_all(self, places: list[Place]) -> None:
        """And large again, the first."""
        views = await _full(places, "shrinking", NAMES[:LISTED])
        clients = [
            await places[number % len(places)].person(name, "shrinking")
            for number, name in enumerate(NAMES[LISTED:])
        ]
        await _all_see(views, len(NAMES), NAMES[:FIRST])
        for number, client in enumerate(clients):
            await places[number % len(places)].leaves(client)
        await _all_show(places, "shrinking", LISTED, NAMES[:LISTED])
        await _all_see(views, LISTED, NAMES[:LISTED])
        await places[-1].person("a newcomer", "shrinking")
        await _all_see(views, LISTED + 1, ["a newcomer", *NAMES[: FIRST - 1]])


async def _full(places: list[Place], room: str, names: list[str]) -> list[View]:
    """Put people into a room, one after the other at another worker. Returns what the first at each sees."""
    clients = [await places[number % len(places)].person(name, room) for number, name in enumerate(names)]
    return [View(place, client, room) for place, client in zip(places, clients, strict=False)]


async def _all_show(places: list[Place], room: str, count: int, names: list[str]) -> None:
    """A newcomer at each worker is shown so many people, and these names."""

    def shown() -> bool:
        for place in places:
            people = place.relay.people(room)
            assert (people.count, [member.name for member in people.first]) == (count, names)
        return True

    await soon(shown, what=f"{count} people are shown")


async def _all_see(views: list[View], count: int, names: list[str]) -> None:
    """Every client was told this."""

    def seen() -> bool:
        for view in views:
            assert view.look() == (count, names)
        return True

    await soon(seen, what=f"{count} people are seen")


async def _first_is(place: Place, room: str, told: dict[str, Any]) -> None:
    """The first of a room's people is shown so at this worker."""
    await soon(lambda: place.relay.people(room).first[0].named() == told, what=f"all see {told}")
