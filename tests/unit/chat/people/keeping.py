"""People who come by cookies, and what is kept of them."""

import asyncio
from dataclasses import replace

from chat.domain.identity import Identity
from chat.domain.people import Person
from chat.people.devices import Device
from chat.people.known_names import KnownNames
from chat.people.login_notes import LoginNotes, Note
from chat.people.logins import KeptLogins
from chat.people.program import Token
from chat.people.programs import Programs
from relay.memory.records import MemoryRecords
from relay.memory.store import MemoryStore

DAY = 86_400
MIA = Person("mia", "Mia")
LAPTOP, PHONE = Device("Firefox", "Linux"), Device("Safari", "iOS")


class Clock:
    now = 1_800_000_000.0

    def after(self, days: float) -> None:
        self.now += days * DAY


class Keeping:
    """The logins of a chat in memory. An address may bring 15 new people a day."""

    def __init__(self, clock: Clock, days: int = 365, *, members: bool = False) -> None:
        self.clock = clock
        self.store, self.records = MemoryStore(), MemoryRecords()
        self.logins = KeptLogins(self.store, self.records, days)
        names = KnownNames(self.records)
        self.notes = LoginNotes(self.store, self.records, self.logins, names, 1, members=members)

    def cookie(self, name: str = "Ana") -> Identity:
        """Somebody new, whose cookie is signed now."""
        return replace(Identity.of(Person.named(name)), signed=int(self.clock.now))

    def another(self, identity: Identity) -> Identity:
        """The same person with a cookie of another login, that is signed now."""
        return replace(Identity.of(identity.person), signed=int(self.clock.now))

    def again(self, identity: Identity) -> Identity:
        """The cookie that the browser is given when its login is kept."""
        return replace(identity, kept=True, signed=int(self.clock.now))

    async def seen(self, *identities: Identity, address: str = "192.0.2.1", device: Device = LAPTOP) -> None:
        """These connect, and are noted."""
        for identity in identities:
            note = Note(identity, address, device)
            self.notes.note_unless_fresh(note, await self.logins.standing(identity))
        await self.written()

    async def written(self) -> None:
        """All notes are written."""
        running = asyncio.create_task(self.notes.run())
        async with asyncio.timeout(10):
            while self.notes.waiting:
                await asyncio.sleep(0.01)
        running.cancel()

    async def ends(self, identity: Identity) -> None:
        """Somebody ends this login by hand."""
        await self.logins.mark(identity.login)
        await self.logins.forget(identity.person.id, identity.login)

    async def counts(self, *identities: Identity) -> list[bool]:
        return [(await self.logins.standing(each)).counts for each in identities]

    async def kept(self, identity: Identity) -> list[str]:
        """The ids of the logins that are kept of somebody."""
        return [each.id for each in await self.logins.of(identity.person.id)]

    def loses_everything(self) -> None:
        """As a Redis that was wiped."""
        self.store._kept.clear()
        self.records._kept.clear()


async def made(programs: Programs, name: str = "Bot", days: int = 0) -> Token:
    """A token of a new program, which Mia makes."""
    token = Token.new()
    await programs.make(token, name, days * DAY, MIA)
    return token
