"""The programs: made by moderators, looked up by their tokens, and ended."""

import hmac
from collections.abc import Iterable
from dataclasses import replace

from relay import LogUnavailable, Records, Store

from chat.domain.address import quotas_of
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.people import person_record, program
from chat.people.person_record import PersonRecord
from chat.people.program import MOST, PROGRAMS, Program, Token, now

WITHIN = 600
"""Seconds for which wrong tokens count."""
WRONG = 20
BY_NETWORK = {56: 40, 48: 200}
"""Wrong tokens within that time: from one address, and from the networks of IPv6 with such a prefix around
it. Beyond that the answer says so. A right token is let in all the same: it has 128 random bits, so nobody
finds one by trying, and whoever tries may share the address of a program."""
TRIES = 8
"""How often a change is tried at most. It is tried again when somebody else changed the same meanwhile."""


class Programs:
    def __init__(self, store: Store, records: Records) -> None:
        self._store = store
        self._records = records

    async def all(self) -> list[Program]:
        """Return every program, the newest first. Raises LogUnavailable."""
        found = await self._records.everywhere(PROGRAMS)
        programs = [Program.read(id, data) for id, data in found.items()]
        return sorted(programs, key=lambda each: (-each.at, each.id))

    async def check(self, token: Token) -> None:
        """Return if there may be one more program, with this token. Raises Refused, and LogUnavailable."""
        if len([each for each in await self.all() if each.id != token.person]) >= MOST:
            detail = f"There are {MOST} programs, the most there can be. End one first."
            raise Refused("limit", detail, reason="programs", most=MOST)

    async def make(self, token: Token, name: str, seconds: int, by: Person) -> None:
        """Keep a new program with this token, which is good for so many seconds; 0: for as long as it is
        used. May be called again with the same token. Raises LogUnavailable."""
        at = now()
        made = Program(token.person, name, token.digest, by.name, at, at + seconds * 1000 if seconds else 0)
        await self._records.change(made.id, made.put(), made.person.put(made.id))

    async def renew(self, token: Token, by: Person) -> Program | None:
        """Give a program another token, which is good for as long as the one before was, and ends that one.
        Returns the program; None if there is no such one. May be called again. Raises LogUnavailable."""
        for _ in range(TRIES):
            data, record = await self._data(token.person)
            if data is None:
                return None
            at = now()
            kept = Program.read(token.person, data)
            end = at + kept.end - kept.at if kept.end else 0
            made = replace(kept, digest=token.digest, by=by.name, at=at, end=end)
            person = PersonRecord.read(record) or made.person
            expected = [program.expect(made.id, data), person_record.expect(made.id, record)]
            if await self._records.change(made.id, made.put(), person.put(made.id), expect=expected):
                return made
        raise LogUnavailable("The program was changed at the same time each time.")

    async def of(self, id: str) -> Program | None:
        """Return a program by its id; None if there is none. Raises LogUnavailable."""
        data, _ = await self._data(id)
        return None if data is None else Program.read(id, data)

    async def end(self, id: str) -> None:
        """End a program's token. Whom it made stays a person, and a member of its rooms. Raises
        LogUnavailable."""
        await self._records.change(id, program.drop(id))

    async def find(self, given: object, address: str) -> Program:
        """Return the program that somebody is who gives this token. A wrong one is counted for the address;
        what can be no token is nobody's guess. Raises Refused, and LogUnavailable."""
        token = Token.read(given)
        if token is None:
            raise wrong_token()
        found = await self.of(token.person)
        if found is None or not hmac.compare_digest(found.digest, token.digest):
            await self._count(address)
            raise wrong_token()
        if found.over:
            detail = "The time of this program's token is over. A moderator can give it another one."
            raise Refused("wrong_code", detail, reason="token_over")
        return found

    async def confirm(self, id: str, digest: str) -> None:
        """Return if the token of this digest is still the program's. Raises Refused, and LogUnavailable."""
        found = await self.of(id)
        if found is None or found.digest != digest:
            raise wrong_token()

    async def note(self, programs: Iterable[str], every: int) -> dict[str, str]:
        """Note that these are here, for each whose last note is so many milliseconds ago. Returns the digests
        of the tokens of those that may be. Raises LogUnavailable."""
        ids = list(dict.fromkeys(programs))
        asks = [each for id in ids for each in (program.ask(id), person_record.ask(id))]
        found = await self._records.read(*asks)
        digests: dict[str, str] = {}
        for id, kept, people in zip(ids, found[::2], found[1::2], strict=True):
            if (data := kept.get(id)) is None or (here := Program.read(id, data)).over:
                continue
            digests[id] = here.digest
            if now() - here.seen >= every:
                person = PersonRecord.read(people.get(id)) or here.person
                # As it was found: what is ended or changed at the same time stays so.
                await self._records.change(
                    id,
                    replace(here, seen=now()).put(),
                    person.put(id),
                    expect=[program.expect(id, data), person_record.expect(id, people.get(id))],
                )
        return digests

    async def erase(self, name: str) -> None:
        """Take a name from the tokens that somebody of this name made. Raises LogUnavailable."""
        for each in await self.all():
            data, _ = await self._data(each.id)
            if data is not None and (kept := Program.read(each.id, data)).by == name:
                expected = [program.expect(each.id, data)]
                await self._records.change(each.id, replace(kept, by="").put(), expect=expected)

    async def _data(self, id: str) -> tuple[bytes | None, bytes | None]:
        """Return what is kept of a program, and of it as a person."""
        programs, people = await self._records.read(program.ask(id), person_record.ask(id))
        return programs.get(id), people.get(id)

    async def _count(self, address: str) -> None:
        """Count a wrong token. Raises Refused if there were too many."""
        counted = quotas_of("wrong tokens", address, WRONG, BY_NETWORK, WITHIN)
        if spent := await self._store.take(*counted):
            detail = "Too many wrong tokens were given at your address. Try again later."
            raise Refused("rate_limited", detail, spent.seconds, reason="wrong_tokens")


def wrong_token() -> Refused:
    """Return the refusal of a token that is none."""
    detail = "This is no program's token here, or it was ended."
    return Refused("wrong_code", detail, reason="wrong_token")
