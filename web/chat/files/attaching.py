"""Attaching: how a message that is being written gets its files, and what happens where there are none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from relay import IdTaken, LogFull, LogUnavailable

from chat.domain.refusals import Refused
from chat.files.attachments import Attachments
from chat.files.file_record import File


class Attached:
    """The files of a message that is being written."""

    def __init__(self, attachments: Attachments, room: str, files: list[File]) -> None:
        self._attachments = attachments
        self._room = room
        self._files = files

    @property
    def wire(self) -> tuple[dict[str, Any], ...]:
        """What everybody is told of them."""
        return tuple(each.wire() for each in self._files)

    async def wrote(self, epoch: str, seq: int) -> None:
        """Note where the message is."""
        await self._attachments.wrote(self._room, self._files, epoch, seq)


class Attaching:
    """Is also what deletes files; see FileDeletion."""

    def __init__(self, attachments: Attachments | None) -> None:
        """`attachments`: None where there are no files."""
        self._attachments = attachments

    @asynccontextmanager
    async def to(self, room: str, person: str, message: str, ids: Any) -> AsyncIterator[Attached]:
        """Claim the files with these ids for a message that is written meanwhile. If it is refused, they may
        be another one's. Raises Refused, and LogUnavailable."""
        if self._attachments is None:
            raise Refused("forbidden", "There are no files in this chat.", reason="no_files")
        files = await self._attachments.claim(room, person, message, ids)
        try:
            yield Attached(self._attachments, room, files)
        except LogFull:
            await self._attachments.let_go(room, files)
            raise
        except LogUnavailable:  # the message may have been written, and is tried again with the same id
            raise
        except (Refused, IdTaken):
            await self._attachments.let_go(room, files)
            raise

    async def delete(self, room: str, message: dict[str, Any]) -> None:
        """Delete the files of a message that was deleted."""
        if self._attachments is not None and (files := message.get("files")):
            await self._attachments.delete_each(room, [each["id"] for each in files])

    async def delete_all(self, room: str) -> None:
        """Delete the files of a room whose log was forgotten."""
        if self._attachments is not None:
            await self._attachments.delete_all(room)
