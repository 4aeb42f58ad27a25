"""The sessions at the provider: which logins end with one, and whose it is.

A login that took the place of one that was made in a session, as a moderator's by the code, names that among
its earlier ones, and ends with it.
"""

from hashlib import sha256

from relay import Ask, Put, Records

from chat.people import kept_login, provider_session
from chat.people.ended_logins import EndedLogins
from chat.people.kept_login import KeptLogin
from chat.people.provider_session import ProviderSession

MAX_TOKEN = 3000
"""Characters of an ID token that is kept to sign out with. Without it the provider asks the person."""
SESSIONS = "provider-sessions"
"""The name of the records that hold whose a session is. Their fields are digests of the sessions' ids."""
IN_PARTITION = 200
"""Sessions in each of 256 partitions."""


class ProviderSessions:
    def __init__(self, records: Records, ended: EndedLogins, days: int) -> None:
        """`days`: for which a login counts after it was seen last."""
        self._records = records
        self._ended = ended
        self._days = days

    async def keep(self, person: str, login: str, session: str, id_token: str) -> None:
        """Keep in which session a login is made. Raises LogUnavailable."""
        kept = ProviderSession(session, id_token if len(id_token) <= MAX_TOKEN else "")
        await self._records.change(person, kept.put(person, login, self._days))
        if session:
            digest = _digest(session)
            whose = Put(SESSIONS, digest, person.encode(), self._days * 86_400, IN_PARTITION)
            await self._records.change(digest, whose)

    async def person(self, session: str) -> str:
        """Return the id of the person whose session it is; empty if it is nobody's here. The provider may
        say no more than the session when somebody signs out. Raises LogUnavailable."""
        digest = _digest(session)
        (found,) = await self._records.read(Ask(digest, SESSIONS, (digest,)))
        return found.get(digest, b"").decode()

    async def of(self, person: str, *logins: str) -> ProviderSession | None:
        """Return the session of the first of these logins that was made in one. Raises LogUnavailable."""
        (found,) = await self._records.read(provider_session.ask(person, *logins))
        return next((ProviderSession.read(found[login]) for login in logins if login in found), None)

    async def end(self, person: str, session: str) -> None:
        """End the logins of a person that were made in a session, or in one that the provider did not name;
        all of them if it is empty. Their clients are disconnected on every worker. May be called again.
        Raises LogUnavailable."""
        made, kept = await self._records.read(provider_session.ask(person), kept_login.ask(person))
        sessions = {login: ProviderSession.read(data).id for login, data in made.items()}
        ended = {login for login, id in sessions.items() if not session or id in ("", session)}
        for login in (KeptLogin.read(id, data) for id, data in kept.items()):
            if not ended.isdisjoint(login.earlier):
                ended.add(login.id)
        if not session:
            await self._ended.end_all(person)
        await self._ended.end(person, ended)


def _digest(session: str) -> str:
    return sha256(session.encode(errors="surrogatepass")).hexdigest()
