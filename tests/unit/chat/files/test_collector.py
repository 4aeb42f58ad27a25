"""What nobody needs is collected, and what somebody may need is not."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chat.domain.messages import Draft, response_of
from chat.domain.people import Person
from chat.files import file_record
from chat.files.attachments import Attachments
from chat.files.byte_quotas import ByteQuotas, counts
from chat.files.collector import Collector
from chat.files.file_record import LASTS, File
from chat.files.stored import FileStore
from chat.files.uploads import Uploads
from relay import Options, Post, Relay

ROOM, ANA = "collected", Person("ana", "Ana")
DATA = bytes(range(256)) * 400


class Place:
    """A store with its records, and one room's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.relay = Relay.in_memory(response_of, Options(prefix="collected:"))
        records = self.relay.records
        self.store = FileStore(f"file://{folder}")
        self.quotas = ByteQuotas(records, 10**9, 20, 10**9)
        self.attachments = Attachments(self.relay.log, records, self.store, self.quotas)
        self.uploads = Uploads(records, self.store, self.quotas, 10**9, ())
        self.collector = Collector(self.relay.store, records, self.store, self.attachments, self.quotas)

    async def announced(self) -> str:
        return (await self.uploads.begin(ROOM, ANA.id, "192.0.2.9", "notes.bin", len(DATA))).id

    async def brought(self, until: int = len(DATA)) -> str:
        id = await self.announced()

        async def body() -> AsyncIterator[bytes]:
            yield DATA[:until]

        await self.uploads.append(ROOM, ANA.id, id, 0, body())
        return id

    async def said(self, id: str, message: str, *, noted: bool = True) -> int:
        """The number of a message that has this file."""
        files = await self.attachments.claim(ROOM, ANA.id, message, [id])
        draft = Draft(message, ANA, "", files=tuple(each.wire() for each in files))
        kept = await self.relay.log.append(ROOM, Post(message, draft.data()))
        if noted:
            await self.attachments.wrote(ROOM, files, kept.epoch, kept.seq)
        return kept.seq

    async def delete(self, seq: int, message: str) -> None:
        await self.relay.log.amend(ROOM, seq, message, b'{"deleted":true,"author":{"id":"ana"}}', "d", b"{}")

    async def forgets(self, id: str) -> None:
        """The record of a file ends, as after a day."""
        await self.relay.records.change(ROOM, file_record.drop(ROOM, id))

    async def ages(self, id: str) -> None:
        """The file was claimed a day ago."""
        (found,) = await self.relay.records.read(file_record.ask(ROOM, id))
        file = File.read(id, found[file_record.FILE])
        assert file is not None
        old = file.put(ROOM).value.replace(b'"at":%d' % file.at, b'"at":%d' % (file.at - LASTS - 1))
        await self.relay.records.change(ROOM, file.put(ROOM)._replace(value=old))

    def grow_old(self) -> None:
        """Everything in the folder is from the day before yesterday."""
        then = time.time() - 2 * LASTS
        for each in self.folder.rglob("*"):
            os.utime(each, (then, then))

    def lies(self, id: str) -> bool:
        return any(f"/{id}/" in str(each) for each in self.folder.rglob("*") if each.is_file())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_what_no_message_names_goes_after_a_day(place: Place) -> None:
    unnamed, named, late = [await place.brought() for _ in range(3)]
    await place.said(named, "names-it")
    await place.forgets(unnamed)
    await place.collector.collect()
    assert all(map(place.lies, (unnamed, named, late)))
    place.grow_old()
    await place.collector.collect()
    assert not place.lies(unnamed)
    assert place.lies(named)
    assert place.lies(late)  # its record stands
    assert await place.quotas.in_all() == 2 * counts(len(DATA))


async def test_what_a_deletion_left_goes(place: Place) -> None:
    gone, stays = await place.brought(), await place.brought()
    seq = await place.said(gone, "soon-deleted")
    await place.said(stays, "not-deleted")
    await place.delete(seq, "soon-deleted")
    place.grow_old()
    await place.collector.collect()
    assert not place.lies(gone)
    assert place.lies(stays)
    assert await place.quotas.in_all() == counts(len(DATA))


async def test_a_file_whose_message_was_not_noted_stays(place: Place) -> None:
    """The worker ended between the two. It is served as well."""
    id = await place.brought()
    await place.said(id, "not-noted", noted=False)
    await place.ages(id)
    place.grow_old()
    await place.collector.collect()
    assert place.lies(id)
    assert await place.attachments.find(ROOM, id) is not None


async def test_a_file_that_was_claimed_for_a_message_that_never_came_goes(place: Place) -> None:
    """A day later: until then the message may come."""
    id = await place.brought()
    await place.attachments.claim(ROOM, ANA.id, "never-came", [id])
    place.grow_old()
    await place.collector.collect()
    assert place.lies(id)
    await place.ages(id)
    await place.collector.collect()
    assert not place.lies(id)


async def test_pieces_of_an_upload_that_was_given_up_go(place: Place) -> None:
    given_up, goes_on = await place.brought(5000), await place.brought(5000)
    upload = await place.uploads.find(ROOM, ANA.id, given_up)
    await place.relay.records.change(ROOM, *file_record.end(upload))
    place.grow_old()
    await place.collector.collect()
    assert not place.lies(given_up)
    assert place.lies(goes_on)
    assert await place.quotas.in_all() == counts(len(DATA))


async def test_what_a_killed_worker_had_begun_goes(place: Place) -> None:
    """The store hides it: its name ends in a number."""
    begun, now = place.folder / "files/tea/one#1", place.folder / "files/tea/two#1"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(DATA)
    place.grow_old()
    now.write_bytes(DATA)
    await place.collector.collect()
    assert not begun.exists()
    assert now.exists()


async def test_a_cleared_room_leaves_what_is_being_written(place: Place) -> None:
    written, unnamed, claimed = [await place.brought() for _ in range(3)]
    await place.said(written, "cleared-away")
    await place.attachments.claim(ROOM, ANA.id, "on-its-way", [claimed])
    await place.relay.log.clear(ROOM)
    await place.attachments.delete_all(ROOM)
    assert not place.lies(written)
    assert place.lies(unnamed)
    assert place.lies(claimed)
