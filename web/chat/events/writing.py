"""Writing: what a client's entries in a room have to meet, whether they are messages or change some, and how
it is said that they don't."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from relay import (
    Appended,
    Denied,
    Limited,
    LogCreation,
    Post,
    Relay,
    RequirementUnmet,
    TokenBucket,
    TooManyLogs,
    Voted,
)

from chat.domain.messages import Draft
from chat.domain.rate_limits import MessageRateLimit
from chat.domain.recent_addresses import RecentAddresses
from chat.domain.refusals import Refused
from chat.domain.room_names import LOBBY
from chat.domain.sanctions import Sanctions
from chat.events.connection import Connection, Terms
from chat.rooms.access import requiring, unknown_room
from chat.rooms.membership import Membership

Kept = TypeVar("Kept", Appended, Voted)

NEVER = TokenBucket("never", 1, 0)
"""It has no token, so nothing but a repetition passes."""


class Writing:
    def __init__(
        self,
        relay: Relay,
        membership: Membership,
        sanctions: Sanctions,
        recent_addresses: RecentAddresses,
        limit: MessageRateLimit,
        strike: Callable[[Connection], object],
    ) -> None:
        self._relay = relay
        self._membership = membership
        self._sanctions = sanctions
        self._recent_addresses = recent_addresses
        self._limit = limit
        self._strike = strike

    def message(self, by: Connection, room: str, draft: Draft) -> Post:
        """Return what is appended for a message."""
        terms, data = self._terms(by, room), draft.data()
        return Post(
            draft.id,
            data,
            fingerprint=draft.fingerprint,
            author=terms.author,
            preconditions=terms.preconditions,
            rates=self._limit.buckets(by.person.id, by.counted_at, len(data)),
            creation=terms.creation,
        )

    def change(
        self, by: Connection, room: str, id: str, data: bytes, fingerprint: bytes | None = None
    ) -> Post:
        """Return what is appended for an entry that changes a message. It has to meet what a message has to,
        but slow mode. `fingerprint`: as of Post."""
        return Post(
            id,
            data,
            fingerprint,
            preconditions=replace(self._terms(by, room).preconditions, slow_mode=""),
            rates=self._limit.buckets(by.person.id, by.counted_at, len(data)),
        )

    async def write(self, by: Connection, room: str, append: Callable[[], Awaitable[Kept]]) -> Kept:
        """Do what appends an entry. If what it requires is not there, the person was put out of the room, or
        it is a direct one that somebody has left: then all of its people are let in again. Raises Refused,
        and what else `append` raises."""
        try:
            kept = await self._append(by, room, append)
        except Denied as denied:
            raise self._sanctions.refusal(denied) from None
        except Limited as limited:
            raise self._limit.refusal(limited) from None
        except TooManyLogs:
            raise self._limit.no_more_rooms() from None
        if by.seen():
            self._recent_addresses.note(by.person, by.address)
        if kept.duplicate:
            self.repeated(by)
        return kept

    def repeated(self, by: Connection) -> None:
        """Count what a client said once more, or what changes nothing."""
        self._strike(by)

    async def first_answer(self, by: Connection, room: str, post: Post) -> Appended | None:
        """Return the answer to the first one, if this post is a repetition. Nothing is appended."""
        try:
            again = post._replace(rates=[NEVER])
            return await self.write(by, room, lambda: self._relay.log.append(room, again))
        except Refused:
            return None

    async def _append(self, by: Connection, room: str, append: Callable[[], Awaitable[Kept]]) -> Kept:
        try:
            return await append()
        except RequirementUnmet:
            pass
        try:
            await self._membership.reopen(by.identity, room)
            return await append()
        except (Refused, RequirementUnmet):
            by.terms.pop(room, None)
            await self._relay.leave(by.sid, room)
            raise unknown_room() from None

    def _terms(self, by: Connection, room: str) -> Terms:
        """Return the terms of a client's entries in a room, and keep them for the next one."""
        if (kept := by.terms.get(room)) is not None:
            return kept
        identity, address = by.identity, by.address
        terms = by.terms[room] = Terms(
            # Who has no cookie is somebody new after a reconnect, and tries again from where they were.
            identity.person.id if identity.lasting else f"at:{address}",
            requiring(room, identity, self._sanctions.preconditions(identity, address, room)),
            LogCreation() if room == LOBBY else self._limit.creation(by.counted_at),
        )
        return terms
