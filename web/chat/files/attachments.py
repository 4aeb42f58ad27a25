"""Attachments: the files that a message has. The room's log is the truth about them.

A message's files are claimed for it before it is written, and let go if it is refused. So no message stands
whose files may go. A file is served as long as its message stands and names it: whoever deletes the message,
or the room's log, by whatever way, has ended that before anything else is done. The bytes go right after it,
and where that fails they are collected (see collector.py).
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from time import time
from typing import Any

from relay import Entry, Log, LogUnavailable, Records

from chat.domain.messages import message_of
from chat.domain.refusals import Refused
from chat.files import file_record
from chat.files.byte_quotas import ByteQuotas
from chat.files.file_record import LASTS, NO_MESSAGE, File
from chat.files.ids import ID
from chat.files.stored import FileStore, StoreUnavailable

logger = logging.getLogger(__name__)

MOST = 10
"""Files of one message."""
PAGE, PAGES = 200, 5
"""Entries that are read at once, and how often, of a log in which a message is looked for whose number is not
known: it was written right after its files were claimed."""
TRIES = 8


class Attachments:
    def __init__(self, log: Log, records: Records, store: FileStore, quotas: ByteQuotas) -> None:
        self._log = log
        self._records = records
        self._store = store
        self._quotas = quotas

    async def claim(self, room: str, person: str, message: str, ids: Any) -> list[File]:
        """Return the files with these ids, which nobody but this message has from now on. May be called
        again with the same message. Raises Refused if one is none, or somebody else's, or another message's;
        and LogUnavailable."""
        wanted = check_ids(ids)
        for _ in range(TRIES):
            head, found = await self._log.head(room), await self._read(room, wanted)
            files = [
                file
                for id in wanted
                if (file := File.read(id, found.get(id))) is not None
                if file.person == person and file.message in (NO_MESSAGE, message)
            ]
            if len(files) < len(wanted):
                detail = "One of the `files` is none that you uploaded to this room, or it is in use already."
                raise Refused("invalid", detail, reason="no_such_file")
            claimed = [
                each if await self.stands(room, each) else each.named_by(message, head.epoch, head.seq)
                for each in files
            ]
            expected = [file_record.expect(room, id, found[id]) for id in wanted]
            if await self._records.change(room, *(each.put(room) for each in claimed), expect=expected):
                return claimed
        raise LogUnavailable("The files were claimed at the same time each time.")

    async def wrote(self, room: str, files: Iterable[File], epoch: str, seq: int) -> None:
        """Note where the message is that has these files. Where it can't be noted, it is looked for when
        somebody asks for them."""
        puts = [replace(each, epoch=epoch, seq=seq).put(room) for each in files]
        with suppress(LogUnavailable):
            await self._records.change(room, *puts)

    async def let_go(self, room: str, files: Iterable[File]) -> None:
        """Let files be those of another message, since this one was refused. It may have been written before,
        and then it keeps them. Where that can't be kept, they go after a day."""
        with suppress(LogUnavailable):
            for each in files:
                if not await self.stands(room, each):
                    expected = file_record.expect(room, each.id, each.put(room).value)
                    free = each.named_by(NO_MESSAGE, "", 0)
                    await self._records.change(room, free.put(room), expect=[expected])

    async def find(self, room: str, id: str) -> File | None:
        """Return a file whose message stands; None if there is none. Raises LogUnavailable."""
        file = File.read(id, (await self._read(room, [id])).get(id))
        return file if file is not None and await self.stands(room, file) else None

    async def stands(self, room: str, file: File) -> bool:
        """Return whether a message of the room names this file. Raises LogUnavailable."""
        if file.message == NO_MESSAGE:
            return False
        if file.seq:
            page = await self._log.read(room, after=file.seq - 1, limit=1)
            return any(each.seq == file.seq and _names(each, file) for each in page.entries)
        after = file.after
        for _ in range(PAGES):
            page = await self._log.read(room, after=after, limit=PAGE)
            if any(_names(each, file) for each in page.entries):
                return True
            if not page.more:
                return False
            after = page.entries[-1].seq
        return False

    async def delete_each(self, room: str, ids: Iterable[str]) -> None:
        """Delete the files of messages that were deleted. What can't be deleted now is collected."""
        try:
            for id in ids:
                await self.delete_unless_named(room, id)
        except (LogUnavailable, StoreUnavailable) as error:
            logger.warning("Files are left to be collected: %s", error)

    async def delete_all(self, room: str) -> None:
        """Delete the files of a room whose log was forgotten. What can't be deleted now is collected."""
        try:
            found = {each.key.split("/")[2] async for each in self._store.list(f"files/{room}")}
        except StoreUnavailable as error:
            logger.warning("Files are left to be collected: %s", error)
        else:
            await self.delete_each(room, found)

    async def delete_unless_named(self, room: str, id: str) -> None:
        """Delete a file that was a message's and is no more. One that was claimed lately may be that of a
        message that is being written. Raises LogUnavailable and StoreUnavailable."""
        data = (await self._read(room, [id])).get(id)
        file = File.read(id, data)
        if file is None or file.message == NO_MESSAGE:
            return
        if (not file.seq and file.at > time() - LASTS) or await self.stands(room, file):
            return
        if await self._records.change(
            room, file_record.drop(room, id), expect=[file_record.expect(room, id, data)]
        ):
            await self._quotas.give_back(file.counted)
            await self._store.delete(file.keys)

    async def _read(self, room: str, ids: Sequence[str]) -> dict[str, bytes]:
        found = await self._records.read(*(file_record.ask(room, id) for id in ids))
        return {
            id: each[file_record.FILE]
            for id, each in zip(ids, found, strict=True)
            if file_record.FILE in each
        }


def check_ids(ids: Any) -> list[str]:
    """Return the ids of a message's files, each once. Raises Refused."""
    if (
        isinstance(ids, list)
        and len(ids) <= MOST
        and all(isinstance(id, str) and ID.fullmatch(id) for id in ids)
    ):
        return list(dict.fromkeys(ids))
    detail = f"`files` is a list of at most {MOST} ids of files that were uploaded."
    raise Refused("invalid", detail, reason="files", most=MOST)


def _names(entry: Entry, file: File) -> bool:
    if entry.id != file.message or file.id.encode() not in entry.data:
        return False
    return any(each["id"] == file.id for each in message_of(entry).get("files", ()))
