"""The people: who somebody is to the others, and what a name may be."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from chat.domain.refusals import Refused

NAME_MAX_CHARS = 40

# Control and format characters (which turn the direction of the text that follows, or are not seen), halves
# of characters, unassigned and private ones, line ends; and letters that show nothing.
NOT_SHOWN = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Format characters that writing needs: joiners between two others, in emoji and in several scripts; and the
# flags of England, Scotland and Wales.
NEEDED = re.compile(
    r"(?<=[^\s\u200c\u200d])[\u200c\u200d](?=[^\s\u200c\u200d])|\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"
)

MANNERS = (
    "Amber", "Brave", "Calm", "Clever", "Cosy", "Curious", "Dapper", "Eager", "Fond", "Gentle", "Glad",
    "Golden", "Happy", "Humble", "Jolly", "Keen", "Kind", "Lively", "Lucky", "Mellow", "Merry", "Nimble",
    "Patient", "Quiet", "Silver", "Sunny", "Swift", "Tidy", "Warm", "Witty",
)  # fmt: skip
ANIMALS = (
    "Badger", "Beaver", "Crane", "Dolphin", "Falcon", "Ferret", "Finch", "Fox", "Gecko", "Hare",
    "Hedgehog", "Heron", "Ibex", "Jay", "Koala", "Lark", "Lynx", "Magpie", "Marten", "Mole", "Otter",
    "Owl", "Panda", "Puffin", "Robin", "Seal", "Sparrow", "Stork", "Swan", "Wren",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A person as others see them; `id` tells two of the same name apart and is no secret."""

    id: str
    name: str

    @classmethod
    def named(cls, name: Any) -> "Person":
        """Return somebody new. Raises Refused if the name can't be."""
        return cls(secrets.token_hex(8), check_name(name))

    @classmethod
    def guest(cls) -> "Person":
        """Return somebody new with a made-up name, such as "Quiet Otter"."""
        return cls.named(f"{secrets.choice(MANNERS)} {secrets.choice(ANIMALS)}")


def clients_of(person: str) -> str:
    """Return the relay's group of all clients of a person who has a cookie."""
    return f"clients of {person}"


def check_name(name: Any) -> str:
    """Return the name, trimmed and in one form (NFC). Raises Refused."""
    if not isinstance(name, str):
        raise Refused("invalid", "A name is a text.")
    text = unicodedata.normalize("NFC", name.strip())
    if not text:
        raise Refused("empty", "Please give a name.", reason="name_empty")
    if len(text) > NAME_MAX_CHARS:
        detail = f"The name has {len(text)} characters; the most is {NAME_MAX_CHARS}."
        raise Refused("too_long", detail, reason="name_too_long", length=len(text), most=NAME_MAX_CHARS)
    if shown := unseen_character(text):
        detail = f"The name holds a character that can't be seen ({shown}). Leave it out."
        raise Refused("invalid", detail, reason="name_unseen_character", character=shown)
    if not has_substance(text):
        detail = "The name needs at least one letter, digit or sign."
        raise Refused("invalid", detail, reason="name_without_letter")
    return text


def unseen_character(text: str) -> str | None:
    """Return the first character that nobody sees, such as `U+0007`; None if each can be seen."""
    for char in NEEDED.sub("", text):
        if unicodedata.category(char) in NOT_SHOWN or char in BLANK:
            return f"U+{ord(char):04X}"
    return None


def has_substance(text: str) -> bool:
    """Return whether a text has a letter, a digit or a sign."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)
