"""The messages: what may become one, how it lies in the log, and how the wire shows it.

How long a text may be is a setting, MESSAGE_MAX_CHARS (see chat/settings.py).
"""

import json
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple

from relay import Entry, encode

from chat.domain.kinds import kind_named
from chat.domain.people import NAME_MAX_CHARS, Person
from chat.domain.refusals import Refused

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but newline and tab. Nobody sees them, and in JSON most take six bytes each. Without them a character
takes at most four bytes, and one of ASCII at most two."""

ANSWER_MAX_BYTES = 256 * 1024
"""How much of a history one answer holds: a page of the longest messages would be several times what a client
may leave unread (see relay.Options)."""

HERE = "@here"
"""What stands in the text of a message that calls whoever is in the room."""

MOST_MENTIONS = 20
"""People whom one message mentions."""


class Reply(NamedTuple):
    """The message that another one answers: its number, its id and its author."""

    seq: int
    id: str
    author: Person

    def wire(self) -> dict[str, Any]:
        """Return what the log keeps of it, as the wire has it."""
        author = {"id": self.author.id, "name": self.author.name}
        return {"seq": self.seq, "id": self.id, "author": author}


@dataclass(frozen=True)
class Draft:
    """A message on its way into a room's log, which gives it its number and its time. `mentions`: the people
    whom the text names after an @, under the names that it has. `here`: whether it calls whoever is in the
    room. `files`: as everybody is told of them."""

    id: str
    author: Person
    text: str
    mentions: tuple[Person, ...] = ()
    moderator: bool = False
    program: bool = False
    here: bool = False
    reply: Reply | None = None
    files: tuple[dict[str, Any], ...] = ()

    @classmethod
    def compose(
        cls,
        author: Person,
        text: Any,
        id: Any,
        max_chars: int,
        mentions: Any = None,
        *,
        moderator: bool = False,
        program: bool = False,
        here: Any = None,
        with_files: bool = False,
    ) -> "Draft":
        """Return the draft of what a client sent; without an `id`, it gets one. `with_files`: it has files,
        and may have no text. Raises Refused."""
        said = "" if with_files and text == "" else check_text(text, max_chars)
        return cls(
            id=check_id(secrets.token_urlsafe(12) if id is None else id),
            author=author,
            text=said,
            mentions=() if mentions is None else check_mentions(mentions, said),
            moderator=moderator,
            program=program,
            here=check_here(here, said),
        )

    @property
    def fingerprint(self) -> bytes:
        """What a client repeats that sends the message again."""
        ids = "".join(f"\n{each['id']}" for each in self.files)
        return (self.text + ids).encode()

    def data(self) -> bytes:
        """Return what the log keeps of it, on two lines: the text, and what there is to know besides. Both
        in JSON as the wire has them, so that no worker decodes and encodes them again for its members."""
        about = _about(self.author, self.moderator, self.program)
        more: dict[str, Any] = {}
        if self.mentions:
            more["mentions"] = named(self.mentions)
        if self.reply is not None:
            more["reply"] = self.reply.wire()
        if self.here:
            more["here"] = True
        if self.files:
            more["files"] = self.files
        if more:
            about = about[:-1] + b"," + encode(more)[1:]
        return encode(self.text) + b"\n" + about


@lru_cache(maxsize=1024)
def _about(author: Person, moderator: bool, program: bool) -> bytes:
    """Return the second line of a message's data. It is the same for all of an author's."""
    marks = {"moderator": True} if moderator else {"program": True} if program else {}
    # A copy, since what orjson returns holds 4 KiB, however short it is.
    return b"%b" % encode({"author": {"id": author.id, "name": author.name, **marks}})


def message_of(entry: Entry) -> dict[str, Any]:
    """Return the message object of the wire contract; `at` is in milliseconds since 1970. A message that was
    deleted has `deleted` instead of a text, and the entry that says so has `deletes`."""
    text, _, about = entry.data.rpartition(b"\n")
    said = {"text": json.loads(text)} if text else {}
    return {**place_of(entry), **said, **json.loads(about)}


def place_of(entry: Entry) -> dict[str, Any]:
    """Return what every entry has on the wire, whatever else it says."""
    return {"id": entry.id, "room": entry.room, "seq": entry.seq, "at": entry.at}


def response_of(entry: Entry) -> bytes:
    """Return the event by which an entry is delivered to a room's members. Its first argument is the text,
    which alone is what the guide's own page shows. By `epoch` a client finds out that its numbers belong to
    another log. An entry without a text has an event of its own; see kinds.py."""
    text, _, about = entry.data.rpartition(b"\n")
    # Written by hand, because every worker does this for every message, and a JSON encoder takes three
    # times as long.
    id, room, epoch = quoted(entry.id), quoted(entry.room), quoted(entry.epoch)
    place = f'"id":{id},"room":{room},"seq":{entry.seq},"at":{entry.at},"epoch":{epoch}}}]'
    rest = place.encode(errors="backslashreplace")  # as `encode` does
    if not text:
        return b'["%b",%b,%b' % (kind_named(about).event, about[:-1], rest)
    return b'["response",%b,%b,%b' % (text, about[:-1], rest)


def named(people: tuple[Person, ...]) -> list[dict[str, str]]:
    """Return people as the wire names them."""
    return [{"id": each.id, "name": each.name} for each in people]


def check_id(id: Any) -> str:
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise Refused("invalid", "A message's id is 1 to 64 letters, digits, hyphens or underscores.")
    return id


def check_mentions(mentions: Any, text: str) -> tuple[Person, ...]:
    """Return whom a text mentions, each once. Raises Refused."""
    if not isinstance(mentions, list) or len(mentions) > MOST_MENTIONS:
        detail = f"`mentions` is a list of at most {MOST_MENTIONS} people, each with id and name."
        raise Refused("invalid", detail, reason="mentions", most=MOST_MENTIONS)
    return tuple(dict.fromkeys(_mention(each, text) for each in mentions))


def _mention(mention: Any, text: str) -> Person:
    match mention:
        case {"id": str(id), "name": str(name)} if ID.fullmatch(id) and 0 < len(name) <= NAME_MAX_CHARS:
            if f"@{name}" in text:
                return Person(id, name)
    detail = "Each in `mentions` has the id of a person, and the name that stands in the text after an @."
    raise Refused("invalid", detail, reason="mentions", most=MOST_MENTIONS)


def check_here(here: Any, text: str) -> bool:
    """Return whether a text calls whoever is in the room. Raises Refused."""
    if here is None or here is False:
        return False
    if here is not True or HERE not in text:
        raise Refused("invalid", f"`here` is true or false, and where it is true the text has {HERE}.")
    return True


def check_text(text: Any, max_chars: int) -> str:
    """Return the text, with line ends as one newline each. Raises Refused."""
    if not isinstance(text, str):
        raise Refused("invalid", "A message is a text, and at most an object with room and id besides.")
    said: str = text.replace("\r\n", "\n")
    if not said.strip():
        raise Refused("empty", "The message is empty.")
    if len(said) > max_chars:
        detail = f"The message has {len(said)} characters; the most is {max_chars}."
        raise Refused("too_long", detail, length=len(said), most=max_chars)
    if found := CONTROLS.search(said):
        shown = f"U+{ord(found[0]):04X}"
        detail = f"The message holds a control character ({shown}). Leave it out."
        raise Refused("invalid", detail, reason="control_character", character=shown)
    try:
        said.encode()
    except UnicodeEncodeError:
        detail = "The message holds half of a character (a lone surrogate)."
        raise Refused("invalid", detail, reason="half_character") from None
    return said
