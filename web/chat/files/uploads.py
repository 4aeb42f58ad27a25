"""Uploads: a file comes in pieces, at whatever worker, and goes on after a break where it was.

Each piece is kept in the store as it comes, and then in the upload's record, which says how far the file has
come. Of two pieces for the same place the first one counts. What was received of a piece when its connection
broke is kept too. With the last piece the file is put together, and only then does the record say that it has
arrived. So a worker that ends in the middle costs the last piece at most, and the client sends that again.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from time import time

from relay import Records

from chat.domain.refusals import Refused
from chat.files import file_record, kinds
from chat.files.byte_quotas import ByteQuotas, in_megabytes
from chat.files.file_record import PIECES, File, Upload
from chat.files.ids import new_id
from chat.files.images import MAX_BYTES, Images, too_large
from chat.files.names import name_of
from chat.files.stored import FileStore, Missing, StoreUnavailable

PIECE = 5 << 20
"""Bytes of a piece, at most."""
AT_ONCE = 12
"""Pieces that a worker takes at once. Others wait: in a store that is not a folder each takes PIECE of
memory."""


class WrongOffset(Exception):
    """The upload has come to another place than a piece is for."""


class TooLarge(Exception):
    """More came than a piece may have, or than is missing of the file."""


class Uploads:
    def __init__(
        self,
        records: Records,
        store: FileStore,
        quotas: ByteQuotas,
        max_bytes: int,
        allowed: Collection[str],
    ) -> None:
        """`max_bytes`: of a file; `allowed`: kinds of files, see kinds.py."""
        self._records = records
        self._store = store
        self._quotas = quotas
        self._images = Images()
        self._max_bytes = max_bytes
        self._allowed = allowed
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def begin(self, room: str, person: str, address: str, name: object, size: int) -> Upload:
        """Announce a file of this person in a room. Raises Refused, and LogUnavailable."""
        called = name_of(name)
        if size < 1:
            raise Refused("invalid", "The file is empty.", reason="file_empty")
        if size > self._max_bytes:
            detail = f"The file has {size} bytes; {self._max_bytes} are the most."
            raise Refused(
                "too_long",
                detail,
                reason="file_too_large",
                most=self._max_bytes,
                megabytes=in_megabytes(self._max_bytes),
            )
        await self._quotas.take(person, address, size)
        id = new_id()
        await self._records.change(room, *file_record.announce(room, id, person, called, size))
        return await self.find(room, person, id)

    async def find(self, room: str, person: str, id: str) -> Upload:
        """Return an upload of this person. Raises Refused if there is none, and LogUnavailable."""
        (found,) = await self._records.read(file_record.ask_upload(room, id))
        upload = Upload.read(room, id, found)
        if upload is None or upload.person != person:
            raise no_such_upload()
        return upload

    async def append(
        self, room: str, person: str, id: str, offset: int, body: AsyncIterator[bytes]
    ) -> Upload:
        """Keep a piece for this place. `body` ends where the connection breaks. Returns the upload as it is
        then. Raises WrongOffset, TooLarge, Refused, StoreUnavailable and LogUnavailable."""
        async with self._slots:
            upload = await self.find(room, person, id)
            if upload.offset != offset:
                raise WrongOffset
            if upload.finished:
                return upload
            if len(upload.pieces) >= PIECES:
                detail = f"The file came in {PIECES} pieces and has not ended. Send larger ones."
                raise Refused("invalid", detail)
            key = f"uploads/{room}/{id}/{offset:013d}-{secrets.token_hex(6)}"
            arriving = _Arriving(body, min(PIECE, upload.size - offset))
            size = await self._store.put(key, arriving.chunks())
            try:
                if not await self._keep(room, upload, key, size, arriving):
                    await self._store.delete([key])
            except Exception:
                with suppress(StoreUnavailable):
                    await self._store.delete([key])
                raise
            return await self.find(room, person, id)

    async def end(self, room: str, person: str, id: str) -> None:
        """Forget an upload that is not finished. Raises Refused if there is none, StoreUnavailable and
        LogUnavailable."""
        upload = await self.find(room, person, id)
        if not upload.finished:
            await self._forget(room, upload)

    async def _keep(self, room: str, upload: Upload, key: str, size: int, arriving: "_Arriving") -> bool:
        """Keep that a piece has arrived. Returns whether it counts. Raises WrongOffset if another one was
        there first."""
        if size == 0:
            return False
        kind = upload.kind or kinds.kind_of(arriving.head)
        to = upload.offset + size
        if not upload.kind:
            if size < kinds.HEAD and to < upload.size:  # too little to know what it is
                detail = f"The first piece of a file has {kinds.HEAD} bytes at least."
                raise Refused("invalid", detail)
            if not kinds.is_allowed(kind, self._allowed):
                await self._forget(room, upload)
                detail = f"Files of this kind are not taken here: {kind}."
                raise Refused("invalid", detail, reason="file_kind", kind=kind)
            if kind in kinds.IMAGES and upload.size > MAX_BYTES:
                await self._forget(room, upload)
                raise too_large()
        if to == upload.size:
            await self._finish(room, upload, kind, key)
            return False
        changes = file_record.arrive(upload, to, key, kind)
        if not await self._records.change(room, *changes, expect=[file_record.expect_offset(upload)]):
            raise WrongOffset
        return True

    async def _finish(self, room: str, upload: Upload, kind: str, last: str) -> None:
        """Put a file together whose last piece lies there."""
        pieces = [*(upload.pieces[at] for at in sorted(upload.pieces)), last]
        file = File(
            *(upload.id, upload.person, upload.name, kind),
            size=upload.size,
            key=f"files/{room}/{upload.id}/{secrets.token_hex(6)}",
            counted=upload.size,
            at=int(time()),
        )
        try:
            file = await self._put_together(file, pieces)
        except Refused:
            await self._forget(room, upload)
            raise
        except Missing:
            if (await self.find(room, upload.person, upload.id)).offset != upload.offset:
                raise WrongOffset from None  # another last piece was first, and the others have gone
            # They are in no backup, for one. So it has to come from its beginning.
            await self._forget(room, upload)
            raise no_such_upload() from None
        changes = [file.put(room), *file_record.finish(upload)]
        if not await self._records.change(room, *changes, expect=[file_record.expect_offset(upload)]):
            await self._store.delete(file.keys)
            raise WrongOffset
        # What stays of them is collected.
        with suppress(StoreUnavailable):
            await self._store.delete(upload.pieces.values())

    async def _put_together(self, file: File, pieces: list[str]) -> File:
        async def whole() -> AsyncIterator[bytes]:
            for piece in pieces:
                async for chunk in self._store.chunks(piece):
                    yield chunk

        if file.type not in kinds.IMAGES:
            await self._store.put(file.key, whole(), file.type)
            return file
        made = await self._images.make(
            file.type, whole(), lambda image: self._store.put(file.key, image, file.type)
        )
        file = file.of_image(made.width, made.height, made.size)

        async def thumbnail() -> AsyncIterator[bytes]:
            yield made.thumbnail

        await self._store.put(file.thumbnail, thumbnail(), "image/webp")
        return file

    async def _forget(self, room: str, upload: Upload) -> None:
        """Forget an upload, with its pieces."""
        expected = [file_record.expect_offset(upload)]
        if await self._records.change(room, *file_record.end(upload), expect=expected):
            await self._quotas.give_back(upload.size)
            await self._store.delete(upload.pieces.values())


def no_such_upload() -> Refused:
    """Return why an upload can't go on that is over, or never was."""
    return Refused("invalid", "There is no such upload, or it is over.", reason="no_such_upload")


class _Arriving:
    """A piece while it comes. `head`: its first bytes, of HEAD at most."""

    def __init__(self, body: AsyncIterator[bytes], most: int) -> None:
        self._body = body
        self._most = most
        self.head = b""

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size > self._most:
                raise TooLarge
            if len(self.head) < kinds.HEAD:
                self.head += chunk[: kinds.HEAD - len(self.head)]
            yield chunk
