"""The collector: what no message names any more goes, from the store and from the records.

Once an hour one of the workers goes through the store. There it finds files whose records have ended, since
no message came for them within a day; files whose message has gone, by a way on which their deletion failed,
or because old messages are not kept; and pieces of uploads that were given up. What is younger than a day is
left alone. It also finds out how many bytes all files have.
"""

import asyncio
import logging
from datetime import UTC, datetime

from relay import LogUnavailable, Quota, Records, Store

from chat.files import file_record
from chat.files.attachments import Attachments
from chat.files.byte_quotas import ByteQuotas, counts
from chat.files.file_record import LASTS, File, Upload
from chat.files.stored import FileStore, Stored, StoreUnavailable

logger = logging.getLogger(__name__)

LOOKED_EVERY = 60.0
"""Seconds between two questions of a worker whether it is time."""
ONCE = Quota("collections of files", 1, 3600)
"""How often files are collected, by whatever worker."""
PAUSE = 0.01
"""Seconds after each file, so that others don't wait."""


class Collector:
    def __init__(
        self, store: Store, records: Records, files: FileStore, attachments: Attachments, quotas: ByteQuotas
    ) -> None:
        self._counts = store
        self._records = records
        self._files = files
        self._attachments = attachments
        self._quotas = quotas

    async def run(self) -> None:
        """Collect from time to time, until cancelled."""
        while True:
            await asyncio.sleep(LOOKED_EVERY)
            try:
                if await self._counts.take(ONCE) is None:
                    await self.collect()
            except (LogUnavailable, StoreUnavailable) as error:  # the next time
                logger.debug("files could not be collected: %s", error)

    async def collect(self) -> None:
        """Go through all that there is, once. Raises LogUnavailable and StoreUnavailable."""
        before = await self._quotas.in_all()
        await self._files.remove_begun(LASTS)
        stay, deleted = await self._collect_files()
        stay += await self._collect_uploads()
        await self._quotas.correct(stay - (before - deleted))

    async def _collect_files(self) -> tuple[int, int]:
        """Return what the files are counted as that stay, and those that were deleted."""
        sizes: dict[str, int] = {}
        deleted = 0
        async for each in self._files.list("files"):
            await asyncio.sleep(PAUSE)
            _, room, id, *_ = each.key.split("/")
            file = await self._file(room, id)
            if file is not None and _is_old(each):
                await self._attachments.delete_unless_named(room, id)
                if await self._file(room, id) is None:
                    deleted += counts(file.counted)
                    continue
            if file is not None and each.key in file.keys:
                sizes[id] = counts(file.counted)
            elif _is_old(each):
                await self._files.delete([each.key])
        return sum(sizes.values()), deleted

    async def _collect_uploads(self) -> int:
        """Return what the uploads that are under way are counted as."""
        sizes: dict[str, int] = {}
        async for each in self._files.list("uploads"):
            await asyncio.sleep(PAUSE)
            _, room, id, *_ = each.key.split("/")
            (found,) = await self._records.read(file_record.ask_upload(room, id))
            upload = Upload.read(room, id, found)
            if upload is not None and not upload.finished and each.key in upload.pieces.values():
                sizes[id] = counts(upload.size)
            elif _is_old(each):
                await self._files.delete([each.key])
        return sum(sizes.values())

    async def _file(self, room: str, id: str) -> File | None:
        (found,) = await self._records.read(file_record.ask(room, id))
        return File.read(id, found.get(file_record.FILE))


def _is_old(each: Stored) -> bool:
    return (datetime.now(UTC) - each.at).total_seconds() > LASTS
