"""The events by which people change what they wrote: `edit` and `delete`. Moderators and makers delete what
others wrote, too."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from relay import Changed, Log, LogUnavailable, NoSuchEntry

from chat.domain.audit import Audit
from chat.domain.deletions import deletion, emptying
from chat.domain.edits import OwnTime, check_own, edited, is_as, notice, superseding
from chat.domain.file_deletion import NO_FILES, FileDeletion
from chat.domain.messages import check_mentions, check_text
from chat.domain.moderators import moderators_only
from chat.domain.rate_limits import RateLimit
from chat.domain.room_names import is_guarded
from chat.domain.targets import Target, Targets
from chat.events.answers import Answer
from chat.events.arguments import anything, message_id, room, whole_number
from chat.events.connection import Connection
from chat.events.event import Event, Who
from chat.events.joined import Joined
from chat.events.writing import Writing
from chat.rooms.access import Access, makers_only, place_of

TRIES = 8
"""How often a message is read, if somebody changes it each time before it is written."""


class Changes:
    """The handlers of one server."""

    def __init__(
        self,
        log: Log,
        access: Access,
        joined: Joined,
        writing: Writing,
        audit: Audit,
        own_time: OwnTime,
        message_max_chars: int,
        files: FileDeletion = NO_FILES,
    ) -> None:
        self._log = log
        self._access = access
        self._joined = joined
        self._writing = writing
        self._audit = audit
        self._own_time = own_time
        self._max_chars = message_max_chars
        self._files = files
        self._targets = Targets(log)

    def table(self) -> list[Event]:
        """Return the events, which everybody may send."""
        which = {"room": room, "seq": whole_number("seq"), "id": message_id}
        what = {"text": anything("text"), "mentions": anything("mentions")}
        return [
            Event("edit", self.edit, Who.EVERYBODY, RateLimit.REQUESTS, {**which, **what}),
            Event("delete", self.delete, Who.EVERYBODY, RateLimit.REQUESTS, which),
        ]

    async def edit(
        self, by: Connection, room: str, seq: int | None, id: str, text: Any, mentions: Any
    ) -> Answer:
        """Give a message of one's own another text. One that it has already is not written again.
        A message with files may lose its text."""
        said = "" if text == "" else check_text(text, self._max_chars)
        people = () if mentions is None else check_mentions(mentions, said)
        await self._joined.check(by, room)

        async def edit() -> Answer:
            target = await self._targets.one(room, seq, id)
            check_own(target, by.person)
            if "files" not in target.message:
                check_text(said, self._max_chars)
            if is_as(target, said, people):
                return await self._is_as(by, target)
            self._own_time.check(target)
            amendments = [edited(target, said, people), *await superseding(self._log, [target])]
            data = notice(target, by.person, said, people)
            post = self._writing.change(by, room, f"edited:{seq}:{secrets.token_urlsafe(9)}", data, b"")
            kept = await self._writing.write(by, room, lambda: self._log.amend_by(room, amendments, post))
            return {"room": room, "seq": seq, "epoch": kept.epoch, "edited": kept.seq}

        return await _until_unchanged(edit)

    async def delete(self, by: Connection, room: str, seq: int | None, id: str) -> Answer:
        """Empty a message. What people delete of their own, and makers in rooms of theirs, is not in the
        audit log."""
        keeps_order = await self._access.keeps_order(by.identity, room)

        async def delete() -> Answer:
            target = await self._targets.any(room, seq, id)
            own = target.author == by.person.id
            if not own and not keeps_order:
                raise makers_only() if is_guarded(room) else moderators_only()
            if target.deleted:
                return {"room": room, "seq": seq}
            if keeps_order:
                await self._keep_order(by, target, noted=not (own and self._own_time.lasts(target)))
            else:
                self._own_time.check(target)
                await self._delete_own(by, target)
            await self._files.delete(room, target.message)
            return {"room": room, "seq": seq}

        return await _until_unchanged(delete)

    async def _is_as(self, by: Connection, target: Target) -> Answer:
        """Return the answer to an edit that changes nothing."""
        room, edited = target.entry.room, target.message.get("edited")
        self._writing.repeated(by)
        await self._joined.check_still_in(by, room)
        answer = {"room": room, "seq": target.entry.seq, "epoch": target.entry.epoch}
        return answer if edited is None else {**answer, "edited": edited}

    async def _delete_own(self, by: Connection, target: Target) -> None:
        room, amendments = target.entry.room, await emptying(self._log, [target])
        post = self._writing.change(by, room, *deletion(target.entry.seq))
        await self._writing.write(by, room, lambda: self._log.amend_by(room, amendments, post))

    async def _keep_order(self, by: Connection, target: Target, noted: bool) -> None:
        """Delete a message as moderators and makers do: whatever keeps others from writing. `noted`: in the
        audit log, if it is a moderator."""
        room, seq = target.entry.room, target.entry.seq
        if noted and by.identity.moderator:
            about = {**place_of(room), "seq": seq, "person": target.message["author"]}
            await self._audit.note("delete", by.person, by.address, **about)
        await self._log.amend_each(room, await emptying(self._log, [target]), *deletion(seq))


async def _until_unchanged(change: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do what reads a message and changes it, once more where somebody else changed it between the two.
    Raises LogUnavailable, and what else `change` raises."""
    for _ in range(TRIES):
        with suppress(Changed, NoSuchEntry):
            return await change()
    raise LogUnavailable("The message was changed by others each time.")
