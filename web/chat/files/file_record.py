"""The records of files. They lie in the partition of the file's room.

A file that no message names is kept for a day. One that a message names is kept until that message goes.
An upload has a record of its own: what was announced, how far it has come, and of which pieces.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import time
from typing import Any

from relay import Ask, Drop, Expect, Put, encode

LASTS = 86_400
"""Seconds for which an upload, and a file that no message names, are kept."""
UNTIL_DROPPED = 0
"""Seconds, as of Put."""
FILE, ABOUT, OFFSET, KIND = "file", "about", "offset", "kind"
"""Fields of the records. All other fields of an upload are its pieces, by where they begin."""
PIECES = 4000
"""Of an upload, at most: more than the largest file has in pieces of a reasonable size."""
NO_MESSAGE = ""


@dataclass(frozen=True)
class File:
    """A file that has arrived. `person`: the id of whose it is; `type`: its kind by its content; `size`: in
    bytes; `key`: where it lies; `counted`: bytes that count for it; `width`, `height`: of an image as it is
    seen, else 0; `message`: the id of the message that names it; `seq`: that message's number, 0 where it is
    not known; `epoch` and `after`: the head of the log before it was written; `more`: what another release
    keeps besides."""

    id: str
    person: str
    name: str
    type: str
    size: int
    key: str
    counted: int
    width: int = 0
    height: int = 0
    message: str = NO_MESSAGE
    seq: int = 0
    epoch: str = ""
    after: int = 0
    at: int = 0  # when it arrived, or was claimed, in seconds since 1970
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, id: str, data: bytes | None) -> "File | None":
        """Return the file that was kept; None if there is none."""
        if data is None:
            return None
        content: dict[str, Any] = json.loads(data)
        known = {name: content.pop(name) for name in _FIELDS if name in content}
        return cls(id, **known, more=content)

    @property
    def keys(self) -> list[str]:
        """Where it lies, and its thumbnail."""
        return [self.key, self.thumbnail] if self.width else [self.key]

    @property
    def thumbnail(self) -> str:
        """Where the thumbnail of an image lies."""
        return f"{self.key}-thumbnail"

    def of_image(self, width: int, height: int, size: int) -> "File":
        """Return the same file as an image of this size in pixels, of which so many bytes were kept."""
        return replace(self, width=width, height=height, size=size)

    def named_by(self, message: str, epoch: str, after: int) -> "File":
        """Return the same file as that of a message that is about to be written after this head."""
        return replace(self, message=message, seq=0, epoch=epoch, after=after, at=int(time()))

    def wire(self) -> dict[str, Any]:
        """Return what everybody is told of it."""
        size = {"width": self.width, "height": self.height} if self.width else {}
        return {"id": self.id, "name": self.name, "type": self.type, "size": self.size, **size}

    def put(self, room: str) -> Put:
        """Return what keeps it."""
        known = {name: getattr(self, name) for name in _FIELDS}
        lasts = UNTIL_DROPPED if self.message else LASTS
        return Put(_file(room, self.id), FILE, encode({**self.more, **known}), lasts, 1)


_FIELDS = (
    *("person", "name", "type", "size", "key", "counted", "width", "height"),
    *("message", "seq", "epoch", "after", "at"),
)


def ask(room: str, id: str) -> Ask:
    """Return the question for a file of a room."""
    return Ask(room, _file(room, id), (FILE,))


def expect(room: str, id: str, found: bytes | None) -> Expect:
    """Return that a file has to be as it was found."""
    return Expect(_file(room, id), FILE, found)


def drop(room: str, id: str) -> Drop:
    """Return what forgets a file."""
    return Drop(_file(room, id), FILE)


@dataclass(frozen=True)
class Upload:
    """A file that is on its way. `size`: as it was announced; `offset`: bytes that have arrived; `kind`: its
    kind, empty before the first piece; `pieces`: where each begins, and where it lies."""

    room: str
    id: str
    person: str
    name: str
    size: int
    ends: int  # in seconds since 1970
    offset: int
    kind: str
    pieces: Mapping[int, str]

    @classmethod
    def read(cls, room: str, id: str, found: Mapping[str, bytes]) -> "Upload | None":
        """Return the upload that was kept; None if there is none, or some of it has gone by now."""
        if ABOUT not in found or OFFSET not in found:
            return None
        about: dict[str, Any] = json.loads(found[ABOUT])
        pieces = {int(name): key.decode() for name, key in found.items() if name.isdecimal()}
        kind = found.get(KIND, b"").decode()
        named = {name: about[name] for name in ("person", "name", "size", "ends")}
        return cls(room, id, **named, offset=int(found[OFFSET]), kind=kind, pieces=pieces)

    @property
    def finished(self) -> bool:
        return self.offset == self.size


def announce(room: str, id: str, person: str, name: str, size: int) -> list[Put]:
    """Return what keeps a new upload."""
    about = {"person": person, "name": name, "size": size, "ends": int(time()) + LASTS}
    return [_put(room, id, ABOUT, encode(about)), _put(room, id, OFFSET, b"0")]


def ask_upload(room: str, id: str) -> Ask:
    """Return the question for an upload into a room."""
    return Ask(room, _upload(room, id))


def arrive(upload: Upload, to: int, key: str, kind: str) -> list[Put]:
    """Return what keeps that a piece has arrived, which lies there. `kind`: of the file, by its first
    one."""
    fields = {str(upload.offset): key, OFFSET: str(to)} | ({} if upload.kind else {KIND: kind})
    return [_put(upload.room, upload.id, field, value.encode()) for field, value in fields.items()]


def finish(upload: Upload) -> list[Put | Drop]:
    """Return what keeps that all has arrived, and forgets the pieces."""
    drops = [Drop(_upload(upload.room, upload.id), str(piece)) for piece in upload.pieces]
    return [_put(upload.room, upload.id, OFFSET, b"%d" % upload.size), *drops]


def expect_offset(upload: Upload) -> Expect:
    """Return that the upload has to have come as far as it was found."""
    return Expect(_upload(upload.room, upload.id), OFFSET, b"%d" % upload.offset)


def end(upload: Upload) -> list[Drop]:
    """Return what forgets an upload."""
    fields = (ABOUT, OFFSET, KIND, *map(str, upload.pieces))
    return [Drop(_upload(upload.room, upload.id), field) for field in fields]


def _put(room: str, id: str, field: str, value: bytes) -> Put:
    return Put(_upload(room, id), field, value, LASTS, PIECES + 10)


def _file(room: str, id: str) -> str:
    """Return the name of a file's record. The room is in it: who may go into one room asks for nothing that
    is in another of the same partition."""
    return f"file:{room}:{id}"


def _upload(room: str, id: str) -> str:
    return f"upload:{room}:{id}"
