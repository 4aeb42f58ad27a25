"""The walks: everybody says every event, and asks for every address."""

from collections.abc import Iterable
from pathlib import Path

from chat.events.event import Event

from tests.unit.chat.events.guarded import made_up
from tests.unit.chat.walk.addresses import ADDRESSES, Address
from tests.unit.chat.walk.events import EVENTS, Row
from tests.unit.chat.walk.kinds import KINDS, Kind, Place, program
from tests.unit.chat.walk.world import World, answer_to, world

Table = dict[str, dict[str, str]]
"""What is answered: by the row, then by the title of the kind."""


async def walk_events(bundle: Path, declared: Iterable[Event]) -> Table:
    """What everybody is answered to every event."""
    table: Table = {}
    async with world(bundle) as here:
        table["`CONNECT`"] = {
            kind.title: answer_to(await who.asks("rooms")) for kind, who in here.people.items()
        }
        for event in declared:
            for row in EVENTS[event.name]:
                table[f"`{event.name}` {row.where}".strip()] = await _said(here, event.name, row)
    return table


async def _said(here: World, event: str, row: Row) -> dict[str, str]:
    """What each kind is answered. Whoever is not in a private room is answered the same of one that somebody
    made up."""
    room = ""
    if row.private is not None:
        room = await (here.private_room() if row.private else here.open_room())
    found: dict[str, str] = {}
    for kind, who in here.people.items():
        answer = await who.asks(event, *row.arguments(here, room))
        found[kind.title] = answer_to(answer)
        if row.private and kind.place in (Place.OUTSIDE, Place.PUT_OUT):
            guess = await who.asks(event, *row.arguments(here, made_up()))
            assert answer == guess, (event, kind.title)
    return found


async def walk_addresses(bundle: Path) -> Table:
    """What everybody is answered at every address. Programs have no browser."""
    table: Table = {}
    async with world(bundle) as here:
        for address in (one for rows in ADDRESSES.values() for one in rows):
            kinds = [kind for kind in KINDS if kind.comes is not program]
            table[address.shown] = {kind.title: await _asked(here, address, kind) for kind in kinds}
    return table


async def _asked(here: World, address: Address, kind: Kind) -> str:
    who = await here.another(kind) if address.fresh else here.people[kind]
    async with who.http(f"192.0.2.{KINDS.index(kind) + 1}") as http:
        answer = await address.ask(here, http)
    if address.fresh:
        await who.leaves()  # or all who come later are told to ever more
    return answer
