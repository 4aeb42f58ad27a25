"""`python -m chat.appoint`: gives roles from the command line, to whoever runs the chat.

`owner` prints the path of a link that makes an owner of whoever opens it, while there is none; else nothing.
`moderator NAME` and `owner NAME` give the role to the person of that name; an id after it says which of
several. Where nobody of the name is known, `moderator NAME` prints the path of a link as well. Exits with 1
and a sentence if nothing was done, and with 2 if a setting is wrong.
"""

import asyncio
import os
import sys

from relay import LogUnavailable, Options, Relay
from relay.outside import Outside

from chat.domain.audit import Audit
from chat.domain.people import Person
from chat.domain.refusals import Refused
from chat.domain.roles import MODERATOR, OWNER
from chat.people.known_names import KnownNames
from chat.people.logins import KeptLogins
from chat.people.roles import Roles
from chat.people.tickets import Tickets
from chat.settings import PREFIX, Settings, SettingsError

OPERATOR = Person("operator", "make moderator")
"""Who the audit log says it was."""


class NotDone(Exception):
    """Nothing was changed. The text says why, and what to do."""


async def appoint(outside: Outside | Relay, days: int, role: str, name: str, id: str) -> str:
    """Return what is to be printed. `days`: for which a login counts. Raises NotDone, and LogUnavailable."""
    roles = Roles(outside.records, days, outside.disconnect_group)
    tickets = Tickets(outside.store, outside.records, KeptLogins(outside.store, outside.records, days))
    if not name:
        if role != OWNER:
            raise NotDone("Name whom to make a moderator: make moderator NAME='Ana'")
        return "" if await roles.has_owner() else _path(await tickets.for_role(OWNER))
    found = [each for each in await roles.named(name) if not id or each[0].id == id]
    if len(found) > 1:
        lines = [f"  ID={person.id}  {record.role}" for person, record in found]
        raise NotDone("\n".join([f"{len(found)} people are called {name}. Say which of them:", *lines]))
    if not found:
        if role != MODERATOR or id:
            raise NotDone(f"Nobody called {name} is known here. They have to come in once before.")
        return _path(await tickets.for_role(MODERATOR))
    [(person, _)] = found
    await Audit(outside.store).note(
        f"make {role}", OPERATOR, "", person={"id": person.id, "name": person.name}
    )
    try:
        await roles.give(person.id, role)
    except Refused as refused:
        raise NotDone(refused.detail) from None
    await KnownNames(outside.records).note(person)
    return f"{person.name} has the role {role} now."


def _path(secret: str) -> str:
    return f"/ticket/{secret}"


async def run(settings: Settings, role: str, name: str, id: str) -> str:
    """Return what is to be printed. Raises NotDone, and LogUnavailable."""
    assert settings.redis_url is not None
    options = Options(prefix=PREFIX, replicas=settings.redis_replicas)
    async with Outside(settings.redis_url, options, settings.redis_password_now) as outside:
        return await appoint(outside, settings.login_days, role, name, id)


def main(arguments: list[str]) -> int:
    role, name, id = (*arguments, "", "", "")[:3]
    if role not in (MODERATOR, OWNER):
        print(__doc__, file=sys.stderr)
        return 1
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"The settings are wrong:\n{error}", file=sys.stderr)
        return 2
    if settings.embedded:
        print(
            "A chat without Redis keeps its people in its own process. Set ADMIN_CODE there.", file=sys.stderr
        )
        return 1
    try:
        said = asyncio.run(run(settings, role, name, id))
    except (NotDone, LogUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    if said:
        print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
